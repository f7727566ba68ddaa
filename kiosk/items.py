"""What an entry of the catalogue can say: a category, a group within it, an item with its guide and its fields.

Shapes of ``assets/catalog/services/*.toml``; ``kiosk.catalog`` reads them. Texts are the Chinese originals, for ``_()``
at use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field as Limits

from kiosk.certificate_entry import CertificateEntry
from kiosk.contract.acts import PlaceCode, Wish
from kiosk.contract.diary import Diary
from kiosk.filing_rules import FilingRules
from kiosk.pages import Option
from kiosk.query_entry import QueryEntry
from kiosk.tables import Table
from kiosk.texts import _

Code = Annotated[str, Limits(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Limits(min_length=1)]
Aliases = tuple[Text, ...]
"""What people say, by which an entry is found besides its label and its official name."""

FILING: Final = "filing"
"""The journey of an item that goes to an authority as its entry says."""

APPOINTMENT: Final = "appointment"
"""The journey of an item whose times can be booked."""

GUIDE: Final = "guide"
"""The journey of an item that has none of its own: what to know about it, and a worker who does it."""

CERTIFICATE: Final = "certificate"
"""The journey of an item that is an authority's certificate: ``[item.certificate]`` says which."""

QUERY: Final = "query"
"""The journey of an item that is its ``[item.query]`` and nothing besides."""


@dataclass(frozen=True, kw_only=True)
class Needs(Table):
    """The devices without which an item cannot run, and those that it uses when they are there."""

    id_card: Literal["none", "optional", "required"] = "none"
    printer: Literal["none", "optional", "required"] = "none"


@dataclass(frozen=True, kw_only=True)
class Guide(Table):
    """What to know about an item before it is begun. What is not said here is as the category has it."""

    what: Text
    who: Annotated[tuple[Text, ...], Limits(min_length=1)]
    bring: Annotated[tuple[Text, ...], Limits(min_length=1)]
    where: str = ""
    when: str = ""
    law: tuple[Text, ...] = ()
    urgent: str = ""
    """What cannot wait until then, or what nobody should be deceived about."""
    proxy: bool = True
    """Whether it can be handed to a worker (全程代办). False for what has to happen at once or not at all."""
    hand_over: str = ""
    """What to press for that, where it is not 请工作人员帮我办."""
    wish: Wish | None = None
    """What the worker is to do, where nobody has to be asked."""


FieldKind = Literal["date", "month-range", "region", "phone", "choice", "money", "text", "yes-no"]


@dataclass(frozen=True, kw_only=True)
class When(Table):
    """Only where an earlier field, a choice, was answered so."""

    field: Code
    answers: Annotated[tuple[Code, ...], Limits(min_length=1)]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """``answers``: field → answer."""
        return answers.get(self.field) in self.answers


