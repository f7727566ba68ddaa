"""Whose keys a kiosk believes: the root's where it knows the root, whoever came first where it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from kiosk.contract.audit import PublishedRefused, PublishedTaken
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadSignature, ContractError, NotForHere
from kiosk.contract.messages import Keys, SealingKey
from kiosk.contract.rooted import root_hash, root_of, statement_of, under_root
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import Signed
from kiosk.files import write_durably
from kiosk.pinning import acknowledgement_keys, pinned_keys, read_pinned, to_pin
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.test_sync import FAST, open_house, until

AT = datetime(2026, 11, 23, tzinfo=UTC)


def signing(name: str) -> tuple[bytes, SigningKey]:
    private, public = suite(NEWEST).generate_signing()
    return private, SigningKey(id=name, suite=NEWEST, public=public)


def sealing(name: str) -> SealingKey:
    _, public = suite(NEWEST).generate()
    return SealingKey(id=name, suite=NEWEST, public=public, not_after=datetime(2036, 1, 1, tzinfo=UTC))


ROOT_PRIVATE, ROOT = signing("root-1")
OTHER_PRIVATE, OTHER = signing("root-2")
OLD, NEW = sealing("seal-1"), sealing("seal-2")
SETTINGS, SETTINGS_2 = signing("settings-1")[1], signing("settings-2")[1]
SPEAKS, SPEAKS_2 = signing("speaks-1")[1], signing("speaks-2")[1]
FIRST = Keys(version=1, sealing=(OLD,), settings=(SETTINGS,), acknowledgement=(SPEAKS,))
NEXT = Keys(version=2, sealing=(NEW,), settings=(SETTINGS_2,), acknowledgement=(SPEAKS_2,))
KNOWN = root_hash(ROOT)
CONTENT = cast("dict[str, object]", statement_of(FIRST, ROOT, AT).content)


def by_root(keys: Keys, private: bytes = ROOT_PRIVATE, root: SigningKey = ROOT) -> Keys:
    """As central offers them: with what the root signed."""
    return keys.model_copy(update={"rooted": statement_of(keys, root, AT).signed(root.id, private)})


def test_what_the_root_signed_comes_back_whole() -> None:
    offered = by_root(FIRST)
    assert offered.rooted is not None
    assert under_root(offered.rooted, KNOWN, above=0) == offered
    assert root_of(offered.rooted) == ROOT
    assert root_hash(OTHER) != KNOWN
    assert len(bytes.fromhex(KNOWN)) == 32


def test_authorities_and_the_oldest_program_are_the_root_s_to_name() -> None:
    """Neither whoever answers at the first contact may, nor a central that newer keys are taken of."""
    named = FIRST.model_copy(update={"authorities": (b"certificate",), "minimum": (1, 2, 3)})
    assert to_pin(None, by_root(named), KNOWN) == by_root(named)
    lying = by_root(FIRST).model_copy(update={"authorities": (b"certificate",), "minimum": (9, 0, 0)})
    assert to_pin(None, lying, KNOWN) == by_root(FIRST)
    assert to_pin(None, named) == FIRST
    assert to_pin(FIRST, replace_version(named, 2)) == replace_version(FIRST, 2)


# -- a machine that was told the root ----------------------------------------------------------------------------------


def test_at_the_first_contact_the_root_s_word_counts() -> None:
    """Not what whoever answers says beside it."""
    lying = by_root(FIRST).model_copy(update={"settings": (SETTINGS_2,), "sealing": (NEW,)})
    pinned = to_pin(None, lying, KNOWN)
    assert (pinned.sealing, pinned.settings, pinned.acknowledgement) == ((OLD,), (SETTINGS,), (SPEAKS,))


@pytest.mark.parametrize(
    "offered",
    [FIRST, by_root(FIRST, OTHER_PRIVATE, OTHER), by_root(FIRST, OTHER_PRIVATE, ROOT)],
    ids=["no root", "another root", "another key in the root's name"],
)
def test_without_the_root_s_signature_there_is_no_first_contact(offered: Keys) -> None:
    with pytest.raises(BadSignature):
        to_pin(None, offered, KNOWN)


def test_everything_is_exchanged_through_the_root_alone() -> None:
    """Sealing, settings and acknowledgement keys at once; an older or the same version changes nothing."""
    pinned = to_pin(None, by_root(FIRST), KNOWN)
    later = to_pin(pinned, by_root(NEXT), KNOWN)
    assert (later.sealing, later.settings, later.acknowledgement) == ((NEW,), (SETTINGS_2,), (SPEAKS_2,))
    assert later.version == 2
    assert to_pin(later, by_root(FIRST), KNOWN) == later
    assert to_pin(later, by_root(NEXT), KNOWN) == later
    with pytest.raises(BadSignature):
        to_pin(later, by_root(replace_version(FIRST, 3), OTHER_PRIVATE, OTHER), KNOWN)


def replace_version(keys: Keys, version: int) -> Keys:
    return keys.model_copy(update={"version": version})


def test_going_back_is_a_new_version_with_old_content() -> None:
    pinned = to_pin(to_pin(None, by_root(FIRST), KNOWN), by_root(NEXT), KNOWN)
    back = to_pin(pinned, by_root(replace_version(FIRST, 3)), KNOWN)
    assert (back.sealing, back.settings, back.version) == ((OLD,), (SETTINGS,), 3)


def test_a_central_that_lost_what_was_signed_is_still_the_one() -> None:
    """As long as it holds a key that is pinned; a stranger is none."""
    pinned = to_pin(None, by_root(FIRST), KNOWN)
    assert to_pin(pinned, FIRST.model_copy(update={"settings": (SETTINGS_2,)}), KNOWN) == pinned
    with pytest.raises(BadSignature):
        to_pin(pinned, NEXT, KNOWN)


def test_its_own_disk_is_believed_no_more_than_the_line(tmp_path: Path) -> None:
    """Whoever writes another key into keys.json steers nothing."""
    file = tmp_path / "keys.json"
    pinned = to_pin(None, by_root(FIRST), KNOWN)
    write_durably(file, pinned.model_dump_json().encode())
    assert (pinned_keys(file, KNOWN), acknowledgement_keys(file, KNOWN)) == ((SETTINGS,), (SPEAKS,))
    forged = json.loads(file.read_bytes()) | {"settings": [json.loads(SETTINGS_2.model_dump_json())]}
    write_durably(file, json.dumps(forged).encode())
    assert pinned_keys(file) == (SETTINGS_2,), "without the root nothing tells"
    assert pinned_keys(file, KNOWN) == (SETTINGS,)
    with pytest.raises(BadSignature):
        read_pinned(FIRST.model_dump_json().encode(), KNOWN)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "settings"},
        {"target": "K-001"},
        {"content": {}},
        {"content": []},
        {"content": CONTENT | {"authorities": "all"}},
        {"content": CONTENT | {"authorities": ["one"]}},
        {"content": CONTENT | {"minimum": [1, 2]}},
        {"content": CONTENT | {"more": []}},
    ],
    ids=["another kind", "for one kiosk", "empty", "no map", "no certificates", "no certificate", "no version", "more"],
)
def test_what_is_no_statement_of_keys_is_refused(change: dict[str, object]) -> None:
    statement = replace(statement_of(FIRST, ROOT, AT), **change)  # type: ignore[arg-type] # wrong ones on purpose
    signed: Signed = statement.signed(ROOT.id, ROOT_PRIVATE)
    with pytest.raises((NotForHere, ContractError)):
        under_root(signed, KNOWN, above=0)


# -- one that was not --------------------------------------------------------------------------------------------------


def test_the_root_that_came_first_is_kept_to() -> None:
    """The demonstration with a root: what it signs later is believed, another root's word is not."""
    pinned = to_pin(None, by_root(FIRST))
    assert to_pin(pinned, by_root(NEXT)).settings == (SETTINGS_2,)
    with pytest.raises(BadSignature):
        to_pin(pinned, by_root(NEXT, OTHER_PRIVATE, OTHER))


