"""Keys that central exchanged while a kiosk had no line: they come with its answer, by the root's word alone."""

from __future__ import annotations

import io
import json
import stat
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from typer.testing import CliRunner

import main
from kiosk.alone import alone_in
from kiosk.contract.audit import AuditEvent, CarriedByHand, PublishedRefused, PublishedTaken
from kiosk.contract.messages import Keys
from kiosk.contract.rooted import statement_of, under_root
from kiosk.contract.signed import Signed
from kiosk.contract.takeaway import AnswerHead, Reading
from kiosk.files import write_durably
from kiosk.outbox import Outbox
from kiosk.pinning import read_pinned
from kiosk.release import VERSION
from tests.kiosk.acts import filing
from tests.kiosk.test_outbox import records_in, status_of
from tests.kiosk.test_pinning import (
    AT,
    KNOWN,
    NEW,
    OTHER,
    OTHER_PRIVATE,
    ROOT,
    ROOT_PRIVATE,
    SETTINGS_2,
    by_root,
    signing,
)
from tests.kiosk.test_takeaway import CENTRAL, CENTRAL_PRIVATE, KEPT, answer_to, filled, trusting

VOICE_PRIVATE, VOICE = signing("central-2")
NEWER = trusting().model_copy(
    update={"version": 2, "sealing": (NEW,), "settings": (SETTINGS_2,), "acknowledgement": (VOICE,)}
)
FIRST, NEXT = by_root(trusting()), by_root(NEWER)
TAKEN = "stored 3, quarantined 0, not waiting here 0\n"
COME = "keys of version 2 came with it: what is recorded next is sealed to them\n"


@pytest.fixture(params=["told", "met"])
def told(request: pytest.FixtureRequest) -> bool:
    """Whether the machine was told the root, or met it with the keys that it pinned first."""
    return bool(request.param == "told")


def run(folder: Path, *arguments: str, told: bool = True) -> tuple[int, str]:
    """Exit code and all that is said."""
    settings = folder / "kiosk.toml"
    settings.write_text(f'[central]\nurl = "http://127.0.0.1:1"\nroot = "{KNOWN}"\n')
    options = ["--settings", str(settings)] if told else []
    result = CliRunner().invoke(main.app, [*options, "--data", str(folder), *arguments])
    return result.exit_code, result.output


def acknowledge(folder: Path, file: Path, *, told: bool = True) -> tuple[int, str]:
    return run(folder, "outbox", "acknowledge", str(file), told=told)


async def carried(folder: Path, pinned: Keys = FIRST) -> Path:
    """An export of a kiosk that keeps to those keys."""
    await filled(folder, 2)
    pin(folder, pinned)
    assert run(folder, "outbox", "export", str(folder / "away"))[0] == 0
    for note in notes_in(folder):
        note.unlink()
    return folder / "away"


def pin(folder: Path, keys: Keys) -> None:
    write_durably(folder / "keys.json", keys.model_dump_json().encode())


def pinned_in(folder: Path, root: str | None = KNOWN) -> Keys:
    return read_pinned((folder / "keys.json").read_bytes(), root)


def by_new_voice(file: Path, listed: Signed | None = NEXT.rooted, kiosk: str = "K-001") -> Path:
    """The answer of a central that speaks by another key than before."""
    return answer_to(file, kiosk=kiosk, key=VOICE, private=VOICE_PRIVATE, listed=listed)


def notes_in(folder: Path) -> list[Path]:
    return sorted((folder / "notes").glob("*.json"))


def told_of(folder: Path) -> list[tuple[str, dict[str, object]]]:
    left = [json.loads(note.read_bytes()) for note in notes_in(folder)]
    return [(note["kind"], note["details"]) for note in left]


def events(*these: AuditEvent) -> list[tuple[str, dict[str, object]]]:
    return [(event.kind, dict(event.details)) for event in these]


async def test_exchanged_keys_come_with_the_answer(tmp_path: Path, told: bool) -> None:
    """It is believed by them, they are pinned, the ledger is anchored by them, the next record is sealed to them."""
    file = by_new_voice(await carried(tmp_path))
    assert acknowledge(tmp_path, file, told=told) == (0, TAKEN + COME)
    assert pinned_in(tmp_path) == NEXT
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert told_of(tmp_path) == events(CarriedByHand(what="acknowledge"), PublishedTaken(what="keys", number=2))
    assert status_of(tmp_path).stored == 3
    code, said = run(tmp_path, "audit", "verify", told=told)
    assert (code, "anchored to 3" in said) == (0, True)
    outbox = Outbox(tmp_path / "outbox.db", kiosk="K-001", mode="demo")
    await outbox.start(pinned_in(tmp_path))
    await outbox.commit(filing())
    await outbox.close()
    assert records_in(tmp_path / "outbox.db")[-1].header.sealing_key == NEW.id
    assert acknowledge(tmp_path, file, told=told) == (0, "stored 0, quarantined 0, not waiting here 3\n")


