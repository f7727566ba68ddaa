"""医保 异地就医备案, for oneself or another: what there is, kind, place, dates, proof or promise, telephone, confirm.

A promise is the person's own. Who acts for them brings papers, or a worker says that the person promised.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from kiosk import receipts
from kiosk.contract.acts import FilingKind, Promise, Proof
from kiosk.contract.identity import Witness
from kiosk.contract.queries import Filing, Filings, FilingsOf
from kiosk.contract.remote_care import RemoteCareFiling3
from kiosk.contract.uploads import PapersWanted, WantedPaper
from kiosk.dates import day_in_words, months_later
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import Person, masked_name
from kiosk.journeys.applicant import applicant, who
from kiosk.journeys.bring_papers import bring_papers
from kiosk.journeys.earlier_filings import check_the_place, settle
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.papers import papers_by_telephone
from kiosk.journeys.places import choose_place
from kiosk.journeys.remote_care_withdrawal import withdraw
from kiosk.journeys.telephone import Telephone, telephone_to_call
from kiosk.pages import Choose, ChooseDay, Confirm, Done, Option, Row
from kiosk.regions import place_name
from kiosk.remote_care import KindOfFiling, RemoteCare
from kiosk.texts import _, sentences


@dataclass(frozen=True, kw_only=True)
class Backing:
    """What stands behind it: a promise or papers, the pictures of those that a telephone sent, and the worker who
    vouches, for whatever it is."""

    proof: Proof
    witness: Witness | None
    pictures: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the person chose, before it is confirmed."""

    person: Person
    insured_place: str | None
    """As central says it; None: it could not be asked, or knows of none."""
    changes: Filing | None
    kind: KindOfFiling
    place: str
    begin: date
    end: date | None
    backing: Backing
    telephone: Telephone


Chosen = Proof | Literal["upload"]
"""What somebody chooses on the page of the proof."""

BRING = "bring-papers"


async def remote_care_filing(desk: Desk, rules: RemoteCare, *, own: bool = False) -> None:
    """At most eight answers beside the card. ``own``: it is known to be for whoever stands here."""
    person = await (desk.identify(level=2) if own else applicant(desk, level=2))
    before = await desk.find(FilingsOf(person=person.reference))
    rules = rules.at(before.insured_place if before is not None else None)
    wish, earlier = await settle(desk, person, before, rules) if before is not None else ("new", None)
    if wish == "withdraw" and earlier is not None:
        await withdraw(desk, person, earlier, rules)
        return
    kind = rules.kind(await desk.ask(choose_kind(person, rules)))
    place = await desk.ask(
        choose_place("place", _("要去哪里看病？"), _("选到市就可以，不用选医院。"), rules.common_places)
    )
    if before is not None:
        await check_the_place(desk, before, kind, place, earlier, rules)
    begin, end = await _dates(desk, kind)
    backing = await _proof(desk, person, kind, rules, can_send=before is not None)
    on_record = before.telephone if before is not None else None
    telephone = await telephone_to_call(desk, on_record, hint=_("要补材料时，会打这个电话。"))
    draft = Draft(
        person=person,
        insured_place=before.insured_place if before is not None else None,
        changes=earlier,
        kind=kind,
        place=place,
        begin=begin,
        end=end,
        backing=backing,
        telephone=telephone,
    )
    await desk.ask(confirm(draft, before, rules))
    filed = await desk.submit(
        RemoteCareFiling3(
            person=person.reference,
            filing=FilingKind(kind.code),
            place=place,
            begin=begin,
            end=end,
            proof=backing.proof,
            promise=_promised(rules) if backing.proof == "promise" else None,
            papers=backing.pictures,
            telephone=telephone.typed,
            shown=person.shown,
            check=person.proven,
            witness=backing.witness,
            changes=earlier.number if earlier is not None else None,
            agent=person.agent,
            intent=f"{desk.now:%Y-%m-%d} {FilingKind(kind.code)} {place}",
        ),
        receipt=partial(slip, draft, rules),
    )
    answer = await with_paper(
        desk,
        partial(done, draft, filed, rules),
        partial(slip, draft, rules, filed),
        label=_("打一张凭条"),
        of=filed,
        family=partial(for_family, draft, rules, filed),
    )
    if answer == BRING:
        matter = PapersWanted(record=filed.id, number=filed.number, text=kind.papers)
        await bring_papers(desk, person, matter, _("异地就医备案"))


