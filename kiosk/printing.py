"""Sets a receipt on paper: the order of FACE's paper, as blocks of ``devices.paper``.

Centre, title, sort; what was done; the state and what happens next; numbers, time and QR; kiosk, telephone, and the
advice to take a photograph. In two languages each line stands in Chinese with its other words under it, and once where
both say the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.models import model_named
from devices.paper import Block, Pair, Qr, Rule, Space, Text, to_escpos, to_picture
from kiosk.equipment import PaperKind
from kiosk.receipts import Receipt
from kiosk.settings import Site
from kiosk.texts import _, spoken

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True)
class Style:
    """The paper and the type; large print (care mode) is ≥ 4.5 mm."""

    paper: PaperKind
    large_print: bool = False


def blocks(receipt: Receipt, site: Site, style: Style, *, copy: int = 0) -> list[Block]:
    """The receipt as blocks, in the language of the visit and, with what is ``beside`` it, in Chinese as well. ``copy``
    counts reprints (补打)."""
    if receipt.beside is None:
        return _in_one(receipt, site, style, copy)
    with spoken("zh"):
        chinese = _in_one(receipt, site, style, copy)
    other = _in_one(receipt.beside, site, style, copy)
    paper: list[Block] = []
    for one, same in zip(chinese, other, strict=True):
        if paper and not isinstance(one, Rule) and not isinstance(paper[-1], Rule):
            paper.append(_BETWEEN)
        paper += _together(one, same)
    return paper


_BETWEEN = Space(1 / 4)
"""Between what is said in both languages, so that the eye sees what belongs together."""


def _together(chinese: Block, other: Block) -> tuple[Block, ...]:
    """Two blocks that say the same in two languages; a title is read from afar in Chinese alone."""
    match chinese, other:
        case _ if chinese == other:
            return (chinese,)
        case Pair(), Pair() if chinese.value == other.value:
            return (replace(chinese, label=f"{chinese.label} {other.label}"),)
        case Qr(), Qr():
            return (replace(chinese, caption=f"{chinese.caption}\n{other.caption}"),)
        case Text(size="large", align="center"), Text():
            return (chinese, replace(other, size="normal"))
        case _:
            return (chinese, other)


def _in_one(receipt: Receipt, site: Site, style: Style, copy: int) -> list[Block]:
    where = (_("服务台 {phone}").format(phone=site.phone), _("终端 {kiosk}").format(kiosk=site.kiosk))
    narrow = style.large_print or style.paper.columns < 48
    paper: list[Block] = [
        Text(site.name, align="center"),
        Text(receipt.service, size="large", bold=True, align="center"),
        Text(_sort(receipt, copy), align="center"),
        Rule(),
        *(Pair(row.label, row.value) for row in receipt.rows),
    ]
    if receipt.rows and receipt.parts:
        paper.append(Rule())
    for part in receipt.parts:
        marked = (Text(line, mark=part.mark) for line in part.lines)
        paper += [Text(part.title, bold=True), *marked, *(Text(line) for line in part.rest), Space()]
    if receipt.parts:
        del paper[-1]  # a rule follows
    if receipt.state:
        paper += [Rule(), Text(receipt.state, size="large", bold=True), Text(_a_line_each(receipt.next_steps))]
    paper += [Rule(), *(Pair(row.label, row.value, bold=True) for row in receipt.numbers)]
    paper.append(Pair(_("时间"), on_paper(receipt.at)))
    if receipt.qr:
        paper.append(Qr(receipt.qr, receipt.qr_caption))
    paper += [
        Rule(),
        *(Text(line, align="center") for line in (where if narrow else (" · ".join(where),))),
        *(Text(line, align="center") for line in receipt.closing),
        Text(_("热敏纸会褪色，重要内容请拍照保存"), align="center"),
    ]
    return paper


def _a_line_each(text: str) -> str:
    """Each sentence on a line of its own: who reads slowly finds the one that matters."""
    return re.sub(r"(?<=。)(?=.)|(?<=[.?!]) +", "\n", text)


def job(paper: list[Block], style: Style) -> bytes:
    """The printer's bytes."""
    kind = style.paper
    model = model_named(kind.model, kind.columns)
    return to_escpos(paper, kind.columns, large_print=style.large_print, model=model)


def picture(paper: list[Block], style: Style, file: Path) -> None:
    """The same receipt as a PNG."""
    to_picture(paper, style.paper.columns, large_print=style.large_print).save(file)


def on_paper(moment: datetime) -> str:
    """Shanghai's time, to the minute."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _sort(receipt: Receipt, copy: int) -> str:
    return _("{sort}（补打第 {n} 次）").format(sort=receipt.sort, n=copy) if copy else receipt.sort
