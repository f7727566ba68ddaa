"""What stands behind a filing: papers that are photographed or brought, or a promise where the insured place takes one
instead. Papers that are to prove who a child is go through a worker's hands, or a worker vouches before they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kiosk.contract.acts import Promise
from kiosk.contract.filings import Backing
from kiosk.contract.identity import PersonReference, Witness
from kiosk.contract.uploads import WantedPaper
from kiosk.desk import Desk
from kiosk.identity import Person
from kiosk.items import Item, PaperWanted
from kiosk.journeys.papers import papers_by_telephone
from kiosk.pages import Choose, Option
from kiosk.remote_care import PromiseText
from kiosk.texts import _


@dataclass(frozen=True, kw_only=True)
class Backed:
    """How a filing is backed: ``papers`` are those that are wanted, ``uploads`` what was sent by telephone."""

    how: Backing
    papers: tuple[PaperWanted, ...] = ()
    promise: Promise | None = None
    uploads: tuple[UUID, ...] = ()
    witness: Witness | None = None
    """The worker who vouches, for whatever it is."""


def papers_wanted(item: Item, answers: Mapping[str, str]) -> tuple[PaperWanted, ...]:
    """Those that the answers call for."""
    return tuple(paper for paper in item.paper if paper.when is None or paper.when.holds(answers))


async def ask_backing(
    desk: Desk, papers: tuple[PaperWanted, ...], promise: PromiseText | None, person: Person, *, can_send: bool
) -> Backed:
    """Nothing is asked where nothing is wanted. ``promise``: the text that ``person`` may agree to; who acts for them
    brings papers instead, or a worker says that they promised. ``can_send``: a telephone can. Raises Left."""
    if not papers:
        return Backed(how="none", witness=person.witness)
    if person.agent is not None and not desk.can_vouch:
        promise = None  # nobody at this machine could say that the person promised
    page = choose_backing(papers, promise, person, can_send=can_send)
    while (chosen := await desk.ask(page)) == "promise" and promise is not None:
        witness = person.witness if person.agent is None else await desk.witness(person)
        if person.agent is not None and witness is None:
            continue
        agreed = Promise(version=promise.version, sha256=promise.sha256)
        return Backed(how="promise", papers=papers, promise=agreed, witness=witness)
    if chosen == "upload":
        return await _sent(desk, papers, person.witness)
    return Backed(how="desk", papers=papers, witness=person.witness)


async def ask_backing_of_child(
    desk: Desk, papers: tuple[PaperWanted, ...], child: PersonReference, guardian: Person, *, can_send: bool
) -> Backed:
    """Of ``child``, whose number was typed: at the desk a worker sees the papers, and vouches before a telephone sends
    them. A filing carries one worker's word: who needed it for the own check brings the papers. Raises Left."""
    can_vouch = desk.can_vouch and guardian.witness is None
    page = choose_backing_of_child(papers, can_send=can_send, can_vouch=can_vouch)
    while await desk.ask(page) == "upload":
        witness = await desk.vouch_for(child)
        if witness is not None:
            return await _sent(desk, papers, witness)
        page = choose_backing_of_child(papers, can_send=can_send, can_vouch=can_vouch, nobody_came=True)
    return Backed(how="desk", papers=papers, witness=guardian.witness)


async def _sent(desk: Desk, papers: tuple[PaperWanted, ...], witness: Witness | None) -> Backed:
    """By telephone; where nothing came they are brought to the desk."""
    pictures = await papers_by_telephone(desk, _for_telephones(papers))
    return Backed(how="upload" if pictures else "desk", papers=papers, uploads=pictures, witness=witness)


def _for_telephones(papers: tuple[PaperWanted, ...]) -> tuple[WantedPaper, ...]:
    return tuple(WantedPaper(code=paper.code, label=_(paper.label), help=_(paper.help)) for paper in papers)


def choose_backing(
    papers: tuple[PaperWanted, ...], promise: PromiseText | None, person: Person, *, can_send: bool
) -> Choose[Backing]:
    upload, desk = _upload(primary=promise is None), _desk(primary=promise is None and not can_send)
    ways = (upload, desk) if can_send else (desk,)
    if promise is None:
        return _of_papers(papers, ways)
    own_word: Option[Backing] = Option(
        value="promise", label=_("没有，我承诺情况属实"), icon="hand-back-left-outline", primary=True
    )
    if person.agent is not None:
        own_word = Option(
            value="promise",
            label=_("没有，本人承诺过，请工作人员作证"),
            icon="account-tie",
            note=_("承诺只能本人做，别人不能替"),
        )
    return Choose(
        name="backing",
        question=_("有{papers}吗？").format(papers=_("、").join(_(paper.label) for paper in papers)),
        hint=_("没有也能办，看一遍下面的话再承诺。"),
        body=tuple(_(paragraph) for paragraph in promise.paragraphs),
        options=(own_word, *ways),
    )


def choose_backing_of_child(
    papers: tuple[PaperWanted, ...], *, can_send: bool, can_vouch: bool, nobody_came: bool = False
) -> Choose[Backing]:
    """``nobody_came``: it was asked before, and no worker vouched."""
    if not can_send:
        return _of_papers(papers, (_desk(primary=True),))
    if not can_vouch:
        hint = _("孩子的号码是输进来的，要在服务台请工作人员对一下户口本。")
        return _of_papers(papers, (_desk(primary=True),), hint=hint)
    hint = _("孩子的号码是输进来的，要请工作人员对一下户口本。")
    if nobody_came:
        hint = _("没有人作证也不要紧，材料交到服务台一样办。")
    upload = _upload(primary=not nobody_came, note=_("先请工作人员作证，再传"))
    return _of_papers(papers, (upload, _desk(primary=nobody_came)), hint=hint)


def _of_papers(
    papers: tuple[PaperWanted, ...], ways: tuple[Option[Backing], ...], *, hint: str = ""
) -> Choose[Backing]:
    return Choose(
        name="backing",
        question=_("这件事要交下面的材料"),
        hint=hint,
        body=tuple(map(paper_in_words, papers)),
        options=ways,
    )


def _upload(*, primary: bool, note: str = "") -> Option[Backing]:
    return Option(value="upload", label=_("材料在手边，用手机拍照上传"), icon="cellphone", note=note, primary=primary)


def _desk(*, primary: bool) -> Option[Backing]:
    return Option(value="desk", label=_("材料交到服务台，没带的回头交"), icon="file-document-outline", primary=primary)


def paper_in_words(paper: PaperWanted) -> str:
    """A paper, and what to mind about it."""
    return _("{paper}：{help}").format(paper=_(paper.label), help=_(paper.help)) if paper.help else _(paper.label)
