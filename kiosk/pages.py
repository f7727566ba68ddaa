"""The questions that a visit can put to a person: frozen data, drawn by screens, answered once.

``Page[A]`` is answered by an ``A``. Texts are final strings in the language of the visit. ``name`` tells one question
of a journey from the next: drafts, tour scripts and tests go by it. An answer that is a choice is the ``value`` of one
of the page's options, so a page never has to know what its answers mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from uuid import UUID

    from devices.paper import Block
    from kiosk.identity import Shown

A = TypeVar("A")
T = TypeVar("T")

Mood = Literal["plain", "done", "wait", "trouble"]
"""How a page feels: colour and icon of its headline, always with words beside it."""


@dataclass(frozen=True, kw_only=True)
class Page(Generic[A]):
    """One question. ``hint`` stands under it in a quieter voice."""

    name: str
    question: str
    hint: str = ""
    recorded: bool = False
    """Whether an answer to it is recorded: it is shown only where that can be done."""
    awaits_staff: bool = False
    """Whether a member of staff has to come to it: it waits for them, and the status light calls them."""


@dataclass(frozen=True, kw_only=True)
class Option(Generic[T]):
    """One thing to press. ``icon`` is a Material Design icon's name; ``note`` a second, smaller line."""

    value: T
    label: str
    icon: str = ""
    note: str = ""
    enabled: bool = True
    primary: bool = False
    """The one thing to do next: drawn in the party red."""
    words: tuple[str, ...] = ()
    """What it is found by besides, in Chinese: its name first, then what else people call it. Not drawn."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Label left, value right. ``private`` values stay covered until 按住看."""

    label: str
    value: str
    private: bool = False
    leads: bool = False
    """What somebody writes down: of several pages it stands on the first."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A card of a result: a heading with its state in words, rows, and what it means for the person."""

    title: str
    state: str = ""
    mood: Mood = "plain"
    rows: tuple[Row, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, kw_only=True)
class Banner:
    """The broad tile at the foot of the home page (小哥驿站)."""

    value: str
    title: str
    lines: tuple[str, ...]
    action: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class Home(Page[str]):
    """The home page (face/home.png): two large tiles, up to eight small ones, the search line, the banner."""

    large: tuple[Option[str], ...]
    small: tuple[Option[str], ...]
    search: Option[str] | None = None
    banner: Banner | None = None
    foot: tuple[Option[str], ...] = ()
    """What stands at the foot of the home page besides 关怀模式, 中/EN and 找人帮忙, which screens draw."""
    care: tuple[Option[str], ...] = ()
    """What comes first where there are few tiles at a time (care mode); all else follows."""


@dataclass(frozen=True, kw_only=True)
class Attract(Page[None]):
    """An empty hall: a still page over the whole glass; a touch anywhere answers it, which ``question`` says."""

    place: str
    """The centre's name."""
    offers: tuple[Row, ...] = ()
    """What can be done here, in a few words each."""
    also: tuple[str, ...] = ()
    """The question in each other language."""


@dataclass(frozen=True, kw_only=True)
class Choose(Page[T], Generic[T]):
    """One of several. A ``list`` has ≤ 7 lines, a ``grid`` ≤ 12 tiles; more are paged, never scrolled."""

    options: tuple[Option[T], ...]
    layout: Literal["list", "grid"] = "list"
    body: tuple[str, ...] = ()
    """Paragraphs to read before choosing (the text of a promise, the urgent way out)."""
    aside: Option[T] | None = None
    """A quieter way below the options."""
    personal: bool = False
    """Whether it says what is somebody's own, and closes as soon as a result does."""


@dataclass(frozen=True, kw_only=True)
class Tick(Page[tuple[str, ...]]):
    """Any of several, with one action that carries them (the rider board, face/services.png)."""

    options: tuple[Option[str], ...]
    chosen: tuple[str, ...] = ()
    action: str


@dataclass(frozen=True, kw_only=True)
class PlaceCard(Page[str]):
    """Asks for a card or a code (face/card.png). Answered by a device; a touch only asks how another one is shown."""

    where: str
    instruction: str
    way: Shown = "id-card"
    """What is drawn."""
    others: tuple[Option[str], ...] = ()
    """What would do as well; the machine takes it whether it is drawn or not."""
    problem: str = ""
    """What went wrong with the last try: one cause, one instruction."""
    lift_first: bool = False
    """Whether the card that may lie there has to be lifted before another can be read."""


@dataclass(frozen=True, kw_only=True)
class Digits(Page[str]):
    """Digits by a number pad. ``aside`` is another way out (没收到，再发一次); its value is the answer then."""

    length: int
    shortest: int | None = None
    """Digits that are enough; None: all of ``length``."""
    groups: tuple[int, ...] = ()
    """How the digits are grouped on the glass (3-4-4 for a telephone)."""
    action: str
    problem: str = ""
    aside: Option[str] | None = None
    secret: bool = False
    """Whether nobody may read what is typed, nor hear it (a worker's PIN)."""
    may_end_in_x: bool = False
    """Whether the last place may be an X (identity numbers)."""


@dataclass(frozen=True, kw_only=True)
class Province:
    """A province and its cities, each an option whose value is the six-digit code (GB/T 2260)."""

    name: str
    cities: tuple[Option[str], ...]
    words: tuple[str, ...] = ()
    """What it is found by besides its name."""


@dataclass(frozen=True, kw_only=True)
class ChoosePlace(Page[str]):
    """A place: the commonest first, then province → city within the same page. Answered by the six-digit code."""

    common: tuple[Option[str], ...]
    provinces: tuple[Province, ...]


@dataclass(frozen=True, kw_only=True)
class ChooseDay(Page[date]):
    """A day between ``first`` and ``last`` (inclusive): the likely ones as options, any other by a calendar."""

    first: date
    last: date
    likely: tuple[Option[date], ...]


