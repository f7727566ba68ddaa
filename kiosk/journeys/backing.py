"""What stands behind a filing: papers that are brought, or a promise where the insured place takes one instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kiosk.contract.acts import Promise
from kiosk.contract.filings import Backing
from kiosk.desk import Desk
from kiosk.items import Item, PaperWanted
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


def papers_wanted(item: Item, answers: Mapping[str, str]) -> tuple[PaperWanted, ...]:
    """Those that the answers call for."""
    return tuple(paper for paper in item.paper if paper.when is None or paper.when.holds(answers))


async def ask_backing(desk: Desk, papers: tuple[PaperWanted, ...], promise: PromiseText | None) -> Backed:
    """Nothing is asked where nothing is wanted. ``promise``: the text that the person may agree to. Raises Left."""
    if not papers:
        return Backed(how="none")
    how = await desk.ask(choose_backing(papers, promise))
    if how == "promise" and promise is not None:
        return Backed(how=how, papers=papers, promise=Promise(version=promise.version, sha256=promise.sha256))
    return Backed(how=how, papers=papers)


def choose_backing(papers: tuple[PaperWanted, ...], promise: PromiseText | None) -> Choose[Backing]:
    desk: Option[Backing] = Option(
        value="desk", label=_("有材料，交到服务台"), icon="file-document-outline", primary=promise is None
    )
    if promise is None:
        return Choose(
            name="backing",
            question=_("这件事要交下面的材料"),
            hint=_("先登记，再把材料交到服务台。凭条上会写要带什么。"),
            body=tuple(map(paper_in_words, papers)),
            options=(desk,),
        )
    own_word: Option[Backing] = Option(
        value="promise", label=_("没有，我承诺情况属实"), icon="hand-back-left-outline", primary=True
    )
    return Choose(
        name="backing",
        question=_("有{papers}吗？").format(papers=_("、").join(_(paper.label) for paper in papers)),
        hint=_("没有也能办，看一遍下面的话再承诺。"),
        body=tuple(_(paragraph) for paragraph in promise.paragraphs),
        options=(own_word, desk),
    )


def paper_in_words(paper: PaperWanted) -> str:
    """A paper, and what to mind about it."""
    return _("{paper}：{help}").format(paper=_(paper.label), help=_(paper.help)) if paper.help else _(paper.label)