async def _proof(desk: Desk, person: Person, kind: KindOfFiling, rules: RemoteCare, *, can_send: bool) -> Backing:
    """Asks what stands behind it; ``can_send``: a telephone can. Raises Left."""
    if not kind.needs_proof:
        return Backing(proof="none", witness=person.witness)
    chosen: Chosen = "desk"
    if kind.may_promise:
        page = proof_or_promise(person, kind, rules, can_send=can_send, can_vouch=desk.can_vouch)
        while (chosen := await desk.ask(page)) == "promise":
            witness = person.witness if person.agent is None else await desk.witness(person)
            if person.agent is None or witness is not None:
                return Backing(proof="promise", witness=witness)
    wanted = (WantedPaper(code="proof", label=_(kind.papers)),)
    pictures = await papers_by_telephone(desk, wanted) if chosen == "upload" else ()
    return Backing(proof="desk", witness=person.witness, pictures=pictures)


def _promised(rules: RemoteCare) -> Promise:
    return Promise(version=rules.promise.version, sha256=rules.promise.sha256)


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


# -- the pages -----------------------------------------------------------------------------------------------------


def choose_kind(person: Person, rules: RemoteCare) -> Choose[str]:
    urgent = _("急诊抢救不用先备案。")
    for_whom = _("给{name}办。").format(name=masked_name(person.name))
    return Choose(
        name="kind",
        question=_("您是哪种情况？") if person.agent is None else _("是哪种情况？"),
        hint=urgent if person.agent is None else sentences((for_whom, urgent)),
        options=tuple(
            Option(value=kind.code, label=_(kind.label), note=_(kind.example), icon=kind.icon) for kind in rules.kinds
        ),
    )


def proof_or_promise(
    person: Person, kind: KindOfFiling, rules: RemoteCare, *, can_send: bool = True, can_vouch: bool = True
) -> Choose[Chosen]:
    """``can_vouch``: a worker can say here that the person promised; without one, who acts for them brings papers."""
    ways = _ways(kind, can_send=can_send)
    if person.agent is not None and not can_vouch:
        return Choose(name="proof", question=_("这件事要交下面的材料"), body=(_(kind.papers),), options=ways)
    promise: Option[Chosen] = Option(
        value="promise", label=_("没有，我承诺情况属实"), icon="hand-back-left-outline", primary=True
    )
    if person.agent is not None:
        promise = Option(
            value="promise",
            label=_("没有，本人承诺过，请工作人员作证"),
            icon="account-tie",
            note=_("承诺只能本人做，别人不能替"),
        )
    return Choose(
        name="proof",
        question=_("有住在那边的证明吗？"),
        hint=_("没有也能办，看一遍下面的话再承诺。"),
        body=tuple(_(paragraph) for paragraph in rules.promise.paragraphs),
        options=(promise, *ways),
    )


def _ways(kind: KindOfFiling, *, can_send: bool) -> tuple[Option[Chosen], ...]:
    note = _(kind.papers)
    upload: Option[Chosen] = Option(value="upload", label=_("有证明，用手机拍照上传"), icon="cellphone", note=note)
    desk: Option[Chosen] = Option(value="desk", label=_("有证明，交到服务台"), icon="file-document-outline", note=note)
    return (upload, desk) if can_send else (desk,)


def confirm(draft: Draft, before: Filings | None, rules: RemoteCare) -> Confirm:
    owed = draft.person.proven == "owed"
    offline = before is None or owed
    notes = (
        (
            _when_online(draft.person),
            _("着急住院的，现在就打 {hotline}，或用国家医保服务平台 App 备案。").format(hotline=rules.hotline),
        )
        if offline
        else ()
    )
    if not draft.kind.may_promise and not draft.backing.pictures:
        notes = (_("登记好以后，请把{papers}交到服务台。").format(papers=_(draft.kind.papers)), *notes)
    if (locked := draft.kind.locked_months) is not None:
        notes = (_("备案后 {months} 个月内不能改。").format(months=locked), *notes)
    if draft.changes is not None:
        notes = (_("医保部门收下以后，原来那条备案就不算了。"), *notes)
    return Confirm(
        name="confirm",
        question=_("请看一遍，都对吗？"),
        rows=rows(draft, to_check=True),
        notes=notes,
        action=_("没错，登记") if offline else _("没错，提交"),
    )


def _when_online(person: Person) -> str:
    if person.proven != "owed":
        return _("现在连不上医保那边：先登记，连上以后替您提交。")
    if person.agent is not None:
        return _("现在连不上医保那边：先登记，连上以后给本人医保里留的手机发短信，本人确认了再提交。")
    return _("现在连不上医保那边：先登记，连上以后给您医保里留的手机发短信，您确认了再提交。")


def done(draft: Draft, filed: Filed, rules: RemoteCare, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.state_in_words(filed.state, filed.why_declined),
        person=draft.person,
        lines=(what_next(draft, filed),),
        rows=rows(draft),
        next_steps=steps(draft, filed, rules),
        paper=paper,
        offer=(*_bring(draft, filed), *offer),
    )


def _bring(draft: Draft, filed: Filed) -> Offer:
    """Papers that were to be brought to the desk can be photographed as soon as the authority has the filing."""
    if filed.state != "sent" or not _to_the_desk(draft):
        return ()
    return (Option(value=BRING, label=_("用手机传材料"), icon="cellphone"),)


