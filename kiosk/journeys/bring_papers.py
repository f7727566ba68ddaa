"""补材料: papers for a matter that waits for some, photographed with the person's telephone and handed on at once."""

from __future__ import annotations

from functools import partial

from kiosk import receipts
from kiosk.contract.papers import Papers
from kiosk.contract.uploads import PapersWanted, WantedPaper
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import Person, masked_name, tail
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.papers import papers_by_telephone
from kiosk.pages import Confirm, Done, Notice, Option, Row
from kiosk.texts import _, sentences

SUPPLEMENT = "supplement"
HELP_AT_MOST = 120


async def bring_papers(
    desk: Desk, person: Person, matter: PapersWanted, title: str, phone: str = "", *, on_paper: str = ""
) -> None:
    """Pictures, a look at what goes where, and then it is recorded. ``title``: what the matter is, ``on_paper``: as
    paper may say it; ``phone``: the desk's. Raises Left."""
    wanted = WantedPaper(code=SUPPLEMENT, label=_("要补的材料"), help=(matter.text or "")[:HELP_AT_MOST])
    pictures = await papers_by_telephone(desk, (wanted,))
    if not pictures:
        await desk.ask(at_the_desk(phone))
        return
    rows = rows_of(person, matter, title, len(pictures))
    told = rows_of(person, matter, on_paper or title, len(pictures))
    await desk.ask(confirm(rows))
    filed = await desk.submit(
        Papers(person=person.reference, record=matter.record, pictures=pictures), receipt=partial(slip, told)
    )
    await with_paper(
        desk, partial(done, person, rows, filed), partial(slip, told, filed), label=_("打一张凭条"), of=filed
    )


def at_the_desk(phone: str) -> Notice:
    return Notice(
        name="papers-at-desk",
        icon="file-document-outline",
        mood="plain",
        question=_("请把材料交到服务台"),
        hint=_("带上凭条，或者告诉工作人员登记号。"),
        lines=(_("服务台电话：{phone}").format(phone=phone),) if phone else (),
        actions=(Option(value="home", label=_("知道了"), icon="home", primary=True),),
    )


def confirm(rows: tuple[Row, ...]) -> Confirm:
    return Confirm(name="confirm-papers", question=_("这些材料交上去吗？"), rows=rows, action=_("没错，提交"))


def done(person: Person, rows: tuple[Row, ...], filed: Filed, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.state_in_words(filed.state, filed.why_declined),
        person=person,
        lines=(what_next(filed),),
        rows=rows,
        next_steps=(_("结果在任何一台自助终端“我的办件”里看。"),),
        paper=paper,
        offer=offer,
    )


def slip(rows: tuple[Row, ...], filed: Filed) -> receipts.Receipt:
    return receipts.filed(
        service=_("补材料"),
        rows=rows,
        outcome=filed,
        next_steps=sentences((what_next(filed), _("结果在任何一台自助终端“我的办件”里看。"))),
    )


def rows_of(person: Person, matter: PapersWanted, title: str, pictures: int) -> tuple[Row, ...]:
    """Which matter, whose, and how many pictures; not what is on them."""
    return (
        Row(label=_("申请人"), value=f"{masked_name(person.name)}  {tail(person.number)}"),
        Row(label=_("办的事"), value=title),
        Row(label=_("原来的登记号"), value=matter.number),
        Row(label=_("要补的材料"), value=_("手机传了 {n} 张").format(n=pictures)),
    )


def what_next(filed: Filed) -> str:
    """One sentence on what happens to the papers."""
    if filed.matter is not None and filed.matter.text:
        return receipts.in_their_words(filed.matter.text)
    return _("我们会把材料交给对方部门，接着审核。")
