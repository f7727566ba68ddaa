"""登记、申请: a matter of the catalogue that goes to an authority, as its entry says: ``[item.filing]``.

For oneself, a child or another of the family, at an insured place that is asked; what speaks against it is told before
anything is asked; the entry's fields, papers or a promise, telephone, confirm. What becomes of it is the authority's
word alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kiosk import receipts
from kiosk.contract.filing_basis import FilingBasisOf
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Agent, PersonReference, ShownBy
from kiosk.desk import Desk, Filed, Paper
from kiosk.filing_rules import FilingRules
from kiosk.identity import Person, grouped, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.applicant import applicant
from kiosk.journeys.backing import Backed, ask_backing, ask_backing_of_child, paper_in_words, papers_wanted
from kiosk.journeys.before_filing import ask_insured_place, check_before_asking
from kiosk.journeys.child import ask_child
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.fields import Answered, ask_fields, values
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.telephone import Telephone, telephone_to_call
from kiosk.pages import Confirm, Done, Row
from kiosk.regions import place_name
from kiosk.texts import _, sentences


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Whom it is for, and how it is known who that is. ``standing``: whose check it is, the person or a guardian."""

    person: PersonReference
    standing: Person
    agent: Agent | None
    shown: ShownBy


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the person chose, before it is confirmed. ``offline``: it cannot be submitted at once."""

    item: Item
    rules: FilingRules
    whom: Whom
    place: str
    answers: tuple[Answered, ...]
    backed: Backed
    telephone: Telephone
    offline: bool


async def filing(desk: Desk, item: Item, rules: FilingRules, places: tuple[str, ...]) -> None:
    """At most eight answers after the card. ``places``: those that the centre sees most."""
    whom, first = await _for_whom(desk, item, rules, places)
    standing = whom.standing
    place = await ask_insured_place(desk, rules, standing)
    basis = await desk.find(
        FilingBasisOf(
            person=whom.person,
            item=item.code,
            authority=rules.authority,
            place=place,
            applicant=standing.reference if whom.shown == "papers" else None,
        )
    )
    if basis is not None:
        await check_before_asking(desk, rules, place, basis, standing)
    rest = item.field[len(first) :]
    answers = (*first, *await ask_fields(desk, rest, places, before=first, at=place))
    papers = papers_wanted(item, values(answers))
    can_send = basis is not None
    if whom.shown == "papers":
        backed = await ask_backing_of_child(desk, papers, whom.person, standing, can_send=can_send)
    else:
        backed = await ask_backing(desk, papers, rules.promise, standing, can_send=can_send)
    on_record = None if basis is None else basis.telephone
    telephone = await telephone_to_call(desk, on_record, hint=_("有要问的，会打这个电话。"))
    draft = Draft(
        item=item,
        rules=rules,
        whom=whom,
        place=place,
        answers=answers,
        backed=backed,
        telephone=telephone,
        offline=basis is None or standing.proven == "owed",
    )
    await desk.ask(confirm(draft))
    filed = await desk.submit(act_of(desk, draft), receipt=partial(slip, draft))
    await with_paper(
        desk,
        partial(done, draft, filed),
        partial(slip, draft, filed),
        label=_("打一张凭条"),
        of=filed,
        family=partial(for_family, draft, filed),
    )


def act_of(desk: Desk, draft: Draft) -> ServiceFiling:
    """What is recorded."""
    whom, standing = draft.whom, draft.whom.standing
    return ServiceFiling(
        person=whom.person,
        item=draft.item.code,
        authority=draft.rules.authority,
        insured_place=draft.place,
        answers=tuple(answer.recorded for answer in draft.answers),
        telephone=draft.telephone.typed,
        shown=whom.shown,
        check=standing.proven,
        witness=draft.backed.witness,
        agent=whom.agent,
        backing=draft.backed.how,
        promise=draft.backed.promise,
        papers=draft.backed.uploads,
        intent=f"{desk.now:%Y-%m-%d} {draft.item.code}"[:64],
    )


async def _for_whom(
    desk: Desk, item: Item, rules: FilingRules, places: tuple[str, ...]
) -> tuple[Whom, tuple[Answered, ...]]:
    """Known by their cards; and the first field's answer, where that is what says for whom."""
    first: tuple[Answered, ...] = ()
    answer = ""
    if rules.child is not None:
        first = tuple(await ask_fields(desk, item.field[:1], places))
        answer = first[0].value
    if rules.for_another:
        standing = await applicant(desk, level=2)
    else:
        standing = await desk.identify(level=2, whom="other" if answer in rules.relatives else "self")
    if rules.child is None or answer not in rules.child.answers:
        return Whom(person=standing.reference, standing=standing, agent=standing.agent, shown=standing.shown), first
    child = await ask_child(desk, rules.child, standing)
    agent = Agent(person=standing.reference, relation="parent", shown=standing.shown)
    return Whom(person=child, standing=standing, agent=agent, shown="papers"), first


# -- the pages -----------------------------------------------------------------------------------------------------


