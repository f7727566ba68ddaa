"""What a machine still holds of a person who is gone: on its glass, in its objects, in any text that can be reached.

Three looks, from the cheapest on. The words on the glass; the objects that exist only for a visit; every text that can
be reached from the machine's parts and its tasks, stacks of coroutines included. A class or a module is nobody's.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import pkgutil
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from pydantic import BaseModel

from devices.card_text import IdCard
from devices.scanner import Scan
from devices.social_card import SocialCard
from kiosk import contract
from kiosk.composing import Composer
from kiosk.contract.acknowledgements import SignedAcknowledgement
from kiosk.contract.base import Message, SigningKey
from kiosk.contract.batches import BatchSignature
from kiosk.contract.datasets import Dataset
from kiosk.contract.diary import Diary, Slot
from kiosk.contract.messages import Health, HeartbeatAnswer, Keys, SealingKey
from kiosk.contract.numbers import Number
from kiosk.contract.signatures import SignedBytes
from kiosk.contract.signed import Signed
from kiosk.contract.times import TimeAnswer
from kiosk.counter import Counter
from kiosk.credentials import Credential
from kiosk.equipment import Guest
from kiosk.identity import Person, masked_name
from kiosk.journeys.backing import Backed
from kiosk.journeys.card_lost import CardDeed
from kiosk.journeys.family_account import FamilyDeed
from kiosk.journeys.fields import Answered
from kiosk.journeys.filing import Draft as FilingDraft
from kiosk.journeys.filing import Whom
from kiosk.journeys.medical_payment import Payment
from kiosk.journeys.remote_care_filing import Draft
from kiosk.journeys.telephone import Telephone
from kiosk.manner import Manner
from kiosk.pages import Attract, Home, Page
from kiosk.receipts import Receipt
from kiosk.texts import language
from kiosk.visit import Step, Visit
from tests.monkey.voice import VOLUME

if TYPE_CHECKING:
    import main
    from screens.stage import Stage


class Drafts(dict[tuple[str, int], object]):
    """What a visit of the monkey's keeps its drafts in, to be known again."""


class Steps(list[Step]):
    """The same for its steps."""


ROOT = Path(__file__).parents[2]
OF_NOBODY: dict[type[BaseModel], str] = {
    Message: "what all messages are made of",
    **dict.fromkeys((Dataset, Diary, Slot), "public lists, and the catalogue's times"),
    **dict.fromkeys((SigningKey, SealingKey, Keys, TimeAnswer), "keys and time, central's own"),
    **dict.fromkeys((SignedBytes, SignedAcknowledgement, BatchSignature, Signed), "of a ledger or a file as a whole"),
    **dict.fromkeys((Health, HeartbeatAnswer), "how central is, and how much it has"),
}
"""Models of the contract that tell of nobody and may outlast a visit, and why."""


def of_the_contract() -> tuple[type[BaseModel], ...]:
    """Every other model of the contract: acts, questions, answers and their parts."""
    names = [f"{contract.__name__}.{found.name}" for found in pkgutil.iter_modules(contract.__path__)]
    return tuple(
        thing
        for module in map(importlib.import_module, names)
        for name, thing in vars(module).items()
        if isinstance(thing, type) and issubclass(thing, BaseModel) and thing.__module__ == module.__name__
        if not name.startswith("_") and thing not in OF_NOBODY
    )


OF_A_VISIT: tuple[type[object], ...] = (
    *of_the_contract(),
    Answered, Backed, CardDeed, Composer, Counter, Credential, Draft, Drafts, FamilyDeed, FilingDraft, Guest, IdCard,
    Number, Page, Payment, Person, Receipt, Scan, SocialCard, Step, Steps, Telephone, Visit, Whom,
)  # fmt: skip
"""What exists for one visit only, as views do. The home page and the still one, the view of the one that stands and a
guest whom nobody knows yet are the next visit's."""

ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
"""Of a text in bytes: on the wire to central, on the wire to the printer, on a card."""


def in_bytes(text: str) -> Iterator[bytes]:
    """The text in each encoding."""
    for encoding in ENCODINGS:
        yield text.encode(encoding)


class Sought:
    """What tells of somebody: ``words`` that are known beforehand, and what is typed.

    Of the words it keeps patterns alone, so that the search does not find what it searches for.
    """

    def __init__(self, words: Iterable[str]) -> None:
        known = sorted(words)
        encoded = sorted({each for word in known for each in in_bytes(word)})
        self._words = re.compile("|".join(map(re.escape, known)))
        self._encoded = re.compile(b"|".join(map(re.escape, encoded)))
        re.purge()
        self._typed: set[str] = set()
        self._typed_encoded: set[bytes] = set()

    def is_typed(self, text: str) -> None:
        """From here on this is looked for too. It has to be such as stands nowhere by chance."""
        self._typed.add(text)
        self._typed_encoded.update(in_bytes(text))

    @property
    def is_anything_typed(self) -> bool:
        """Since it was forgotten."""
        return bool(self._typed)

    def forget_typed(self) -> None:
        """Nothing was typed."""
        self._typed.clear()
        self._typed_encoded.clear()

    def told_by(self, text: str | bytes) -> bool:
        """Whether the text, or the bytes of one, tells of somebody."""
        if isinstance(text, str):
            return self._words.search(text) is not None or any(typed in text for typed in self._typed)
        return self._encoded.search(text) is not None or any(typed in text for typed in self._typed_encoded)


