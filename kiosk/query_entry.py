"""What an entry of the catalogue says that is a query: whom to ask for what, and how the rows are shown.

The shape of ``[item.query]``; ``kiosk.journeys.query`` runs it. Texts are the Chinese originals, for ``_()`` at use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field as Limits

from kiosk.tables import Table

Name = Annotated[str, Limits(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
Text = Annotated[str, Limits(min_length=1)]

Kind = Annotated[str, Limits(pattern=r"^(text|money|month|months|day|span|place|tail|code:[a-z][a-z0-9_]*)$")]
CODE: Final = "code:"
"""Begins the kind of a column whose value is a code of a table."""
NEVER: Final = "未参保"
"""What nobody is called on one authority's word."""


@dataclass(frozen=True, kw_only=True)
class Answer(Table):
    """One of the answers to a question."""

    code: Annotated[str, Limits(max_length=40)]
    label: Text


@dataclass(frozen=True, kw_only=True)
class Ask(Table):
    """A question that the authority needs an answer to: a choice, the last so many months, or one of the last years.

    Its first answer is the usual one. With ``first`` it is asked before anything is looked up; without, the usual one
    is taken, and another can be chosen where the result stands.
    """

    code: Name
    kind: Literal["choice", "months", "year"]
    ask: Text
    change: str = ""
    """What stands on the key that asks for another answer (看更久的)."""
    first: bool = False
    choices: tuple[Answer, ...] = ()
    months: tuple[Annotated[int, Limits(ge=1, le=120)], ...] = ()
    years: Annotated[int, Limits(ge=2, le=7)] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where a rule is missing or belongs to another kind."""
        given = {"choice": bool(self.choices), "months": bool(self.months), "year": self.years is not None}
        for kind, is_given in given.items():
            if (kind == self.kind) != is_given:
                rule = {"choice": "choices", "months": "months", "year": "years"}[kind]
                raise ValueError(f"a {kind} needs {rule}" if kind == self.kind else f"{rule} belongs to a {kind}")
        if self.first == bool(self.change):
            raise ValueError("is either asked first, or has words for the key that changes it")


@dataclass(frozen=True, kw_only=True)
class Column(Table):
    """One value of a row, by the name that central gives it.

    ``span`` reads a second column, ``to``, for where it ends. ``private``: covered until 按住看. ``paper``: it stands
    on the slip. ``title`` and ``state`` are the head of a card; ``by`` is the column of the kind of insurance, where a
    state means something else of some. ``absent`` is said where there is no value. In a table columns of higher
    ``rank`` leave first where there is less room.
    """

    code: Name
    label: str = ""
    kind: Kind = "text"
    to: str = ""
    role: Literal["", "title", "state"] = ""
    by: str = ""
    private: bool = False
    paper: bool = False
    absent: str = ""
    rank: Annotated[int, Limits(ge=0, le=9)] = 0

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if (self.kind == "span") != bool(self.to):
            raise ValueError("a span, and nothing else, needs to")
        if self.role == "" and not self.label:
            raise ValueError("needs a label")
        if self.private and self.role:
            raise ValueError("the head of a card cannot be covered")
        if self.by and not (self.role == "state" and self.kind.startswith(CODE)):
            raise ValueError("by belongs to a state that is a code")


@dataclass(frozen=True, kw_only=True)
class Part(Table):
    """A service of the authority: its rows as cards, or as a table. ``code`` is the service's name."""

    code: Name
    title: Text
    show: Literal["cards", "table"] = "cards"
    view: str = ""
    """What stands on the key that leads to a table, where other parts are shown first."""
    column: Annotated[tuple[Column, ...], Limits(min_length=1)]

    def __post_init__(self) -> None:
        """Raises ValueError."""
        codes = [column.code for column in self.column]
        if len(set(codes)) != len(codes):
            raise ValueError("two columns have one code")
        if any(column.by and column.by not in codes for column in self.column):
            raise ValueError("by is none of the columns")
        roles = [column.role for column in self.column if column.role]
        if len(set(roles)) != len(roles):
            raise ValueError("two columns have one role")


@dataclass(frozen=True, kw_only=True)
class Onwards(Table):
    """Another item that somebody may want next."""

    item: Name
    label: Text
    icon: Text


@dataclass(frozen=True, kw_only=True)
class QueryEntry(Table):
    """The whole of ``[item.query]``.

    ``place`` asks for the insured place (参保地), which is never guessed; left out, none is asked. ``nothing`` says
    in people's words that there was nothing, and one thing to do; {place} is the place where one is asked. ``label``
    and ``otherwise`` stand on the two keys where the item can do something else besides.
    """

    authority: Literal["social", "medical"]
    level: Literal[1, 2]
    place: str = ""
    place_help: str = ""
    found: Text
    nothing: Text
    notes: tuple[Text, ...] = ()
    label: str = ""
    otherwise: str = ""
    ask: tuple[Ask, ...] = ()
    part: Annotated[tuple[Part, ...], Limits(min_length=1, max_length=4)]
    onwards: Annotated[tuple[Onwards, ...], Limits(max_length=2)] = ()

    def __post_init__(self) -> None:
        """Raises ValueError."""
        for name, text in (("found", self.found), ("nothing", self.nothing)):
            if ("{place}" in text) and not self.place:
                raise ValueError(f"{name} names a place, and none is asked")
        if NEVER in self.nothing:
            raise ValueError(f"nothing: {NEVER} is not said on one authority's word")
        if len({part.code for part in self.part}) != len(self.part):
            raise ValueError("two parts have one code")
        beside = [part for part in self.part if part.show == "table" and part is not self.part[0]]
        if any(not part.view for part in beside):
            raise ValueError("a table beside other parts needs view")
        if self.part[0].show == "table" and any(part.show == "cards" for part in self.part):
            raise ValueError("cards come before tables")

    @property
    def on_paper(self) -> bool:
        """Whether there is a slip."""
        return any(column.paper for part in self.part for column in part.column)

    def code_tables(self) -> Iterator[tuple[str, str, str]]:
        """Part, column and the name of the code table that it needs."""
        for part in self.part:
            for column in part.column:
                if column.kind.startswith(CODE):
                    yield part.code, column.code, column.kind.removeprefix(CODE)
