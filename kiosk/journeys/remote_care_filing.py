"""医保 异地就医备案, for oneself: check before asking, kind, place, dates, proof or promise, telephone, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from kiosk import receipts
from kiosk.contract.acts import FilingKind, Promise, Proof
from kiosk.contract.queries import Filing, Filings, FilingsOf
from kiosk.contract.remote_care import RemoteCareFiling2
from kiosk.dates import day_in_words, months_later
from kiosk.desk import Desk, Filed, Left, Paper
from kiosk.identity import Person, grouped_phone, masked_name, masked_phone, tail
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.places import choose_place
from kiosk.journeys.telephone import a_telephone
from kiosk.pages import Choose, ChooseDay, Confirm, Done, Notice, Option, Row
from kiosk.regions import place_in_sentence, place_name
from kiosk.remote_care import KindOfFiling, RemoteCare
from kiosk.texts import _, sentences


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the person chose, before it is confirmed."""

    person: Person
    kind: KindOfFiling
    place: str
    begin: date
    end: date | None
    proof: Proof
    telephone: str | None
    shown_telephone: str


async def remote_care_filing(desk: Desk, rules: RemoteCare) -> None:
    """At most eight answers after the card."""
    person = await desk.identify(level=2)
    reference = person.reference
    before = await desk.find(FilingsOf(person=reference))
    if before is not None:
        await _check_before_asking(desk, before, rules)
    kind = rules.kind(await desk.ask(choose_kind(rules)))
    place = await desk.ask(
        choose_place("place", _("要去哪里看病？"), _("选到市就可以，不用选医院。"), rules.common_places)
    )
    if before is not None:
        await _check_the_place(desk, before, place)
    begin, end = await _dates(desk, kind)
    proof = await desk.ask(proof_or_promise(kind, rules)) if kind.needs_proof else "none"
    telephone, shown = await _telephone(desk, before)
    draft = Draft(
        person=person,
        kind=kind,
        place=place,
        begin=begin,
        end=end,
        proof=proof,
        telephone=telephone,
        shown_telephone=shown,
    )
    await desk.ask(confirm(draft, before, rules))
    filed = await desk.submit(
        RemoteCareFiling2(
            person=reference,
            filing=FilingKind(kind.code),
            place=place,
            begin=begin,
            end=end,
            proof=proof,
            promise=Promise(version=rules.promise.version, sha256=rules.promise.sha256) if proof == "promise" else None,
            telephone=telephone,
            shown=person.shown,
            check=person.proven,
            witness=person.witness,
            agent=person.agent,
            intent=f"{desk.now:%Y-%m-%d} {FilingKind(kind.code)} {place}",
        ),
        receipt=partial(slip, draft, rules),
    )
    await with_paper(
        desk,
        partial(done, draft, filed, rules),
        partial(slip, draft, rules, filed),
        label=_("打一张凭条"),
        of=filed,
    )


async def _check_before_asking(desk: Desk, before: Filings, rules: RemoteCare) -> None:
    """Says what speaks against filing, and lets the person decide. Raises Left when they leave it."""
    earlier = next((filing for filing in before.filings if filing.state != "ended"), None)
    if before.status != "1":
        page = not_insured(before, rules)
    elif earlier is not None:
        page = filed_already(earlier)
    else:
        return
    if await desk.ask(page) == "leave":
        raise Left("cancelled")


async def _check_the_place(desk: Desk, before: Filings, place: str) -> None:
    """The same place twice helps nobody: says what there is, and lets the person decide. Raises Left."""
    there = next((filing for filing in before.filings if filing.place == place and filing.state != "ended"), None)
    if there is not None and await desk.ask(filed_there(there)) == "leave":
        raise Left("cancelled")