def confirm(draft: Draft) -> Confirm:
    return Confirm(
        name="confirm",
        question=_("请看一遍，都对吗？"),
        rows=(
            Row(label=_("要办的事"), value=_(draft.item.official)),
            *rows(draft, to_check=True),
        ),
        notes=(sentences((_("现在连不上那边。"), _kept_until(draft))), _(draft.rules.urgent)) if draft.offline else (),
        action=_("没错，登记") if draft.offline else _("没错，提交"),
    )


def done(draft: Draft, filed: Filed, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.state_in_words(filed.state, filed.why_declined),
        person=draft.whom.standing,
        lines=(what_next(draft, filed),),
        rows=rows(draft),
        next_steps=steps(draft, filed),
        paper=paper,
        offer=offer,
    )


def slip(draft: Draft, filed: Filed) -> receipts.Receipt:
    """With what is to be brought, to be ticked off; without anything that tells of an illness."""
    return receipts.filed(
        service=draft.item.on_paper,
        rows=rows(draft),
        parts=_to_bring(draft, filed),
        outcome=filed,
        next_steps=sentences((what_next(draft, filed), *steps(draft, filed))),
        closing=tuple(_(line) for line in draft.rules.closing),
    )


def for_family(draft: Draft, filed: Filed) -> receipts.Receipt:
    """For whoever looks after the person, with as little of an illness as the receipt itself."""
    return receipts.for_family(
        service=draft.item.on_paper,
        who=_who(draft.whom),
        outcome=filed,
        state=receipts.state_in_words(filed.state, filed.why_declined),
        next_steps=sentences((what_next(draft, filed), *steps(draft, filed))),
        parts=_to_bring(draft, filed),
    )


def _to_bring(draft: Draft, filed: Filed) -> tuple[receipts.Part, ...]:
    bring = tuple(map(paper_in_words, draft.backed.papers)) if _to_the_desk(draft, filed) else ()
    return (receipts.Part(title=_("要带的东西"), lines=bring, mark="□ "),) if bring else ()


def rows(draft: Draft, *, to_check: bool = False) -> tuple[Row, ...]:
    """What page and paper show alike: surnames and the last four of numbers, no illness. What is ``to_check`` before it
    is recorded stands there whole, as it was answered and typed."""
    whom, telephone, pictures = draft.whom, draft.telephone, draft.backed.uploads
    return (
        *(_whole(whom) if to_check and whom.shown == "papers" else _who(whom)),
        Row(label=_("参保地"), value=place_name(draft.place)),
        *(answer.row for answer in draft.answers if to_check or not answer.field.discreet),
        *((Row(label=_("材料"), value=_("手机传了 {n} 张").format(n=len(pictures))),) if pictures else ()),
        Row(label=_("联系电话"), value=telephone.to_check if to_check else telephone.shown),
    )


def _who(whom: Whom) -> tuple[Row, ...]:
    return (_masked(_("申请人"), whom.person), *_agent(whom))


def _whole(whom: Whom) -> tuple[Row, ...]:
    """Somebody whose number and name were typed."""
    person = whom.person
    return (
        Row(label=_("申请人"), value=person.name),
        Row(label=_("身份证号"), value=grouped(person.number)),
        *_agent(whom),
    )


def _agent(whom: Whom) -> tuple[Row, ...]:
    return (_masked(_("代办人"), whom.agent.person),) if whom.agent is not None else ()


def _masked(label: str, person: PersonReference) -> Row:
    return Row(label=label, value=f"{masked_name(person.name)}  {tail(person.number)}")


def what_next(draft: Draft, filed: Filed) -> str:
    """One sentence on what happens to it."""
    if filed.matter is not None and filed.matter.text:
        return receipts.in_their_words(filed.matter.text)
    if filed.state == "sent":
        return _(draft.rules.decides)
    if filed.state in ("decided", "declined", "papers wanted"):
        return receipts.outcome_without_words(filed.state, draft.rules.authority)
    return sentences((_kept_until(draft), "" if draft.whom.standing.proven == "owed" else _(draft.rules.decides)))


def steps(draft: Draft, filed: Filed) -> list[str]:
    """What the person can do from here, in order."""
    hotline = draft.rules.hotline
    if filed.never_sent:
        return [_("不明白的，请到服务台问一下，看还能怎么办。"), _(draft.rules.urgent)]
    if filed.state == "declined":
        return [_("不明白的，打 {hotline} 问一问，或者到服务台问。").format(hotline=hotline)]
    todo = [_("请把要补的材料交到服务台。")] if filed.state == "papers wanted" else []
    todo += [_("请把材料交到服务台。")] if _to_the_desk(draft, filed) else []
    todo += [_(line) for line in draft.rules.after]
    if filed.state == "kept":
        todo.append(_(draft.rules.urgent))
    return todo if filed.state == "decided" else [*todo, _("结果在任何一台自助终端“我的办件”里看。")]


def _to_the_desk(draft: Draft, filed: Filed) -> bool:
    return draft.backed.how == "desk" and filed.state in ("kept", "sent")


def _kept_until(draft: Draft) -> str:
    """Why it is not submitted yet, and who has to do what."""
    standing = draft.whom.standing
    if standing.proven != "owed":
        return _("先登记，联网后我们替您提交。")
    if standing.agent is not None:
        return _("先登记，联网后给本人医保里留的手机发短信，本人确认了再提交。")
    return _("先登记，联网后给您医保里留的手机发短信，您确认了再提交。")
