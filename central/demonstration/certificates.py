"""The demonstration's certificates: real PDF files out of the register, with 样张 across each page.

They look like what an authority gives: title, person, insurances, a number to verify them by (验证码). Text is text,
and a name may hold any character: each goes to the first font that has it; one that none has stands there by its code.
"""

from __future__ import annotations

import hashlib
import re
import threading
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFStream
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace
from reportlab.pdfgen.canvas import Canvas

from central.demonstration.register import InsuranceEntry, Register
from central.local_time import SHANGHAI
from central.upstream import CertificateWanted, Document, NotGranted, NotInsured, Unanswered
from kiosk.contract.acts import PersonReference
from kiosk.contract.certificates import Authority

HAN: Final = Path("/usr/share/fonts/truetype")
FONTS: Final = {
    "HanaMinA": HAN / "hanazono/HanaMinA.ttf",
    "HanaMinB": HAN / "hanazono/HanaMinB.ttf",
    "BabelStone": HAN / "babelstone/BabelStoneHan.ttf",
}
"""In the order they are asked: the faces in which official papers are printed (宋体) first."""
FIRST: Final = "HanaMinA"
INK, SOFT, PALE = "#2A211C", "#574B42", "#F3E3E1"

DRAWING: Final = threading.Lock()
"""Fonts remember what was drawn with them until the file is written."""

SPECIMEN: Final = "样张"
NO_FORCE: Final = "演示用的样张，不是证明，没有效力"

SCHEMES: Final = {"pension": "养老", "medical": "医疗", "unemployment": "失业", "injury": "工伤", "maternity": "生育"}
STATUSES: Final = {"0": "未参保", "1": "正常参保", "2": "暂停缴费", "3": "无效", "4": "终止参保"}


@dataclass(frozen=True, kw_only=True)
class Form:
    """A kind of certificate as an authority has it: ``span`` is what it is of, ``insured`` False that of nobody's."""

    authority: Authority
    title: str
    span: Literal["none", "months", "year"] = "none"
    insured: bool = True


FORMS: Final = {
    "insured-proof": Form(authority="social", title="社会保险参保证明", span="months"),
    "yearly-statement": Form(authority="social", title="社会保险个人权益记录单", span="year"),
    "transfer-proof": Form(authority="social", title="社会保险参保缴费凭证"),
    "not-insured": Form(authority="social", title="社会保险未参保证明", insured=False),
    "medical-proof": Form(authority="medical", title="基本医疗保险参保凭证"),
}
"""Our kinds, which this authority calls as we do."""


def certificate(
    register: Register, authority: Authority, person: PersonReference, wanted: CertificateWanted, now: datetime
) -> Document:
    """What an authority hands out. Raises NotInsured and NotGranted, with its words, and Unanswered without fonts."""
    form = FORMS.get(wanted.kind)
    if form is None or form.authority != authority:
        raise NotGranted("没有这种证明。")
    place = register.place_name(wanted.place)
    resident = register.find(person.number)
    rows = [] if resident is None else [row for row in resident.insurances if counts(row, authority, wanted.place)]
    if resident is not None and resident.deceased is not None:
        raise NotGranted("这个人的参保已经结束。请家人带证件到窗口开。")
    if form.insured and not rows:
        raise NotInsured(f"没有查到您在{place}的参保记录。")
    if not form.insured and rows:
        raise NotGranted(f"您在{place}有参保记录，开不了未参保证明。")
    holder = person if resident is None else PersonReference(number=resident.number, name=resident.name)
    span = span_in_words(form, wanted, now.astimezone(SHANGHAI))
    with DRAWING:
        return drawn(form, holder, place, rows, span, wanted, now)