async def _dates(desk: Desk, kind: KindOfFiling) -> tuple[date, date | None]:
    today = desk.now.date()
    begin = await desk.ask(
        ChooseDay(
            name="begin",
            question=_("从哪天开始？"),
            hint=_("长期的只选开始那天，不用选结束。") if kind.min_months is None else _("选您去看病的那天。"),
            first=today,
            last=today + timedelta(days=kind.begin_within_days),
            likely=(Option(value=today, label=_("今天")), Option(value=today + timedelta(days=1), label=_("明天"))),
        )
    )
    if kind.min_months is None:
        return begin, None
    ends = [months_later(begin, months) for months in (kind.min_months, 2 * kind.min_months)]
    end = await desk.ask(
        Choose(
            name="end",
            question=_("到什么时候？"),
            hint=_("至少 {months} 个月，提前回来也不要紧。").format(months=kind.min_months),
            options=tuple(
                Option(
                    value=day,
                    label=_("{months} 个月").format(months=months),
                    note=_("到 {day}").format(day=day_in_words(day)),
                )
                for day, months in zip(ends, (kind.min_months, 2 * kind.min_months), strict=True)
            ),
        )
    )
    return begin, end


async def _telephone(desk: Desk, before: Filings | None) -> tuple[str | None, str]:
    """The number to call, and as it is shown. None: the one on record, which only central knows in full."""
    on_record = before.telephone if before is not None else None
    if on_record is not None and await desk.ask(confirm_telephone(on_record)) == "keep":
        return None, on_record
    typed = await a_telephone(desk, hint=_("要补材料时，会打这个电话。"))
    return typed, masked_phone(typed)


# -- the pages -----------------------------------------------------------------------------------------------------


def not_insured(before: Filings, rules: RemoteCare) -> Notice:
    return Notice(
        name="not-insured",
        icon="alert-circle-outline",
        question=_("没有查到您的医保登记") if before.status is None else _("您的医保现在不是正常状态"),
        hint=_("这时候备案，看病还是不能直接报销。请先打 {hotline} 问一下。").format(hotline=rules.hotline),
        actions=(
            Option(value="leave", label=_("先不办了"), icon="home", primary=True),
            Option(value="go-on", label=_("还是要备案")),
        ),
    )


def filed_already(filing: Filing) -> Notice:
    return Notice(
        name="filed-already",
        icon="clipboard-check-outline",
        mood="plain",
        question=_("您已经有一条备案") if filing.state == "in force" else _("您有一条备案在等审核"),
        lines=_what_there_is(filing),
        actions=(
            Option(value="leave", label=_("不用再办了"), icon="home", primary=True),
            Option(value="go-on", label=_("要去别的地方"), icon="map-marker-outline"),
        ),
    )


def filed_there(filing: Filing) -> Notice:
    return Notice(
        name="filed-there",
        icon="map-marker-check-outline",
        mood="plain",
        question=_("这个地方已经备案过了") if filing.state == "in force" else _("这个地方已经提交过了"),
        lines=_what_there_is(filing),
        actions=(
            Option(value="leave", label=_("不用再办了"), icon="home", primary=True),
            Option(value="go-on", label=_("还是要再办一次")),
        ),
    )


def _what_there_is(filing: Filing) -> tuple[str, ...]:
    """What the authority says of a filing; that it need not be made again only where it is in force."""
    what = _("{place}，{begin}起。").format(place=place_in_sentence(filing.place), begin=day_in_words(filing.begin))
    if filing.state == "in force":
        return what, _("去这个地方看病，不用再办。要取消，请到服务台。")
    return what, _("已经提交，等医保部门审核，先不用再办。")


def choose_kind(rules: RemoteCare) -> Choose[str]:
    return Choose(
        name="kind",
        question=_("您是哪种情况？"),
        hint=_("急诊抢救不用先备案。"),
        options=tuple(
            Option(value=kind.code, label=_(kind.label), note=_(kind.example), icon=kind.icon) for kind in rules.kinds
        ),
    )


def proof_or_promise(kind: KindOfFiling, rules: RemoteCare) -> Choose[Proof]:
    desk: Option[Proof] = Option(
        value="desk",
        label=_("有证明，交到服务台"),
        icon="file-document-outline",
        note=_(kind.papers),
    )
    if not kind.may_promise:
        return Choose(
            name="proof",
            question=_("转诊要有医院开的转诊单"),
            hint=_("登记好以后，请把转诊单交到服务台。"),
            options=(desk,),
        )
    promise: Option[Proof] = Option(
        value="promise", label=_("没有，我承诺情况属实"), icon="hand-back-left-outline", primary=True
    )
    return Choose(
        name="proof",
        question=_("有住在那边的证明吗？"),
        hint=_("没有也能办，看一遍下面的话再承诺。"),
        body=tuple(_(paragraph) for paragraph in rules.promise.paragraphs),
        options=(promise, desk),
    )