def of_the_people() -> Sought:
    """What names the fictitious people: names, whole and masked, numbers, telephones, employers."""
    cards = tomllib.loads((ROOT / "devices/simulated/people.toml").read_text(encoding="utf-8"))["person"]
    known = tomllib.loads((ROOT / "central/demonstration/register.toml").read_text(encoding="utf-8"))["people"]
    words = {person[key] for person in (*cards, *known) for key in ("name", "number", "telephone") if key in person}
    words |= {masked_name(person["name"]) for person in cards}
    words |= {row["unit"] for person in known for row in person.get("insurances", ()) if row.get("unit")}
    return Sought(words)


def set_apart_what_is_there() -> None:
    """What exists before anybody came is of no visit: no look and no collection goes through it again. What it holds
    later is reached all the same, from the machine's parts."""
    gc.collect()
    gc.freeze()


async def what_stays(
    look: Callable[[bool], list[str]],
    over: Callable[[], bool],
    *,
    within: float,
    now: Callable[[], float] = time.monotonic,
) -> list[str] | None:
    """What ``look`` still finds after ``within`` seconds; None when it is ``over`` before that.

    The first look sees what the kiosk did not collect itself. What is under way for nobody may end first, and what only
    holds itself is collected. The last look alone finds words for what it sees: looking for holders takes so long that
    on a busy machine nothing was collected before it was over.
    """
    until = now() + within
    while look(False):
        if over():
            return None
        if now() > until:
            gc.collect()
            return sorted(set(look(True)))
        await asyncio.sleep(0.05)
        gc.collect()
    return []


def leftovers(
    machine: main.Machine,
    stage: Stage,
    sought: Sought,
    *,
    everything: bool,
    in_words: bool = True,
) -> list[str]:
    """What there is of anybody, in words without what it says; nothing when the machine is as on the first morning.

    To be asked while the home page or the still page stands. Without ``everything`` it takes the two quick looks.
    ``in_words``: with what holds it.
    """
    from screens.text import Text
    from screens.view import View

    found = [
        f"the glass says it: {type(widget.parent).__name__}"
        for widget in stage.walk()
        if isinstance(widget, Text) and sought.told_by(widget.text)
    ]
    shown = stage.shown.page if stage.shown is not None else None
    aids = stage._aids  # what is set about the screens at home is the next visit's
    there = {id(shown), id(stage._view), id(aids), id(aids.page if aids is not None else None)}
    things = [
        thing
        for thing in of_kinds((*OF_A_VISIT, View))
        if id(thing) not in there and not isinstance(thing, Attract | Home)
        if not (type(thing) is Guest and thing.person is None)
    ]
    if in_words:
        gc.unfreeze()  # what holds them may have been there before
    found += [
        f"there is a {type(thing).__name__}" + (f", held by {_holders(thing)}" if in_words else "") for thing in things
    ]
    if not everything:
        return found
    mine = asyncio.current_task()
    roots: list[object] = [machine, stage, *(task for task in asyncio.all_tasks() if task is not mine)]
    for text, holder in _texts_from(roots):
        if sought.told_by(text):
            found.append(f"a text is held by a {holder}")
    return found


def still_set(machine: main.Machine, stage: Stage) -> list[str]:
    """What is set about the screens otherwise than on the first morning. To be asked as soon as they are wiped."""
    found: list[str] = []
    manners = {stage.manner, machine.reception.manner}
    if manners != {Manner()} or language() != Manner().language:
        found.append(f"the manner is {manners}, the language {language()}")
    if machine.voice.volume != VOLUME:
        found.append(f"the volume is {machine.voice.volume}")
    return found


def of_kinds(kinds: tuple[type[object], ...]) -> list[object]:
    """What there is of these kinds that was not set apart; a bare page is nobody's."""
    suspect: dict[type[object], bool] = {}
    found: list[object] = []
    for thing in gc.get_objects():
        kind: type[object] = type(thing)  # kivy's weak proxies would answer for what is gone
        if kind not in suspect:
            suspect[kind] = issubclass(kind, kinds) and kind is not Page
        if suspect[kind]:
            found.append(thing)
    return found


def _texts_from(roots: list[object]) -> Iterator[tuple[str | bytes, str]]:
    """Every text that can be reached, in bytes as they are, and what kind of thing holds it."""
    waiting, seen = list(roots), {id(asyncio.current_task()), *map(id, roots)}
    while waiting:
        holder = waiting.pop()
        for thing in _held_by(holder):
            kind = type(thing)  # kivy's weak proxies would answer for what is gone
            if issubclass(kind, str):
                yield str(thing), type(holder).__name__
            elif issubclass(kind, bytes | bytearray):
                yield bytes(thing), type(holder).__name__  # type: ignore[call-overload]
            elif id(thing) not in seen and not issubclass(kind, _NOBODYS):
                seen.add(id(thing))
                waiting.append(thing)


_NOBODYS = (ModuleType, type, CodeType, int, float)


def _held_by(holder: object) -> Iterable[object]:
    if type(holder) is FunctionType:  # its globals are its module's
        return (holder.__closure__, holder.__defaults__, holder.__kwdefaults__)
    return gc.get_referents(holder)


def _holders(thing: object) -> str:
    """What keeps it alive, and that, and that: the kinds of a few."""
    names: list[str] = []
    mine = {id(names), id(sys._getframe()), id(sys._getframe(1))}
    for _step in range(8):
        holders = [one for one in gc.get_referrers(thing) if id(one) not in mine and type(one) not in _PASSING]
        if not holders:
            break
        thing = holders[0]
        names.append(type(thing).__name__)
    return " in ".join(names) or "nothing that is known"


_PASSING: tuple[type[object], ...] = (list, FrameType, type(iter([])))