def another_kind() -> Signed:
    return replace(statement_of(NEWER, ROOT, AT), kind="settings").signed(ROOT.id, ROOT_PRIVATE)


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (by_root(NEWER, OTHER_PRIVATE, OTHER).rooted, "signed by another root"),
        (by_root(NEWER, OTHER_PRIVATE, ROOT).rooted, "the signature does not hold"),
        (another_kind(), "a settings, not a keys"),
    ],
    ids=["another root", "another key in the root's name", "another kind"],
)
@pytest.mark.parametrize("voice", ["known", "its own"])
async def test_a_list_that_the_root_did_not_sign_is_refused(
    tmp_path: Path, told: bool, listed: Signed, why: str, voice: str
) -> None:
    """With the answer that it came with, whoever signed that; the ledger tells of it."""
    away = await carried(tmp_path)
    file = answer_to(away, listed=listed) if voice == "known" else by_new_voice(away, listed)
    words = f"{file}: of kiosk K-001: its list of keys is not taken: {why}\n"
    assert acknowledge(tmp_path, file, told=told) == (1, words)
    assert (pinned_in(tmp_path), status_of(tmp_path).pending) == (FIRST, 3)
    refused = PublishedRefused(what="keys", why="signature")
    assert told_of(tmp_path) == events(CarriedByHand(what="acknowledge"), refused)


async def test_an_older_list_changes_nothing(tmp_path: Path, told: bool) -> None:
    """Nor is a key believed again that has gone since."""
    away = await carried(tmp_path, NEXT)
    file = answer_to(away, listed=FIRST.rooted)
    words = f"{file}: of kiosk K-001: no key central-1 is trusted here\n"
    assert acknowledge(tmp_path, file, told=told) == (1, words)
    assert status_of(tmp_path).pending == 3
    before = (tmp_path / "keys.json").read_bytes()
    assert acknowledge(tmp_path, by_new_voice(away, FIRST.rooted), told=told) == (0, TAKEN)
    assert (tmp_path / "keys.json").read_bytes() == before


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        ("another kiosk", "this is kiosk K-001"),
        ("a stranger", "no key stranger is trusted here"),
        ("the key that went", "no key central-1 is trusted here"),
        ("another's signature", "the signature does not hold"),
        ("altered", "it is not what was signed"),
        ("the list altered", "it is not what was signed"),
        ("cut off", "its end is missing"),
    ],
)
async def test_keys_come_with_an_answer_that_is_taken_alone(tmp_path: Path, harm: str, why: str) -> None:
    """The root's list may be anybody's to carry; what it comes with has to be central's, whole, and for this kiosk."""
    away = await carried(tmp_path)
    file = by_new_voice(away, kiosk="K-002" if harm == "another kiosk" else "K-001")
    match harm:
        case "a stranger":
            private, stranger = signing("stranger")
            file = answer_to(away, key=stranger, private=private, listed=NEXT.rooted)
        case "the key that went":
            file = answer_to(away, listed=NEXT.rooted)
        case "another's signature":
            file = answer_to(away, key=VOICE, private=CENTRAL_PRIVATE, listed=NEXT.rooted)
        case "altered":
            file.write_bytes(file.read_bytes().replace(b'"stored"', b'"duplicate"', 1))
        case "the list altered":
            head = json.loads(file.read_bytes().splitlines()[0])
            signature = head["keys"]["signature"]
            file.write_bytes(
                file.read_bytes().replace(signature.encode(), signature[::-1].lstrip("=").encode() + b"==")
            )
        case "cut off":
            file.write_bytes(file.read_bytes()[:-40])
    code, said = acknowledge(tmp_path, file)
    assert (code, why in said) == (1, True), said
    assert (pinned_in(tmp_path), status_of(tmp_path).pending) == (FIRST, 3)
    assert told_of(tmp_path) == events(CarriedByHand(what="acknowledge"))


async def test_without_a_root_no_list_counts(tmp_path: Path) -> None:
    """Whoever carries the stick could bring one; what is pinned is gone by as before."""
    away = await carried(tmp_path, trusting())
    code, said = acknowledge(tmp_path, by_new_voice(away), told=False)
    assert (code, said.endswith("no key central-2 is trusted here\n")) == (1, True)
    assert acknowledge(tmp_path, answer_to(away, listed=NEXT.rooted), told=False) == (0, TAKEN)
    assert pinned_in(tmp_path, None) == trusting()


async def test_beside_a_kiosk_that_runs_newer_keys_wait(tmp_path: Path) -> None:
    """It would go on by those that it knows. Nothing is noted; once it is ended, all of it is; a list that is known is
    no hindrance."""
    away = await carried(tmp_path)
    file = by_new_voice(away)
    with alone_in(tmp_path):
        code, said = acknowledge(tmp_path, file)
        assert (code, said) == (
            1, f"{file}: of kiosk K-001: newer keys come with it: end the kiosk, then once more\n"
        )  # fmt: skip
        forged = by_new_voice(away, by_root(NEWER, OTHER_PRIVATE, OTHER).rooted)
        assert "signed by another root" in acknowledge(tmp_path, forged)[1]
    assert (pinned_in(tmp_path), status_of(tmp_path).pending) == (FIRST, 3)
    assert acknowledge(tmp_path, by_new_voice(away)) == (0, TAKEN + COME)
    with alone_in(tmp_path):
        assert acknowledge(tmp_path, file) == (0, "stored 0, quarantined 0, not waiting here 3\n")