def confirm_telephone(on_record: str) -> Choose[str]:
    return Choose(
        name="confirm-telephone",
        question=_("用这个号码 {telephone}？").format(telephone=on_record),
        hint=_("要补材料时，会打这个电话。"),
        options=(
            Option(value="keep", label=_("对，用这个"), icon="check", primary=True),
            Option(value="other", label=_("换一个"), icon="cellphone"),
        ),
    )


def confirm(draft: Draft, before: Filings | None, rules: RemoteCare) -> Confirm:
    owed = draft.person.proven == "owed"
    offline = before is None or owed
    notes = (
        (
            _("现在没有网络：先登记，联网后给您医保里留的手机发短信，您确认了再提交。")
            if owed
            else _("现在没有网络：先登记，联网后替您提交。"),
            _("着急住院的，现在就打 {hotline}，或用国家医保服务平台 App 备案。").format(hotline=rules.hotline),
        )
        if offline
        else ()
    )
    return Confirm(
        name="confirm",
        question=_("请看一遍，都对吗？"),
        rows=rows(draft, telephone=draft.telephone),
        notes=notes,
        action=_("没错，登记") if offline else _("没错，提交"),
    )


def done(draft: Draft, filed: Filed, rules: RemoteCare, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.state_in_words(filed.state),
        person=draft.person,
        lines=(what_next(draft, filed),),
        rows=rows(draft),
        next_steps=steps(draft, filed, rules),
        paper=paper,
        offer=offer,
    )


def slip(draft: Draft, rules: RemoteCare, filed: Filed) -> receipts.Receipt:
    return receipts.filed(
        service=_("异地就医备案"),
        rows=rows(draft),
        outcome=filed,
        next_steps=sentences((what_next(draft, filed), *steps(draft, filed, rules))),
        closing=(_("看病时带社保卡或医保码"),),
    )


def rows(draft: Draft, telephone: str | None = None) -> tuple[Row, ...]:
    """What page and paper show alike: surname and last four of the number, no illness.

    ``telephone`` is one that was typed and has to be checked: it stands there whole.
    """
    begin = _("{day}起，长期").format(day=day_in_words(draft.begin))
    return (
        Row(label=_("申请人"), value=f"{masked_name(draft.person.name)}  {tail(draft.person.number)}"),
        Row(label=_("类型"), value=_(draft.kind.label)),
        Row(label=_("就医地"), value=place_name(draft.place)),
        Row(label=_("开始日期"), value=begin if draft.end is None else day_in_words(draft.begin)),
        *((Row(label=_("结束日期"), value=day_in_words(draft.end)),) if draft.end is not None else ()),
        Row(label=_("联系电话"), value=grouped_phone(telephone) if telephone else draft.shown_telephone),
    )


def what_next(draft: Draft, filed: Filed) -> str:
    """One sentence on what happens to the filing."""
    if filed.matter is not None and filed.matter.text:
        return filed.matter.text.rstrip("。") + "。"
    if filed.state == "sent":
        return _("由医保部门审核。要补材料时，会打您留的电话。")
    if draft.person.check == "owed":
        return _("联网后给您医保里留的手机发短信，您确认了，我们再替您提交。")
    return _("我们会替您提交，由医保部门审核。要补材料时，会打您留的电话。")


def steps(draft: Draft, filed: Filed, rules: RemoteCare) -> list[str]:
    """What the person can do from here, in order."""
    todo = [_("结果在任何一台自助终端“我的办件”里看。")]
    if draft.proof == "desk":
        todo.insert(0, _("请把证明材料交到服务台。"))
    if filed.state != "sent":
        todo.append(_("着急住院，现在就打 {hotline}。").format(hotline=rules.hotline))
    return todo
