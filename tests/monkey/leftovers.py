"""What a machine still holds of a person who is gone: on its glass, in its objects, in any text that can be reached.

Three looks, from the cheapest on. The words on the glass; the objects that exist only for a visit; every text that can
be reached from the machine's parts and its tasks, stacks of coroutines included. A class or a module is nobody's.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from devices.card_text import IdCard
from devices.scanner import Scan
from devices.social_card import SocialCard
from kiosk.composing import Composer
from kiosk.contract.acts import Act, PersonReference
from kiosk.contract.beforehand import Family, SocialCards
from kiosk.contract.due import Due, DueLine
from kiosk.contract.filing_basis import FilingBasis
from kiosk.contract.identity import Agent, Witness
from kiosk.contract.messages import CodeCheck, CodeSent
from kiosk.contract.queries import Filings, InsuranceStatus, LastCheckIn, Matters, Query
from kiosk.contract.uploads import UploadOpened, UploadState
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
from kiosk.pages import Page
from kiosk.receipts import Receipt
from kiosk.visit import Step, Visit

if TYPE_CHECKING:
    import main
    from screens.stage import Stage


class Drafts(dict[tuple[str, int], object]):
    """What a visit of the monkey's keeps its drafts in, to be known again."""


class Steps(list[Step]):
    """The same for its steps."""


ROOT = Path(__file__).parents[2]
OF_A_VISIT = (
    Act, Agent, Answered, Backed, CardDeed, CodeCheck, CodeSent, Composer, Counter, Credential, Draft, Drafts, Due,
    DueLine, Family, FamilyDeed, FilingBasis, FilingDraft, Filings, Guest, IdCard, InsuranceStatus, LastCheckIn,
    Matters, Page, Payment, Person, PersonReference, Query, Receipt, Scan, SocialCard, SocialCards, Step, Steps,
    Telephone, UploadOpened, UploadState, Visit, Whom, Witness,
)  # fmt: skip
"""What exists for one visit only, as views do. The home page, its view and a guest whom nobody knows yet are the next
visit's."""


def of_the_people() -> re.Pattern[str]:
    """What names the fictitious people: names, whole and masked, numbers, telephones, employers.

    As a pattern alone, so that the search does not find what it searches for.
    """
    cards = tomllib.loads((ROOT / "devices/simulated/people.toml").read_text(encoding="utf-8"))["person"]
    known = tomllib.loads((ROOT / "central/demonstration/register.toml").read_text(encoding="utf-8"))["people"]
    words = {person[key] for person in (*cards, *known) for key in ("name", "number", "telephone") if key in person}
    words |= {masked_name(person["name"]) for person in cards}
    words |= {row["unit"] for person in known for row in person.get("insurances", ()) if row.get("unit")}
    pattern = re.compile("|".join(map(re.escape, sorted(words))))
    re.purge()
    return pattern


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
    people: re.Pattern[str],
    typed: Iterable[str],
    *,
    everything: bool,
    in_words: bool = True,
) -> list[str]:
    """What there is of anybody, in words without what it says; nothing when the machine is as on the first morning.

    To be asked while the home page stands. ``typed`` are numbers that were typed. Without ``everything`` it takes the
    two quick looks. ``in_words``: with what holds it.
    """
    from screens.text import Text
    from screens.view import View

    numbers = tuple(typed)
    found = [
        f"the glass says it: {type(widget.parent).__name__}"
        for widget in stage.walk()
        if isinstance(widget, Text) and _tells(widget.text, people, numbers)
    ]
    shown = stage.shown.page if stage.shown is not None else None
    aids = stage._aids  # what is set about the screens at home is the next visit's
    there = {id(shown), id(stage._view), id(aids), id(aids.page if aids is not None else None)}
    things = [
        thing
        for thing in of_kinds((*OF_A_VISIT, View))
        if id(thing) not in there and not (type(thing) is Guest and thing.person is None)
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
        if _tells(text, people, numbers):
            found.append(f"a text is held by a {holder}")
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


def _tells(text: str, people: re.Pattern[str], typed: tuple[str, ...]) -> bool:
    return people.search(text) is not None or any(number in text for number in typed)


def _texts_from(roots: list[object]) -> Iterator[tuple[str, str]]:
    """Every text that can be reached, and what kind of thing holds it."""
    waiting, seen = list(roots), {id(asyncio.current_task()), *map(id, roots)}
    while waiting:
        holder = waiting.pop()
        for thing in _held_by(holder):
            kind = type(thing)  # kivy's weak proxies would answer for what is gone
            if issubclass(kind, str):
                yield str(thing), type(holder).__name__
            elif issubclass(kind, bytes | bytearray):
                yield bytes(thing).decode("utf-8", "replace"), type(holder).__name__  # type: ignore[call-overload]
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