@dataclass(frozen=True, kw_only=True)
class Confirm(Page[None]):
    """What is about to be recorded, and the one action that records it."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    action: str
    recorded: bool = True


@dataclass(frozen=True, kw_only=True)
class Result(Page[str]):
    """What was found: sections, and what may be done with it. Closes 30 s after the last touch (care 60 s)."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    actions: tuple[Option[str], ...]
    personal: bool = True
    """False for what anybody may read over somebody's shoulder: it waits as long as other pages."""


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column. ``number``: figures that stand under each other, from the right. Where there is less room, a column of
    higher ``rank`` leaves the table first and stands in words below its line."""

    label: str
    number: bool = False
    private: bool = False
    """Amounts: covered until 按住看."""
    rank: int = 0


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """A cell for each column, the first says what the line is about; ``note`` is what it means for the person."""

    cells: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Table(Page[str]):
    """A list of records. Paged, never scrolled. ``nothing`` is said of an empty one."""

    columns: tuple[TableColumn, ...]
    lines: tuple[TableLine, ...]
    nothing: str = ""
    personal: bool = True
    """Whether it closes as soon as a result does."""
    actions: tuple[Option[str], ...]


@dataclass(frozen=True, kw_only=True)
class Done(Page[str]):
    """The end of a matter (face/done.png): its state in words, what was recorded, what comes next, the paper."""

    mood: Mood
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    next_steps: tuple[str, ...] = ()
    paper: str = ""
    """What to take (请取走身份证和凭条), or why there is no paper and what stands in for it."""
    paper_is_there: bool = True
    qr: str = ""
    """Shown where there is no paper: the same content as the receipt's QR."""
    qr_caption: str = ""
    actions: tuple[Option[str], ...]
    closes_after: float | None = None
    """Seconds after which the page answers with its last action by itself (a rider's check-in: 3)."""
    fetches: str = ""
    """The token of what the code is to be fetched with: the page answers FETCHED by itself when a telephone has it."""


FETCHED: Final = "fetched"
"""The answer of a Done whose code led a telephone to what it ``fetches``."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What will be printed: the blocks of the paper (``devices.paper``), and its columns (48 are 80 mm, 32 are 58)."""

    blocks: tuple[Block, ...]
    columns: int = 48


@dataclass(frozen=True, kw_only=True)
class ReceiptPreview(Page[str]):
    """The receipt as it will be on paper, before it is printed."""

    sheet: Sheet
    actions: tuple[Option[str], ...]


@dataclass(frozen=True, kw_only=True)
class Rating(Page[int]):
    """好差评: one of the fixed words, or ``skip``, which is also the answer of whoever has gone already."""

    options: tuple[Option[int], ...]
    skip: Option[int]
    closes_after: float
    """Seconds without a touch."""


@dataclass(frozen=True, kw_only=True)
class Notice(Page[str]):
    """Something to know, and what to do about it: no network, out of order, who helps."""

    icon: str
    mood: Mood = "trouble"
    lines: tuple[str, ...] = ()
    actions: tuple[Option[str], ...] = ()
    personal: bool = False
    """Whether it says what was found of somebody, and closes as soon as a result does."""


@dataclass(frozen=True, kw_only=True)
class Wait(Page[None]):
    """Shown while something is awaited. After 2 s ``slow`` says what it is."""

    slow: str = ""


@dataclass(frozen=True, kw_only=True)
class Search(Page[str]):
    """Finds a service by what people write: first letters, pinyin, characters (``kiosk.finding``)."""

    options: tuple[Option[str], ...]
    """Most used first."""
    nothing: str
    example: str = ""
    """What may be written; "": as on the page of services."""


@dataclass(frozen=True, kw_only=True)
class Words(Page[str]):
    """Chinese words, Latin letters and figures by a pinyin keyboard. Answered by what was written."""

    longest: int
    """Characters at most."""
    action: str
    example: str = ""
    """Shown while nothing is written (环城路12号3单元501室)."""
    may_be_empty: bool = False


@dataclass(frozen=True, kw_only=True)
class EnterNumber(Page[str]):
    """A registration number (登记号): letters and figures by keys. Answered by what was typed, or, where there is a
    scanner, by what was held to it: the number in a receipt's code, or ``NOT_A_RECEIPT``."""

    begins: str = ""
    """What stands there already: how the numbers of this machine begin."""
    by_scanner: str = ""
    """How it goes without typing."""
    action: str
    problem: str = ""
    refused: str = ""
    """What was typed and refused, which stands there to be mended."""


@dataclass(frozen=True, kw_only=True)
class Arriving:
    """A paper that a telephone is to send, and how many pictures of it have come."""

    code: str
    label: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class SendPapers(Page[str]):
    """Papers by the person's own telephone: a code to scan, what has come, how long it is open. The counter shows it
    anew as pictures come (``sending``); what is there when it is answered, it knows too."""

    upload: UUID
    qr: str
    """The address that the telephone opens."""
    papers: tuple[Arriving, ...]
    news: str = ""
    """What the telephone does, or what went wrong."""
    mood: Mood = "plain"
    """Of the news."""
    seconds: int
    """For how long it is open from the moment at which it is shown."""
    actions: tuple[Option[str], ...]


NOT_A_RECEIPT = ""
"""The answer to ``EnterNumber`` where another code was scanned: nobody types nothing."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head zone above a page: the service, the step, and a line in green (读好了，请先把身份证收好)."""

    title: str
    step: str = ""
    notice: str = ""
    can_go_back: bool = True
    can_leave: bool = True
    """False where there is nowhere to go: the machine is out of order, or is carrying out what was decided."""