@pytest.mark.parametrize("lost", ["gone", "rubbish", "unsigned"])
async def test_lost_keys_are_found_anew_by_a_machine_that_was_told_the_root(tmp_path: Path, lost: str) -> None:
    away = await carried(tmp_path)
    match lost:
        case "gone":
            (tmp_path / "keys.json").unlink()
        case "rubbish":
            (tmp_path / "keys.json").write_bytes(b"\0\0")
        case "unsigned":
            pin(tmp_path, trusting())
    code, said = acknowledge(tmp_path, answer_to(away))
    assert (code, said.endswith("no keys of central's are known here, and it brings none\n")) == (1, True)
    assert acknowledge(tmp_path, by_new_voice(away)) == (0, TAKEN + COME)
    assert pinned_in(tmp_path) == NEXT


async def test_lost_keys_are_not_met_again_on_a_stick(tmp_path: Path) -> None:
    """Where the machine was not told the root: any would do then."""
    away = await carried(tmp_path)
    (tmp_path / "keys.json").unlink()
    code, said = acknowledge(tmp_path, by_new_voice(away), told=False)
    assert (code, said) == (1, "this kiosk has not met central yet: it cannot tell whose answer it is\n")
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("what", ["authorities", "sealing"])
async def test_keys_that_cannot_be_used_are_not_pinned(tmp_path: Path, what: str) -> None:
    """The kiosk would know nobody after its next start; what the keys before say is taken all the same."""
    away = await carried(tmp_path)
    unusable = {"authorities": (b"no certificate",), "sealing": (NEW.model_copy(update={"suite": 99}),)}[what]
    named = NEWER.model_copy(update={what: unusable, "acknowledgement": (VOICE, CENTRAL)})
    code, said = acknowledge(tmp_path, by_new_voice(away, by_root(named).rooted))
    assert (code, said.endswith("no key central-2 is trusted here\n")) == (1, True)
    assert acknowledge(tmp_path, answer_to(away, listed=by_root(named).rooted))[0] == 0
    assert (pinned_in(tmp_path), status_of(tmp_path).stored) == (FIRST, 3)


async def test_a_program_that_is_too_old_is_told(tmp_path: Path) -> None:
    """It serves nobody from its next start on, as if the line had brought them."""
    minimum = (VERSION[0], VERSION[1], VERSION[2] + 1)
    listed = by_root(NEWER.model_copy(update={"minimum": minimum})).rooted
    code, said = acknowledge(tmp_path, by_new_voice(await carried(tmp_path), listed))
    old = "by them this program is too old to serve people: it has to be updated\n"
    assert (code, said) == (0, TAKEN + COME + old)
    assert pinned_in(tmp_path).minimum == minimum


async def test_where_the_keys_cannot_be_kept_nothing_is_noted(tmp_path: Path) -> None:
    """What is noted has to be believed tomorrow."""
    file = by_new_voice(await carried(tmp_path))
    with mock.patch("kiosk.takeaway.write_durably", side_effect=OSError(28, "No space left on device")):
        code, said = acknowledge(tmp_path, file)
    assert (code, said) == (1, "the outbox cannot be used: broken keys.json: No space left on device\n")
    assert (pinned_in(tmp_path), status_of(tmp_path).pending) == (FIRST, 3)
    assert acknowledge(tmp_path, file) == (0, TAKEN + COME)


# -- the format --------------------------------------------------------------------------------------------------------


def test_an_answer_without_keys_is_what_it_was() -> None:
    """Byte for byte: an older program reads it too."""
    line = json.loads(KEPT.with_name("takeaway-answer.json").read_text("utf-8"))["lines"][0]
    head = AnswerHead.model_validate_json(line)
    assert (head.keys, head.model_dump_json()) == (None, line)


def test_a_kept_answer_with_keys_can_be_read() -> None:
    """Every later program reads it: the root's list, and the answer by a key of that list."""
    kept = json.loads(KEPT.with_name("takeaway-answer-keys.json").read_text("utf-8"))
    reading = Reading(io.BytesIO("".join(f"{line}\n" for line in kept["lines"]).encode()), AnswerHead)
    assert len(list(reading.lines())) == 1
    assert reading.head.model_dump_json() == kept["lines"][0]
    assert reading.head.keys is not None
    keys = under_root(reading.head.keys, kept["root"], above=0)
    assert (keys.version, [key.id for key in keys.acknowledgement]) == (2, ["central-2"])
    reading.verify(keys.acknowledgement)
