"""The shelf: the last good catalogue stays whatever comes, and no power cut leaves less than a whole one."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import main
from kiosk.catalog import Catalog
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadSignature, NotForHere
from kiosk.contract.messages import Keys
from kiosk.contract.signed import Signed
from kiosk.datasets import none_kept
from kiosk.errors import Unusable
from kiosk.files import write_durably
from kiosk.in_force import InForce
from kiosk.pinning import pinned_keys
from kiosk.settings import check_settings
from kiosk.shelf import STARTS_ON_TRIAL, Kept, Shelf
from kiosk.tables import CatalogError
from tests.kiosk.outbox_writer import keys
from tests.kiosk.published import KEY, PUBLIC, asking, own_files, published
from tests.kiosk.shelf_steps import shelf_in

ROOT = Path(__file__).parents[2]
OWN, SECOND, THIRD = ({"services.toml": name} for name in ("own", "second", "third"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf[Plain]:
    """Empty, opened."""
    shelf = shelf_in(tmp_path, PUBLIC)
    assert shelf.open() == OWN
    return shelf


def started_again(folder: Path) -> tuple[Shelf[Plain], object]:
    """The machine was switched off and on: what it serves from."""
    shelf = shelf_in(folder, PUBLIC)
    return shelf, shelf.open()


# -- the steps ---------------------------------------------------------------------------------------------------------


def test_a_catalogue_waits_is_tried_and_kept(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """It serves from its trial on, and without central after a start."""
    assert shelf.take(published(SECOND, 2))
    stages = [shelf.on_trial]
    assert shelf.begin() == SECOND
    stages.append(shelf.on_trial)
    shelf.keep()
    assert [*stages, shelf.on_trial] == [False, True, False]
    again, offer = started_again(tmp_path)
    assert (offer, again.version, again.on_trial) == (SECOND, 2, False)


def test_one_that_fails_is_given_back_and_never_taken_again(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """Going back is a new version with old content."""
    shelf.take(published(SECOND, 2))
    shelf.begin()
    shelf.keep()
    shelf.take(published(THIRD, 3))
    assert shelf.begin() == THIRD
    assert shelf.give_back() == SECOND
    assert not shelf.take(published(THIRD, 3))
    again, offer = started_again(tmp_path)
    assert (offer, again.version) == (SECOND, 3)
    assert not again.take(published(THIRD, 3))
    assert again.take(published(SECOND, 4))


def test_one_that_comes_during_a_trial_waits(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """The trial goes on. The later one is next however it ends, and at a start, when nobody stands there."""
    shelf.take(published(SECOND, 2))
    shelf.begin()
    assert shelf.take(published(THIRD, 3))
    assert (shelf.current, shelf.trial, shelf.waits, shelf.version) == (SECOND, 2, True, 3)
    (tmp_path / "another").mkdir()
    shutil.copy(tmp_path / "catalog.json", tmp_path / "another")
    assert started_again(tmp_path / "another")[1] == THIRD
    shelf.keep()
    assert (shelf.current, shelf.trial, shelf.waits) == (SECOND, None, True)
    assert (shelf.begin(), shelf.trial, shelf.give_back()) == (THIRD, 3, SECOND)


def test_a_correction_waits_while_what_it_corrects_is_given_back(shelf: Shelf[Plain]) -> None:
    shelf.take(published(SECOND, 2))
    shelf.begin()
    shelf.take(published(THIRD, 3))
    assert shelf.give_back() == OWN
    assert (shelf.waits, shelf.version) == (True, 3)
    assert (shelf.begin(), shelf.trial) == (THIRD, 3)


def test_what_was_refused_once_stays_refused(shelf: Shelf[Plain], monkeypatch: pytest.MonkeyPatch) -> None:
    """Though an older one is given back after it, or its key is none any more."""

    def unusable(_content: Plain) -> Plain:
        raise Unusable("nobody can use it")

    shelf.take(published(SECOND, 2))
    shelf.begin()
    with monkeypatch.context() as patched:
        patched.setattr(shelf, "_make", unusable)
        with pytest.raises(Unusable):
            shelf.take(published(THIRD, 3))
    shelf.trust([])
    assert (shelf.give_back(), shelf.version) == (OWN, 3)
    shelf.trust([KEY])
    assert not shelf.take(published(THIRD, 3))


def test_what_an_earlier_program_wrote_is_read(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """A trial had a stage then."""
    shelf.take(published(SECOND, 2))
    shelf.begin()
    kept = json.loads((tmp_path / "catalog.json").read_bytes())
    kept["trial"] |= {"stage": "waiting", "starts": 0}
    del kept["waiting"]
    (tmp_path / "catalog.json").write_text(json.dumps(kept))
    again, offer = started_again(tmp_path)
    assert (offer, again.trial) == (SECOND, 2)


def test_the_same_version_is_taken_once(shelf: Shelf[Plain]) -> None:
    """Number 10,000, twice: nothing is tried again, nothing is written."""
    signed = published(SECOND, 10_000)
    assert shelf.take(signed)
    shelf.begin()
    before = Kept.model_validate_json((shelf._file).read_bytes())
    assert not shelf.take(signed)
    shelf.keep()
    assert not shelf.take(signed)
    assert not shelf.take(published(THIRD, 9_999))
    assert before.trial is not None
    assert Kept.model_validate_json((shelf._file).read_bytes()) == Kept(good=before.trial.signed)


@pytest.mark.parametrize(
    ("signed", "error"),
    [
        (published(SECOND, 2, target="K-002"), NotForHere),
        (published(SECOND, 2, kind="settings"), NotForHere),
        (published(SECOND, 2).model_copy(update={"signature": bytes(64)}), BadSignature),
        (published(SECOND, 2).model_copy(update={"key": "somebody"}), BadSignature),
    ],
    ids=["another kiosk's", "another kind", "tampered", "another key"],
)
def test_what_is_not_meant_for_here_leaves_no_trace(
    shelf: Shelf[Plain], tmp_path: Path, signed: Signed, error: type[Exception]
) -> None:
    """It does not raise the version either: the real one still comes."""
    with pytest.raises(error):
        shelf.take(signed)
    assert list(tmp_path.iterdir()) == []
    assert shelf.take(published(SECOND, 2))


def test_a_trial_goes_on_over_a_start_but_not_for_ever(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """A machine that dies with it each time comes back to the last good one by itself."""
    shelf.take(published(SECOND, 2))
    shelf.begin()
    for _ in range(STARTS_ON_TRIAL - 1):
        again, offer = started_again(tmp_path)
        assert (offer, again.on_trial) == (SECOND, True)
    again, offer = started_again(tmp_path)
    assert (offer, again.on_trial, again.version) == (OWN, False, 2)


def test_what_a_start_gave_back_is_told_once(shelf: Shelf[Plain], tmp_path: Path) -> None:
    shelf.take(published(SECOND, 2))
    for _ in range(STARTS_ON_TRIAL):
        again, _offer = started_again(tmp_path)
        assert again.given_back_at_start() is None
    again, _offer = started_again(tmp_path)
    assert [again.given_back_at_start(), again.given_back_at_start()] == [2, None]
    again, _offer = started_again(tmp_path)
    assert again.given_back_at_start() is None


@pytest.mark.parametrize("stage", ["waiting", "on trial"])
def test_a_start_that_cannot_be_counted_serves_the_last_good_one(
    shelf: Shelf[Plain], tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or one that may only be read: what the machine dies of would never be given back. Once there is
    room, the trial goes on."""
    shelf.take(published(SECOND, 2))
    if stage == "on trial":
        shelf.begin()
    with monkeypatch.context() as patched:

        def full(_path: Path, _content: bytes) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr("kiosk.shelf.write_durably", full)
        for _ in range(STARTS_ON_TRIAL + 1):
            again, offer = started_again(tmp_path)
            assert (offer, again.current, again.on_trial, again.waits, again.version) == (OWN, OWN, False, False, 2)
            again.keep()
            assert not again.take(published(SECOND, 2))
    again, offer = started_again(tmp_path)
    assert (offer, again.current, again.on_trial) == (SECOND, SECOND, True)