def _to_the_desk(draft: Draft) -> bool:
    return draft.backing.proof == "desk" and not draft.backing.pictures


def slip(draft: Draft, rules: RemoteCare, filed: Filed) -> receipts.Receipt:
    return receipts.filed(
        service=_("异地就医备案"),
        rows=rows(draft),
        outcome=filed,
        next_steps=sentences((what_next(draft, filed), *steps(draft, filed, rules))),
    )


def for_family(draft: Draft, rules: RemoteCare, filed: Filed) -> receipts.Receipt:
    """For whoever goes along: where, from when, and what to take to the hospital."""
    when = _("{day}起，长期").format(day=day_in_words(draft.begin))
    if draft.end is not None:
        when = _("{begin} 到 {end}").format(begin=day_in_words(draft.begin), end=day_in_words(draft.end))
    return receipts.for_family(
        service=_("异地就医备案"),
        who=who(draft.person),
        outcome=filed,
        state=receipts.state_in_words(filed.state, filed.why_declined),
        next_steps=sentences((what_next(draft, filed), *steps(draft, filed, rules))),
        parts=(
            receipts.Part(title=_("去哪里看病"), lines=(place_name(draft.place),)),
            receipts.Part(title=_("什么时候"), lines=(when,)),
            receipts.Part(title=_("要带什么"), lines=(_("社保卡或医保码"),), mark="□ "),
        ),
    )


def rows(draft: Draft, *, to_check: bool = False) -> tuple[Row, ...]:
    """What page and paper show alike: surname and last four of the number, no illness. ``to_check``: a telephone that
    was typed stands there whole."""
    begin = _("{day}起，长期").format(day=day_in_words(draft.begin))
    insured = () if draft.insured_place is None else (Row(label=_("参保地"), value=place_name(draft.insured_place)),)
    changed = () if draft.changes is None else (Row(label=_("代替原来的"), value=place_name(draft.changes.place)),)
    return (
        *who(draft.person),
        *insured,
        *changed,
        Row(label=_("类型"), value=_(draft.kind.label)),
        Row(label=_("就医地"), value=place_name(draft.place)),
        Row(label=_("开始日期"), value=begin if draft.end is None else day_in_words(draft.begin)),
        *((Row(label=_("结束日期"), value=day_in_words(draft.end)),) if draft.end is not None else ()),
        *_proved(draft),
        Row(label=_("联系电话"), value=draft.telephone.to_check if to_check else draft.telephone.shown),
    )


def _proved(draft: Draft) -> tuple[Row, ...]:
    """By what the person shows that it is as they say."""
    if pictures := draft.backing.pictures:
        return (Row(label=_("材料"), value=_("手机传了 {n} 张").format(n=len(pictures))),)
    if draft.backing.proof == "promise":
        return (Row(label=_("材料"), value=_("承诺情况属实")),)
    return (Row(label=_("材料"), value=_("交到服务台")),) if _to_the_desk(draft) else ()


def what_next(draft: Draft, filed: Filed) -> str:
    """One sentence on what happens to the filing."""
    if filed.matter is not None and filed.matter.text:
        return receipts.in_their_words(filed.matter.text)
    if filed.state == "sent":
        return _("由医保部门审核。要补材料时，会打您留的电话。")
    if filed.state in ("decided", "declined", "papers wanted"):
        return receipts.outcome_without_words(filed.state, "medical")
    if draft.person.check == "owed" and draft.person.agent is not None:
        return _("联网后给本人医保里留的手机发短信，本人确认了，我们再替他提交。")
    if draft.person.check == "owed":
        return _("联网后给您医保里留的手机发短信，您确认了，我们再替您提交。")
    return _("我们会替您提交，由医保部门审核。要补材料时，会打您留的电话。")


def steps(draft: Draft, filed: Filed, rules: RemoteCare) -> list[str]:
    """What the person can do from here, in order."""
    urgent = _("着急住院，现在就打 {hotline}。").format(hotline=rules.hotline)
    if filed.never_sent:
        return [_("不明白的，请到服务台问一下，看还能怎么办。"), urgent]
    if filed.state == "declined":
        return [_("不明白的，打 {hotline} 问一问，或者到服务台问。").format(hotline=rules.hotline)]
    todo = [_("请把要补的材料交到服务台。")] if filed.state == "papers wanted" else []
    if _to_the_desk(draft) and filed.state in ("kept", "sent"):
        todo.append(_("请把证明材料交到服务台：{papers}。").format(papers=_(draft.kind.papers)))
    todo.append(_("看病时带社保卡或医保码。"))
    if filed.state != "decided":
        todo.append(_("结果在任何一台自助终端“我的办件”里看。"))
    if filed.state in ("kept", "papers wanted"):
        todo.append(urgent)
    return todo