def drawn(
    form: Form,
    person: PersonReference,
    place: str,
    rows: Sequence[InsuranceEntry],
    span: str,
    wanted: CertificateWanted,
    now: datetime,
) -> Document:
    at, number = now.astimezone(SHANGHAI), verification_number(wanted)
    sheet = Sheet(form.title, number, at)
    sheet.said("开具单位", f"{place}{'医疗保障' if form.authority == 'medical' else '社会保险'}经办机构（演示）")
    sheet.said("姓名", person.name)
    sheet.said("证件号码", person.number)
    sheet.said("参保地", place)
    sheet.said("时间范围", span)
    if form.insured:
        sheet.insurances(("险种", "状态", "单位", "开始", "最近到账"), [line(row, form, wanted, at) for row in rows])
    else:
        sheet.words(f"截至{at:%Y年%-m月%-d日}，在{place}没有查到此人的参保记录。")
    sheet.said("验证码", number)
    sheet.said("开具时间", f"{at:%Y-%m-%d %H:%M}")
    return Document(title=form.title, number=number, content=sheet.bytes(), pages=sheet.pages)


def handed_out(document: Document) -> dict[str, object]:
    """A certificate in the names of ``central.authorities.certificates``."""
    return {
        "title": document.title,
        "number": document.number,
        "pages": document.pages,
        "sha256": hashlib.sha256(document.content).hexdigest(),
        "file": b64encode(document.content).decode("ascii"),
    }


def counts(row: InsuranceEntry, authority: Authority, place: str) -> bool:
    return row.place == place and (row.scheme == "medical") == (authority == "medical")


def span_in_words(form: Form, wanted: CertificateWanted, at: datetime) -> str:
    """What the certificate is of. Raises NotGranted where that was not said."""
    match form.span:
        case "none":
            return f"截至{at:%Y年%-m月%-d日}"
        case "months" if wanted.months is not None:
            return f"最近{wanted.months}个月"
        case "year" if wanted.year is not None and wanted.year < at.year:
            return f"{wanted.year}年"
        case _:
            raise NotGranted("没有这段时间的记录。")


def line(row: InsuranceEntry, form: Form, wanted: CertificateWanted, at: datetime) -> tuple[str, ...]:
    """A row of insurance, with the last month within the span whose contribution came."""
    first, last = 0, 999_999
    if form.span == "months" and wanted.months is not None:
        began = at.year * 12 + at.month - 1 - wanted.months
        first = began // 12 * 100 + began % 12 + 1
    elif form.span == "year" and wanted.year is not None:
        first, last = wanted.year * 100 + 1, wanted.year * 100 + 12
    arrived = [min(months.last, last) for months in row.paid if months.arrived and months.first <= last]
    newest = max((month for month in arrived if month >= first), default=None)
    return (
        f"{SCHEMES[row.scheme]} {row.insutype}",
        STATUSES[row.status],
        row.unit or "",
        "" if row.begin is None else f"{row.begin:%Y-%m}",
        "" if newest is None else f"{newest // 100}-{newest % 100:02d}",
    )


def verification_number(wanted: CertificateWanted) -> str:
    """A number that looks like one, the same for the same request."""
    digits = int.from_bytes(hashlib.sha256(wanted.request.bytes).digest()[:8]) % 10**16
    return f"YZ{wanted.place}{digits:016d}"


