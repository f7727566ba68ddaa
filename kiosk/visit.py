"""The working desk: what a journey asks for is shown, read, recorded and printed here.

A visit begins with the first touch and ends with the wipe. Each finished await of a journey is a ``Step``; going back
cuts the steps to the last one that a *person* answered and runs the journey again over what is left, so no card is
asked for twice and no question to central is put twice. A change of language or care mode runs it again without a
cut, once what is awaited is there. What ``submit`` and ``print`` did is never undone nor done again: Back stops there.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar, cast

from kiosk.contract.base import Message
from kiosk.desk import Desk, Filed, Left, Paper, Whom, Writer
from kiosk.errors import Declined, Unavailable
from kiosk.manner import Anew, Back
from kiosk.pages import (
    Choose,
    ChooseDay,
    ChoosePlace,
    Confirm,
    Digits,
    Done,
    Page,
    SendPapers,
    Sheet,
    Tick,
    Words,
)
from kiosk.texts import language

if TYPE_CHECKING:
    from uuid import UUID

    from kiosk.contract.acts import Act
    from kiosk.contract.certificates import IssuedCertificate
    from kiosk.contract.identity import PersonReference, Witness
    from kiosk.contract.messages import MatterState, Sort
    from kiosk.contract.numbers import Number
    from kiosk.contract.queries import Inquiry
    from kiosk.identity import Person
    from kiosk.receipts import Receipt

A = TypeVar("A")
M = TypeVar("M", bound=Message)
Journey = Callable[[Desk], Awaitable[None]]

_log = logging.getLogger(__name__)


class Counter(Protocol):
    """The counter's work, done once for each step: ``counter.Counter`` on a machine, a script in a journey's test."""

    @property
    def can_print(self) -> bool: ...

    @property
    def can_print_documents(self) -> bool: ...

    @property
    def can_vouch(self) -> bool: ...

    async def ask(self, page: Page[A], draft: A | None, *, can_go_back: bool, step: int) -> A: ...

    async def identify(self, level: Literal[1, 2], *, whom: Whom, at_once: bool) -> Person: ...

    def forget_other(self) -> None: ...

    async def witness(self, person: Person) -> Witness | None: ...

    async def vouch_for(self, person: PersonReference) -> Witness | None: ...

    async def query(self, query: Inquiry[M]) -> M: ...

    async def find(self, query: Inquiry[M]) -> M: ...

    async def lately(self, kind: str, person: PersonReference) -> UUID | None: ...

    async def recorded_here(self, number: Number) -> tuple[MatterState, Sort] | None: ...

    async def submit(self, act: Act, receipt: Writer | None, *, live: bool) -> Filed: ...

    async def ask_again(self, filed: Filed) -> Filed: ...

    def preview(self, receipt: Receipt, copy: int) -> Sheet: ...

    async def print(self, receipt: Receipt, of: Filed | None, copy: int) -> Paper: ...

    async def print_document(self, issued: IssuedCertificate) -> Paper: ...


@dataclass
class Step:
    """A finished await: what was called, how it ended, and whether a person answered it by touch."""

    verb: str
    name: str
    outcome: object = None
    error: Exception | None = None
    asked: bool = False
    counts: bool = False
    """Whether it is one of the steps that the head numbers."""
    seals: bool = False

    @property
    def shows_another(self) -> bool:
        """Whether somebody was shown for whom the person is here."""
        return self.verb == "identify" and self.name.startswith("other ")


@dataclass
class Visit:
    """One journey at the desk. ``run`` ends when the journey ends, or raises Left, Unavailable or Declined."""

    counter: Counter
    now: datetime
    change: Callable[[Anew], None]
    steps: list[Step] = field(default_factory=list)
    drafts: dict[tuple[str, int], object] = field(default_factory=dict)
    at: int = 0

    @property
    def can_print(self) -> bool:
        """Whether a receipt can be offered."""
        return self.counter.can_print

    @property
    def can_print_documents(self) -> bool:
        """See Desk.can_print_documents."""
        return self.counter.can_print_documents

    @property
    def can_vouch(self) -> bool:
        """See Desk.can_vouch."""
        return self.counter.can_vouch

    async def run(self, journey: Journey) -> None:
        """Runs ``journey``, from the start again after each Back and each change of manner."""
        while True:
            self.at = 0
            try:
                return await journey(self)
            except Back:
                self._cut()
            except Anew as anew:
                self.change(anew)
            except _SpokenAnew:
                continue

    def try_again(self) -> None:
        """Forgets a failure at the end of the steps, so that the next ``run`` does that work anew."""
        if self.steps and self.steps[-1].error is not None and not self.steps[-1].seals:
            del self.steps[-1]

    async def ask(self, page: Page[A]) -> A:
        """See Desk.ask. The earlier answer to the question of this name and place comes back as its draft."""
        place = (page.name, sum(1 for step in self.steps[: self.at] if step.name == page.name))

        asks = isinstance(page, Choose | Tick | Digits | ChoosePlace | ChooseDay | Confirm | Words | SendPapers)
        step = 1 + sum(step.counts for step in self.steps[: self.at]) if asks else 0

        async def work() -> A:
            draft = cast("A | None", self.drafts.get(place))
            return await self.counter.ask(page, draft, can_go_back=self._leads_back(page), step=step)

        return await self._step("ask", page.name, work, asked=True, counts=asks)

    async def identify(self, level: Literal[1, 2] = 1, *, whom: Whom = "self", at_once: bool = False) -> Person:
        """See Desk.identify."""
        name = f"{whom} {level} at once" if at_once else f"{whom} {level}"
        return await self._step(
            "identify", name, lambda: self.counter.identify(level, whom=whom, at_once=at_once), counts=True
        )

    async def witness(self, person: Person) -> Witness | None:
        """See Desk.witness."""
        return await self._step("witness", "promise", lambda: self.counter.witness(person))

    async def vouch_for(self, person: PersonReference) -> Witness | None:
        """See Desk.vouch_for."""
        return await self._step("witness", "identity", lambda: self.counter.vouch_for(person))

    async def query(self, query: Inquiry[M]) -> M:
        """See Desk.query."""
        return await self._step("query", query.name, lambda: self.counter.query(query))

    async def find(self, query: Inquiry[M]) -> M | None:
        """See Desk.find."""

        async def work() -> M | None:
            try:
                return await self.counter.find(query)
            except (Unavailable, Declined) as error:
                _log.info("%s could not be asked: %s", query.name, error)
                return None

        return await self._step("find", query.name, work)

    async def lately(self, kind: str, person: PersonReference) -> UUID | None:
        """See Desk.lately."""
        return await self._step("lately", kind, lambda: self.counter.lately(kind, person))

    async def recorded_here(self, number: Number) -> tuple[MatterState, Sort] | None:
        """See Desk.recorded_here."""
        return await self._step("recorded", str(number), lambda: self.counter.recorded_here(number))

    async def submit(self, act: Act, receipt: Writer | None = None, *, live: bool = False) -> Filed:
        """See Desk.submit."""
        if live is not act.live:
            raise ValueError(f"{act.kind} is {'live' if act.live else 'not live'}")
        return await self._step("submit", act.kind, lambda: self.counter.submit(act, receipt, live=live), seals=True)

    async def ask_again(self, filed: Filed) -> Filed:
        """See Desk.ask_again."""
        return await self._step("ask again", str(filed.id), lambda: self.counter.ask_again(filed))

    def preview(self, receipt: Receipt, *, copy: int = 0) -> Sheet:
        """See Desk.preview."""
        return self.counter.preview(receipt, copy)

    async def print(self, receipt: Receipt, *, of: Filed | None = None, copy: int = 0) -> Paper:
        """See Desk.print. A receipt speaks the visit's language, which may be another one in a replay: what tells one
        print from the next is the copy's number alone."""
        return await self._step("print", str(copy), lambda: self.counter.print(receipt, of, copy), seals=True)

    async def print_document(self, issued: IssuedCertificate) -> Paper:
        """See Desk.print_document."""
        return await self._step("document", issued.sha256, lambda: self.counter.print_document(issued), seals=True)

    async def _step(
        self, verb: str, name: str, work: Callable[[], Awaitable[A]], *, asked: bool = False, counts: bool = False,
        seals: bool = False,
    ) -> A:  # fmt: skip
        if self.at < len(self.steps):
            step = self.steps[self.at]
            if (step.verb, step.name) == (verb, name):
                self.at += 1
                if step.error is not None:
                    raise step.error
                return cast(A, step.outcome)
            if self.at < self._sealed():
                raise RuntimeError(f"the journey asks for {verb} {name} where it recorded {step.verb} {step.name}")
            del self.steps[self.at :]
        step = Step(verb, name, asked=asked, counts=counts, seals=seals)
        spoken = language()
        try:
            outcome = await work()
        except (Left, Back, Anew):
            raise
        except Exception as error:
            step.error = error
            step.seals = seals and not isinstance(error, Unavailable)  # of a live act: nothing was recorded
            self._keep(step)
            raise
        step.outcome = outcome
        self._keep(step)
        if language() != spoken:
            raise _SpokenAnew
        return outcome

    def _keep(self, step: Step) -> None:
        self.steps.append(step)
        self.at = len(self.steps)

    def _sealed(self) -> int:
        """How many steps stay for ever, because an effect happened at the last of them."""
        return max((index + 1 for index, step in enumerate(self.steps) if step.seals), default=0)

    def _leads_back(self, page: Page[A]) -> bool:
        """Whether Back leads anywhere: out of the journey, as long as it had no effect, or to a question after that,
        but not from what is done."""
        return not self._sealed() or (self._last_asked() is not None and not isinstance(page, Done))

    def _last_asked(self) -> int | None:
        return max((i for i, step in enumerate(self.steps) if step.asked and i >= self._sealed()), default=None)

    def _cut(self) -> None:
        last = self._last_asked()
        if last is None:
            raise Left("cancelled")
        for index, step in enumerate(self.steps):
            if index >= last and step.asked:
                place = (step.name, sum(1 for earlier in self.steps[:index] if earlier.name == step.name))
                self.drafts[place] = step.outcome
        shown = [index for index, step in enumerate(self.steps) if step.shows_another]
        if shown and shown[0] >= last:
            self.counter.forget_other()
        del self.steps[last:]


class _SpokenAnew(Exception):
    """Another language was chosen while something was awaited, which is done: texts made before are in the old one."""
