"""医保 异地就医备案撤销: withdraws a filing that there is, at once or not at all; out of the journey that found it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from kiosk import receipts
from kiosk.contract.live import RemoteCareWithdrawal
from kiosk.contract.queries import Filing
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Filed, Paper, Whom
from kiosk.identity import Person
from kiosk.journeys.applicant import who
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.pages import Confirm, Done, Option, Row
from kiosk.regions import place_name
from kiosk.remote_care import RemoteCare
from kiosk.texts import _, sentences

AGAIN = "ask-again"


async def withdraw(desk: Desk, person: Person, filing: Filing, rules: RemoteCare) -> None:
    """One answer, and the paper. Raises Left and Unavailable; then nothing was withdrawn."""
    whom: Whom = "self" if person.agent is None else "other"
    person = await desk.identify(level=2, whom=whom, at_once=True)
    await desk.ask(confirm(person, filing))
    filed = await desk.submit(
        RemoteCareWithdrawal(
            person=person.reference,
            shown=person.shown,
            check=person.proven,
            witness=person.witness,
            agent=person.agent,
            entry=filing.number,
            intent=f"{desk.now:%Y-%m-%d} withdraw"[:64],
        ),
        receipt=partial(slip, person, filing, rules),
        live=True,
    )
    first = filed.state
    while (
        await with_paper(
            desk,
            partial(done, person, filing, filed, rules, changed=filed.state != first),
            partial(slip, person, filing, rules, filed),
            label=_("打一张凭条"),
            of=filed,
            family=partial(for_family, person, filing, rules, filed),
        )
        == AGAIN
    ):
        filed = await desk.ask_again(filed)


# -- the pages -----------------------------------------------------------------------------------------------------


def confirm(person: Person, filing: Filing) -> Confirm:
    return Confirm(
        name="confirm-withdrawal",
        question=_("取消这条备案吗？"),
        rows=rows(person, filing),
        notes=(_("取消以后，在那边看病不能直接报销，以后要去再来备案。"),),
        action=_("取消这条备案"),
    )


def done(
    person: Person,
    filing: Filing,
    filed: Filed,
    rules: RemoteCare,
    paper: Paper | None,
    offer: Offer,
    *,
    changed: bool = False,
) -> Done:
    """``changed``: something else was known when the first paper was printed."""
    again = (Option(value=AGAIN, label=_("再问一次"), icon="refresh"),) if filed.state == "unsure" else ()
    page = end_of_matter(
        filed,
        state=receipts.at_once_in_words(filed.state),
        person=person,
        lines=(what_became(filed, rules),),
        rows=rows(person, filing),
        next_steps=steps(filed, rules),
        paper=paper,
        offer=(*again, *offer),
    )
    if changed and paper is not None and paper.outcome == "printed" and not paper.copy:
        return replace(page, paper=_("刚才那张凭条还不知道结果，可以补打一张"))
    return page


def slip(person: Person, filing: Filing, rules: RemoteCare, filed: Filed) -> receipts.Receipt:
    return receipts.at_once(
        service=_("异地就医备案取消"),
        rows=rows(person, filing),
        outcome=filed,
        next_steps=_in_sentences(filed, rules),
    )


def for_family(person: Person, filing: Filing, rules: RemoteCare, filed: Filed) -> receipts.Receipt:
    """For whoever goes along: which filing it was."""
    return receipts.for_family(
        service=_("异地就医备案取消"),
        who=rows(person, filing),
        outcome=filed,
        state=receipts.at_once_in_words(filed.state),
        next_steps=_in_sentences(filed, rules),
    )


def rows(person: Person, filing: Filing) -> tuple[Row, ...]:
    """Surname and last four; the authority's number says which it was."""
    return (
        *who(person),
        Row(label=_("就医地"), value=place_name(filing.place)),
        Row(label=_("开始日期"), value=day_in_words(filing.begin)),
        Row(label=_("取消的受理号"), value=filing.number),
    )


def _in_sentences(filed: Filed, rules: RemoteCare) -> str:
    return sentences((what_became(filed, rules), *steps(filed, rules)))


def what_became(filed: Filed, rules: RemoteCare) -> str:
    """The authority's words, or what is known without them; of what is not known, what to do."""
    if filed.matter is not None and filed.matter.text:
        return receipts.in_their_words(filed.matter.text)
    match filed.state:
        case "decided":
            return _("备案已经取消了。")
        case "declined":
            return _("没有取消成，备案还在。")
    words = _("医保那边还没有回音，可能取消了，也可能没有。先不要再办，过一会儿在“我的办件”里看，或打 {hotline}。")
    return words.format(hotline=rules.hotline)


def steps(filed: Filed, rules: RemoteCare) -> tuple[str, ...]:
    """What the person can do where it is known."""
    match filed.state:
        case "decided":
            return (_("以后要去那边看病，先来备案。"),)
        case "declined":
            return (_("不明白的，打 {hotline} 问一问，或者到服务台问。").format(hotline=rules.hotline),)
        case _:
            return ()