def test_one_that_waited_serves_after_a_start(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """At a start nobody stands there."""
    shelf.take(published(SECOND, 2))
    again, offer = started_again(tmp_path)
    assert (offer, again.on_trial) == (SECOND, True)


def test_a_full_disk_leaves_all_as_it_was(shelf: Shelf[Plain], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written was not done; what serves no more does not serve."""

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    shelf.take(published(SECOND, 2))
    shelf.begin()
    shelf.keep()
    with monkeypatch.context() as patched:
        patched.setattr("kiosk.shelf.write_durably", full)
        with pytest.raises(OSError, match="No space"):
            shelf.take(published(THIRD, 3))
        assert shelf.version == 2
    shelf.take(published(THIRD, 3))
    with monkeypatch.context() as patched:
        patched.setattr("kiosk.shelf.write_durably", full)
        with pytest.raises(OSError, match="No space"):
            shelf.begin()
        assert not shelf.on_trial
        assert shelf.give_back() == SECOND


# -- what is wrong with the file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"{}x", b'{"good": 7}', b"\xff" * 100], ids=["empty", "cut", "other", "rubbish"]
)
def test_a_damaged_file_is_no_reason_to_stand_still(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The program's own catalogue serves, the log says so, and central's comes again."""
    (tmp_path / "catalog.json").write_bytes(content)
    shelf, offer = started_again(tmp_path)
    assert offer == OWN
    assert "catalog.json is damaged" in caplog.text
    assert shelf.take(published(SECOND, 2))


def test_a_file_that_nobody_trusted_signed_is_none(shelf: Shelf[Plain], tmp_path: Path) -> None:
    """Whoever can write to the disk cannot change what is offered."""
    shelf.take(published(SECOND, 2))
    shelf.begin()
    shelf.keep()
    write_durably(
        tmp_path / "catalog.json",
        Kept(good=published(THIRD, 9).model_copy(update={"key": "x"})).model_dump_json().encode(),
    )
    again, offer = started_again(tmp_path)
    assert (offer, again.version) == (OWN, 0)


# -- with the loader ---------------------------------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path: Path) -> Shelf[Catalog]:
    """As ``main`` makes it, with the one loader and the table of journeys."""
    pinned: Keys = keys().model_copy(update={"settings": (KEY,)})
    write_durably(tmp_path / "keys.json", pinned.model_dump_json().encode())
    return started(tmp_path).catalog


def started(folder: Path, settings: dict[str, object] | None = None) -> InForce:
    """After a start of the machine."""
    own = check_settings({"central": {"url": "http://127.0.0.1:1"}} | (settings or {}), "")
    serving = partial(main._serving, none_kept)
    in_force = InForce(own, folder, keys=pinned_keys(folder / "keys.json"), serving=serving)
    in_force.open()
    return in_force


def changed(file: str, right: str, wrong: str) -> Mapping[str, str]:
    files = dict(own_files())
    assert right in files[file]
    files[file] = files[file].replace(right, wrong, 1)
    return files


SOCIAL = "services/social-insurance.toml"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (changed(SOCIAL, "level = 1\n", "level = 3\n"), r'social-insurance\.toml.*item "insurance-status", level'),
        (changed(SOCIAL, '= "insurance-status"\nlevel', '= "insurance"\nlevel'), 'journey: there is no .* "insurance"'),
        ({name: text for name, text in own_files().items() if "work" not in name}, r"work\.toml: cannot be read"),
        ({}, r"services\.toml: cannot be read"),
    ],
    ids=["a wrong field", "an unknown journey", "a file is missing", "empty"],
)
def test_a_broken_entry_is_named_and_the_last_good_one_stays(
    real: Shelf[Catalog], files: Mapping[str, str], says: str
) -> None:
    """By the loader that reads the program's own; that version is not asked about again."""
    assert real.take(published(asking("今天办什么？"), 1))
    real.begin()
    real.keep()
    with pytest.raises(CatalogError, match=says):
        real.take(published(files, 2))
    assert (real.version, real.on_trial) == (2, False)
    assert served_question(real.begin()) == "今天办什么？"