class Sheet:
    """A certificate of A4 pages, 样张 across each, written from the top down. Lengths in points."""

    LEFT, RIGHT, TOP, BOTTOM = 62.0, 533.0, 780.0, 90.0
    COLUMNS = (0.0, 70.0, 140.0, 320.0, 390.0)

    def __init__(self, title: str, number: str, at: datetime) -> None:
        self._file = BytesIO()
        self._number = number
        self._canvas = Canvas(self._file, pagesize=A4, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setSubject(f"{at:%Y-%m-%d %H:%M}")
        self.pages = 0
        self._y = 0.0
        self._page()
        self._centred(title, 22)
        self._y -= 24

    def said(self, label: str, value: str) -> None:
        """A label and what stands behind it, in as many lines as it takes."""
        for at, part in enumerate(wrapped(value, 12, self.RIGHT - self.LEFT - 100)):
            self._down(26)
            if at == 0:
                self._text(self.LEFT, self._y, label, 12, SOFT)
            self._text(self.LEFT + 100, self._y, part, 12)

    def words(self, text: str) -> None:
        """A sentence."""
        for part in wrapped(text, 12, self.RIGHT - self.LEFT):
            self._down(30)
            self._text(self.LEFT, self._y, part, 12)

    def insurances(self, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
        """One a line; a page that is full goes on on the next."""
        self._down(12)
        for number, cells in enumerate((head, *lines)):
            self._down(24)
            for left, cell in zip(self.COLUMNS, cells, strict=True):
                self._text(self.LEFT + left, self._y, cell, 10, SOFT if number == 0 else INK)
            self._canvas.line(self.LEFT, self._y - 8, self.RIGHT, self._y - 8)
        self._down(12)

    def bytes(self) -> bytes:
        """The file."""
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _page(self) -> None:
        """A new one: 样张 and what it means above, the number by which it is verified below."""
        if self.pages:
            self._canvas.showPage()
        self.pages += 1
        self._canvas.saveState()
        self._canvas.translate(A4[0] / 2, A4[1] / 2)
        self._canvas.rotate(52)
        self._text(-200, -70, SPECIMEN, 200, PALE)
        self._canvas.restoreState()
        self._y = self.TOP
        self._centred(NO_FORCE, 9)
        self._y -= 40
        below = f"验证码 {self._number}　第 {self.pages} 页"
        self._text((A4[0] - width(below, 9)) / 2, 50, below, 9)

    def _down(self, by: float) -> None:
        self._y -= by
        if self._y < self.BOTTOM:
            self._page()
            self._y -= by

    def _centred(self, text: str, size: float) -> None:
        self._text((A4[0] - width(text, size)) / 2, self._y, text, size)

    def _text(self, x: float, y: float, text: str, size: float, colour: str = INK) -> None:
        self._canvas.setFillColor(HexColor(colour))
        for font, run in runs(text):
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, y, run)
            x += stringWidth(run, font, size)


class Face(TTFont):
    """A font whose text can be found and copied. reportlab says which character a glyph is in the hexadecimal digits of
    its code, where PDF wants UTF-16 (ISO 32000-1, 9.10.3): beyond U+FFFF these are two numbers."""

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 - reportlab's name
        """Corrects what was added."""
        super().addObjects(doc)
        for name, added in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:") and isinstance(added, PDFStream):
                added.content = BEYOND.sub(in_utf16, added.content)


BEYOND: Final = re.compile(r"(?<=> )<([0-9A-F]{5,6})>")


def in_utf16(match: re.Match[str]) -> str:
    return f"<{chr(int(match[1], 16)).encode('utf-16-be').hex().upper()}>"


def runs(text: str) -> list[tuple[str, str]]:
    """The text in pieces of one font each; a character that none has stands there by its code."""
    shown = "".join(sign if font_of(sign) else f"[U+{ord(sign):04X}]" for sign in text)
    return [(font, "".join(signs)) for font, signs in groupby(shown, key=lambda sign: font_of(sign) or FIRST)]


def width(text: str, size: float) -> float:
    return sum(stringWidth(run, font, size) for font, run in runs(text))


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines that fit."""
    lines = [""]
    for sign in text:
        if width(lines[-1] + sign, size) > room:
            lines.append("")
        lines[-1] += sign
    return lines


@lru_cache(maxsize=4096)
def font_of(sign: str) -> str | None:
    """The first font that has this character."""
    return next((name for name, face in faces().items() if ord(sign) in face.charToGlyph), None)


@cache
def faces() -> dict[str, TTFontFace]:
    """The fonts, read once. Raises Unanswered where the first is not there."""
    if not FONTS[FIRST].is_file():
        raise Unanswered("the demonstration's authority has no fonts: make setup brings them")
    found: dict[str, TTFontFace] = {}
    for name, path in FONTS.items():
        if path.is_file():
            registerFont(face := Face(name, str(path)))
            found[name] = face.face
    return found