def test_a_root_that_comes_later_is_nobody_s() -> None:
    """Whoever answers in central's place could bring one."""
    pinned = to_pin(None, FIRST)
    overlapping = replace_version(NEXT, 2).model_copy(update={"sealing": (NEW, OLD)})
    later = to_pin(pinned, by_root(overlapping))
    assert (later.sealing, later.settings, later.rooted) == ((NEW, OLD), (SETTINGS,), None)


# -- over real HTTP ----------------------------------------------------------------------------------------------------


async def test_newer_keys_come_down_while_the_line_holds(tmp_path: Path) -> None:
    """Within the hour, which is short here; another root's are refused, and nothing of them stays."""
    central = CentralDouble()
    own = central.keys
    central.keys = by_root(own)
    try:
        async with open_house(tmp_path, central, replace(FAST, keys=0.05)) as house:
            assert house.pinned() == central.keys
            central.keys = by_root(own.model_copy(update={"version": 2, "settings": (SETTINGS_2,)}))
            await until(lambda: house.sync.settings_keys == (SETTINGS_2,))
            assert house.pinned() == central.keys
            await house.commit()
            assert await house.sync.drain(5)
            central.keys = by_root(own.model_copy(update={"version": 3}), OTHER_PRIVATE, OTHER)
            await until(lambda: PublishedRefused(what="keys", why="signature") in house.told)
            assert house.sync.settings_keys == (SETTINGS_2,)
        assert house.told[1] == PublishedTaken(what="keys", number=2)
    finally:
        central.stop()


async def test_a_machine_that_was_away_while_central_s_voice_changed_comes_back(tmp_path: Path) -> None:
    """Not even the time is said by a key that it knows: the root's word leads to the new one, nobody else's does."""
    central = CentralDouble()
    own = central.keys
    old = by_root(own.model_copy(update={"acknowledgement": (SPEAKS,)}))
    write_durably(tmp_path / "keys.json", old.model_dump_json().encode())
    try:
        central.keys = own.model_copy(update={"version": 2})
        async with open_house(tmp_path, central, met=False, root=KNOWN) as house:
            await until(lambda: central.requests["GET /v1/keys"] > 2)
            assert (house.sync.online, house.pinned()) == (False, old)
            central.keys = by_root(central.keys)
            await until(lambda: house.sync.online)
            await house.commit()
            assert await house.sync.drain(5)
    finally:
        central.stop()