def served_question(catalog: Catalog) -> str:
    return catalog.home(()).question


def test_what_a_later_program_cannot_use_gives_way_to_its_own(
    real: Shelf[Catalog], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an update of the program: the log names the entry, the machine is open."""
    real.take(published(asking("今天办什么？"), 1))
    real.begin()
    real.keep()

    def stricter(_files: object) -> object:
        raise CatalogError('work.toml: item "jobless", label: is too long')

    monkeypatch.setattr("kiosk.in_force.catalog_of", stricter)
    with caplog.at_level(logging.ERROR):
        catalog = started(tmp_path).offer().catalog
    assert served_question(catalog) == "您好，今天想办什么？"
    assert 'item "jobless", label' in caplog.text


def test_a_centre_switches_off_what_was_published(real: Shelf[Catalog], tmp_path: Path) -> None:
    """Its list may name items of either catalogue; one that neither has is a mistake in the settings."""
    files = dict(own_files())
    files["services/work.toml"] = files["services/work.toml"].replace('code = "jobless"', 'code = "out-of-work"')
    real.take(published(files, 1))
    offer = started(tmp_path, {"services": {"off": ["out-of-work", "lift"]}}).offer()
    assert not {"out-of-work", "jobless", "lift"} & {item.code for item in offer.catalog.items}
    with pytest.raises(CatalogError, match='no item "elevator"'):
        started(tmp_path, {"services": {"off": ["elevator"]}})


# -- power cuts --------------------------------------------------------------------------------------------------------

STEPS = ["taken 2", "on trial 2", "good 2", "taken 3", "on trial 3", "given back 3"]
SERVES = [OWN, SECOND, SECOND, SECOND, THIRD, THIRD, SECOND]
"""What a start serves from after so many steps."""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_killed_at_any_durable_step_it_has_the_step_before_or_the_one_after(tmp_path: Path) -> None:
    """At each write, sync and rename in turn, found by counting: a start serves from a whole catalogue, and goes on."""
    (tmp_path / "2").write_text(published(SECOND, 2).model_dump_json())
    (tmp_path / "3").write_text(published(THIRD, 3).model_dump_json())
    calls = len(re.findall(r"^\d+ +\w+\(", _run(tmp_path, None)[1], re.MULTILINE))
    assert calls >= 4 * len(STEPS)
    with ThreadPoolExecutor(2) as pool:
        for done, folder in pool.map(partial(_killed, tmp_path), range(1, calls + 1)):
            shelf, offer = started_again(folder)
            assert offer in SERVES[done : done + 2], f"after {done} steps: {offer}"
            assert shelf.take(published(SECOND, 4)), "and goes on"


def _killed(folder: Path, at: int) -> tuple[int, Path]:
    said, _trace = _run(folder, at)
    return len(said), folder / str(at * 100)


def _run(folder: Path, at: int | None) -> tuple[list[str], str]:
    """The steps that the program said it had done, and the trace; killed at the ``at``-th durable call."""
    data = folder / str((at or 0) * 100)
    data.mkdir()
    calls = "write,fsync,rename"
    part, whole = data / "catalog.json.part", data / "catalog.json"
    inject = [] if at is None else ["-e", f"inject={calls}:signal=KILL:when={at}"]
    done = subprocess.run(
        [
            "strace", "-f", "-qq", "-o", str(data / "trace"), "-P", str(part), "-P", str(whole), "-P", str(data),
            "-e", f"trace={calls}", *inject,
            sys.executable, "-m", "tests.kiosk.shelf_steps", str(data), PUBLIC.hex(), *(str(folder / n) for n in "23"),
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert said == STEPS[: len(said)], done.stderr
    assert at is not None or said == STEPS, done.stderr
    return said, (data / "trace").read_text()
