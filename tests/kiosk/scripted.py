"""A counter that follows a script, so that the test of a journey reads as its specification.

    await played(journey, [("card", CHEN), ("kind", "long-stay"), BACK, ("confirm", None)])

Each entry of the script is a page's name with its answer, or a verb's name (``card``, ``query``, ``submit``, ``print``)
with its outcome; an exception as the answer is raised. What was shown, recorded and printed is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from kiosk import printing, texts
from kiosk.contract.acts import Act
from kiosk.contract.base import Message
from kiosk.contract.certificates import CertificateOf, IssuedCertificate
from kiosk.contract.identity import PersonReference, Witness
from kiosk.contract.lookups import Lookup
from kiosk.contract.messages import Matter, MatterState, Sort
from kiosk.contract.numbers import Number
from kiosk.contract.queries import Inquiry
from kiosk.desk import Filed, Paper, Whom, Writer
from kiosk.equipment import PaperKind
from kiosk.errors import Unavailable
from kiosk.identity import Person
from kiosk.manner import Anew, Manner
from kiosk.pages import Page, Sheet
from kiosk.receipts import Receipt, in_both
from kiosk.settings import Site
from kiosk.visit import Journey, Visit

A = TypeVar("A")
M = TypeVar("M", bound=Message)
NOW = datetime(2026, 11, 22, 9, 46, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class ScriptedCounter:
    """Answers from the script, in order; says loudly when the journey asks for something else."""

    script: list[tuple[str, object]]
    can_print: bool = True
    can_print_documents: bool = False
    can_vouch: bool = True
    pages: list[Page[object]] = field(default_factory=list)
    drafts: list[tuple[str, object]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    copies: list[int] = field(default_factory=list)
    backs: list[bool] = field(default_factory=list)
    numbered: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    queries: list[Lookup] = field(default_factory=list)
    certificates: list[CertificateOf] = field(default_factory=list)
    vouched_for: list[PersonReference] = field(default_factory=list)
    forgot_other: int = 0
    made_lately: UUID | None = None
    asked_lately: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, page: Page[A], draft: A | None, *, can_go_back: bool, step: int) -> A:
        self.pages.append(cast("Page[object]", page))
        self.drafts.append((page.name, draft))
        self.backs.append(can_go_back)
        self.numbered.append(step)
        return cast(A, self._next(page.name))

    async def identify(self, level: Literal[1, 2], *, whom: Whom = "self", at_once: bool = False) -> Person:
        self.levels.append(level)
        person = cast(Person, self._next("card" if whom == "self" else whom))
        if at_once and person.check == "owed":
            raise Unavailable("offline")
        return person

    def forget_other(self) -> None:
        self.forgot_other += 1

    async def witness(self, person: Person) -> Witness | None:
        return cast("Witness | None", self._next("witness"))

    async def vouch_for(self, person: PersonReference) -> Witness | None:
        self.vouched_for.append(person)
        return cast("Witness | None", self._next("witness"))

    async def query(self, query: Inquiry[M]) -> M:
        if isinstance(query, Lookup):
            self.queries.append(query)
        if isinstance(query, CertificateOf):
            self.certificates.append(query)
        return cast(M, self._next(query.name))

    async def find(self, query: Inquiry[M]) -> M:
        return cast(M, self._next(query.name))

    async def lately(self, kind: str, person: PersonReference) -> UUID | None:
        self.asked_lately.append((kind, person.number))
        return self.made_lately

    async def recorded_here(self, number: Number) -> tuple[MatterState, Sort] | None:
        return cast("tuple[MatterState, Sort] | None", self._next("recorded"))

    async def submit(self, act: Act, receipt: Writer | None, *, live: bool = False) -> Filed:
        matter, paper = self._submitted()
        self.acts.append(act)
        filed = Filed(
            id=UUID(int=len(self.acts)),
            number="K001-26-000317-7Q4X",
            at=NOW,
            state=matter.state if matter else "unsure" if live else "kept",
            matter=matter,
            paper=paper if receipt and self.can_print else None,
        )
        if receipt is not None:
            self.receipts.append(in_both(partial(receipt, filed)))
        return filed

    async def ask_again(self, filed: Filed) -> Filed:
        matter = cast("Matter | None", self._next("ask again"))
        return replace(filed, state=matter.state if matter else "unsure", matter=matter)

    def preview(self, receipt: Receipt, copy: int) -> Sheet:
        return Sheet(blocks=tuple(printing.blocks(receipt, Site(), printing.Style(paper=PaperKind()), copy=copy)))

    async def print(self, receipt: Receipt, of: Filed | None, copy: int) -> Paper:
        self.receipts.append(receipt)
        self.copies.append(copy)
        return cast(Paper, self._next("print"))

    async def print_document(self, issued: IssuedCertificate) -> Paper:
        return cast(Paper, self._next("document"))

    def _submitted(self) -> tuple[Matter | None, Paper]:
        """What became of the matter, or of that and of its receipt."""
        outcome = self._next("submit")
        if not isinstance(outcome, tuple):
            outcome = (outcome, PRINTED)
        return cast("tuple[Matter | None, Paper]", outcome)

    def _next(self, wanted: str) -> object:
        assert self.script, f"the journey goes on with {wanted}, the script has ended"
        name, answer = self.script.pop(0)
        assert name == wanted, f"the journey asks for {wanted}, the script has {name}"
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def page(self, name: str) -> Page[object]:
        """The last page of this name that was shown."""
        return next(page for page in reversed(self.pages) if page.name == name)


async def played(
    journey: Journey,
    script: Sequence[tuple[str, object]],
    *,
    can_print: bool = True,
    can_print_documents: bool = False,
    can_vouch: bool = True,
    language: texts.Language = "zh",
    made_lately: UUID | None = None,
) -> ScriptedCounter:
    """Runs ``journey`` through the whole script. What the journey raises is raised."""
    counter = ScriptedCounter(
        list(script),
        can_print=can_print,
        can_print_documents=can_print_documents,
        can_vouch=can_vouch,
        made_lately=made_lately,
    )

    def change(anew: Anew) -> None:
        texts.speak(anew.manner.language)

    visit = Visit(counter, now=NOW, change=change)
    with texts.spoken(language):
        await visit.run(journey)
    assert not counter.script, f"the journey ended before {counter.script[0][0]}"
    return counter


ENGLISH = Anew(Manner(language="en"))
PRINTED = Paper(outcome="printed")
