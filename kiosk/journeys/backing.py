"""What stands behind a filing: papers that are photographed or brought, or a promise where the insured place takes one
instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kiosk.contract.acts import Promise
from kiosk.contract.filings import Backing
from kiosk.contract.identity import Witness
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
    page = choose_backing(papers, promise, person, can_send=can_send)
    while (chosen := await desk.ask(page)) == "promise" and promise is not None:
        witness = person.witness if person.agent is None else await desk.witness(person)
        if person.agent is not None and witness is None:
            continue
        agreed = Promise(version=promise.version, sha256=promise.sha256)
        return Backed(how="promise", papers=papers, promise=agreed, witness=witness)
    pictures = await papers_by_telephone(desk, _for_telephones(papers)) if chosen == "upload" else ()
    how: Backing = "upload" if pictures else "desk"
    return Backed(how=how, papers=papers, uploads=pictures, witness=person.witness)


def _for_telephones(papers: tuple[PaperWanted, ...]) -> tuple[WantedPaper, ...]:
    return tuple(WantedPaper(code=paper.code, label=_(paper.label), help=_(paper.help)) for paper in papers)


def choose_backing(
    papers: tuple[PaperWanted, ...], promise: PromiseText | None, person: Person, *, can_send: bool
) -> Choose[Backing]:
    upload: Option[Backing] = Option(
        value="upload", label=_("材料在手边，用手机拍照上传"), icon="cellphone", primary=promise is None
    )
    desk: Option[Backing] = Option(
        value="desk",
        label=_("材料交到服务台，没带的回头交"),
        icon="file-document-outline",
        primary=promise is None and not can_send,
    )
    ways = (upload, desk) if can_send else (desk,)
    if promise is None:
        return Choose(
            name="backing",
            question=_("这件事要交下面的材料"),
            body=tuple(map(paper_in_words, papers)),
            options=ways,
        )
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


def paper_in_words(paper: PaperWanted) -> str:
    """A paper, and what to mind about it."""
    return _("{paper}：{help}").format(paper=_(paper.label), help=_(paper.help)) if paper.help else _(paper.label)