@dataclass(frozen=True, kw_only=True)
class Choice(Table):
    """One of the answers to a field. ``places``: the insured places that have it; none named: all."""

    code: Code
    label: Text
    note: str = ""
    icon: str = ""
    places: tuple[PlaceCode, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field(Table):
    """Something that a worker has to know: a question with one answer.

    ``within_days`` belongs to a date (from today), ``months`` to a range of months (the last 12, 24 …), ``choices`` to
    a choice, ``longest`` (characters) and ``example`` to a text, ``most`` (yuan) to money.
    """

    code: Code
    kind: FieldKind
    label: Text
    """What stands before the answer where it is read once more."""
    ask: Text
    help: str = ""
    choices: tuple[Choice, ...] = ()
    within_days: Annotated[int, Limits(ge=1, le=366)] | None = None
    months: tuple[Annotated[int, Limits(ge=1, le=120)], ...] = ()
    longest: Annotated[int, Limits(ge=1, le=100)] | None = None
    example: str = ""
    most: Annotated[int, Limits(ge=1)] | None = None
    when: When | None = None
    """Asked only then."""
    discreet: bool = False
    """Whether the answer may tell of an illness: it stands on no paper, nor on the last page."""

    def offered(self, place: str | None) -> tuple[Choice, ...]:
        """The choices that an insured place has; None: it makes no difference where."""
        return tuple(choice for choice in self.choices if place is None or not choice.places or place in choice.places)

    def __post_init__(self) -> None:
        """Raises ValueError where a rule is missing or belongs to another kind."""
        given: dict[FieldKind, tuple[str, bool]] = {
            "date": ("within_days", self.within_days is not None),
            "month-range": ("months", bool(self.months)),
            "choice": ("choices", bool(self.choices)),
            "money": ("most", self.most is not None),
            "text": ("longest", self.longest is not None),
        }
        for kind, (rule, is_given) in given.items():
            if (kind == self.kind) != is_given:
                says = f"a {self.kind} needs {rule}" if kind == self.kind else f"{rule} belongs to a {kind}"
                raise ValueError(says)
        if self.example and self.kind != "text":
            raise ValueError("example belongs to a text")
        codes = [choice.code for choice in self.choices]
        if len(set(codes)) != len(codes):
            raise ValueError("two choices have one code")


@dataclass(frozen=True, kw_only=True)
class PaperWanted(Table):
    """A paper that a filing asks for. Its words stand on the receipt: none of them tells of an illness."""

    code: Code
    label: Text
    help: str = ""
    when: When | None = None


@dataclass(frozen=True, kw_only=True)
class Item(Table):
    """One service. ``category`` is the one in whose file it stands; None: it has its own place on the home page."""

    code: Code
    journey: Code
    category: Code | None = None
    group: Code | None = None
    """The further choice under which it stands, in a category of more than seven."""
    label: Text
    """What people say (查参保情况)."""
    official: Text
    """The name in the authority's list (参保信息查询)."""
    icon: Text
    level: Literal[0, 1, 2]
    """Who is asked for: 0 nobody, 1 a card, 2 a card and a second factor."""
    offline: Literal["never", "queue", "cached"]
    accepts_expired_card: bool
    without_card: bool = False
    """Whether a worker may say who somebody is who has no card here (children, a card that is lost)."""
    rated: bool = True
    """Whether the person is asked at the end how it was (好差评)."""
    needs: Needs
    changed: date | None = None
    """Since when it is as it is, where people knew it otherwise: for some weeks it stands under 最近有变化的."""
    discreet: str = ""
    """What paper calls it where its name would tell of an illness."""
    aliases: Aliases = ()
    way_out: Annotated[tuple[Text, ...], Limits(max_length=3)] = ()
    """Who can be asked by telephone at once, where it cannot be done here and cannot wait."""
    guide: Guide | None = None
    field: tuple[Field, ...] = ()
    appointment: Diary | None = None
    """The times that can be booked (journey ``appointment``)."""
    query: QueryEntry | None = None
    """What is looked up: the whole of the item (journey ``query``), or beside what its journey does."""
    filing: FilingRules | None = None
    paper: tuple[PaperWanted, ...] = ()
    """What its filing asks for, in the order in which it is told."""
    certificate: CertificateEntry | None = None
    """What an authority gives a certificate of (journey ``certificate``)."""

    @property
    def option(self) -> Option[str]:
        """The item to press in a list: everyday name large, official name beneath."""
        official = "" if self.official == self.label else _(self.official)
        words = (self.label, self.official, *self.aliases)
        return Option(value=self.code, label=_(self.label), note=official, icon=self.icon, words=words)

    @property
    def on_paper(self) -> str:
        """The official name as paper may say it."""
        return _(self.discreet or self.official)


@dataclass(frozen=True, kw_only=True)
class Group(Table):
    """A further choice within a category: its items are on a page of their own."""

    code: Code
    label: Text
    icon: Text


@dataclass(frozen=True, kw_only=True)
class Category(Table):
    """A tile of the home page. ``where``, ``when`` and ``law`` hold for its items unless they say otherwise."""

    code: Code
    label: Text
    official: str = ""
    icon: Text
    subtitle: str = ""
    tile: Literal["large", "small"] = "small"
    where: Text
    when: Text
    law: Annotated[tuple[Text, ...], Limits(min_length=1)]
    aliases: Aliases = ()

    @property
    def option(self) -> Option[str]:
        """The category's tile."""
        words = (self.label, *((self.official,) if self.official else ()), *self.aliases)
        return Option(value=self.code, label=_(self.label), note=_(self.subtitle), icon=self.icon, words=words)
