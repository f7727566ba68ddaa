"""Papers from a worker's scanner: the same care as for a telephone's, and only for a matter that an authority has."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from central.database import Database
from central.opening import Opening
from central.pictures import PAGES, Reason, pages_made_anew
from central.scanned import ATTACHED, THERE, WHY, NoMatter, attach
from central.tables import demonstration_papers, papers
from kiosk.contract.records import Record
from tests.central.kiosks import CHEN, Clock, FakeKiosk, filing, service, tap
from tests.central.photographs import NO_PICTURES, as_format, photograph, scan
from tests.central.programs import run
from tests.central.test_papers import HONG_KONG, at_the_authority, matter_of, work


@pytest.fixture
def waiting(kiosk: FakeKiosk, opening: Opening) -> Record:
    """A matter that waits for papers."""
    kiosk.send()
    kiosk.prove(HONG_KONG)
    record = kiosk.write(service(HONG_KONG))
    kiosk.send()
    work(opening)
    return record


def scanned(folder: Path) -> list[Path]:
    """Two pages, one of them a TIFF, and a file that is none."""
    files = {"page-1.jpg": photograph(1), "page-2.tif": as_format("TIFF"), "letter.pdf": NO_PICTURES["a PDF"]}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def test_they_go_to_the_authority_and_the_matter_moves(
    database: Database, kiosk: FakeKiosk, opening: Opening, waiting: Record, clock: Clock, tmp_path: Path
) -> None:
    """By the number on the receipt; what is no picture is said, and the others go all the same."""
    files = scanned(tmp_path)
    done = attach(database, str(waiting.number), files, clock())
    assert [attached.outcome for attached in done] == [ATTACHED, ATTACHED, WHY["pdf"]]
    work(opening)
    hashes = {page.content for file in files[:2] for page in pages_made_anew(file.read_bytes())}
    assert len(at_the_authority(database)) == len(hashes) == 2
    assert matter_of(kiosk, waiting).state == "sent"
    with database.reading() as connection:
        assert set(connection.execute(select(demonstration_papers.c.paper)).scalars()) == {"scanned"}


def test_the_same_page_twice_is_attached_once(
    database: Database, opening: Opening, waiting: Record, clock: Clock, tmp_path: Path
) -> None:
    files = scanned(tmp_path)[:1]
    attach(database, str(waiting.number), files, clock())
    work(opening)
    (again,) = attach(database, str(waiting.number), files, clock())
    assert again.outcome == THERE
    clock.move(timedelta(hours=7))
    work(opening)
    assert len(at_the_authority(database)) == 1


def test_every_page_of_a_file_goes_to_the_authority(
    database: Database, opening: Opening, waiting: Record, clock: Clock, tmp_path: Path
) -> None:
    """In their order; the worker is told how many they were, the second time too."""
    file = tmp_path / "scan.tif"
    file.write_bytes(scan(3))
    (done,) = attach(database, str(waiting.number), [file], clock())
    assert str(done) == f"{file}: attached, 3 pages"
    made = [hashlib.sha256(page.content).hexdigest() for page in pages_made_anew(file.read_bytes())]
    with database.reading() as connection:
        assert list(connection.execute(select(papers.c.sha256).order_by(papers.c.at, papers.c.id)).scalars()) == made
    work(opening)
    assert sorted(at_the_authority(database)) == sorted(made)
    (again,) = attach(database, str(waiting.number), [file], clock())
    assert str(again) == f"{file}: is there already, 3 pages"


def test_one_file_s_pages_come_before_the_next_one_s(
    database: Database, waiting: Record, clock: Clock, tmp_path: Path
) -> None:
    """As the worker named them."""
    files = [tmp_path / "first.tif", tmp_path / "second.tif"]
    files[0].write_bytes(scan(3))
    files[1].write_bytes(scan(2, (640, 480)))
    attach(database, str(waiting.number), files, clock())
    made = [hashlib.sha256(page.content).hexdigest() for file in files for page in pages_made_anew(file.read_bytes())]
    with database.reading() as connection:
        assert list(connection.execute(select(papers.c.sha256).order_by(papers.c.at, papers.c.id)).scalars()) == made


@pytest.mark.parametrize(("pages", "cut", "why"), [(3, 100, "broken"), (PAGES + 1, 0, "too-many")])
def test_all_pages_of_a_file_or_none(
    database: Database, waiting: Record, clock: Clock, tmp_path: Path, pages: int, cut: int, why: Reason
) -> None:
    """What was not attached whole is brought again whole."""
    file = tmp_path / "scan.tif"
    whole = scan(pages, (80, 60))
    file.write_bytes(whole[: len(whole) - cut])
    (done,) = attach(database, str(waiting.number), [file], clock())
    assert (done.refused, done.outcome) == (True, WHY[why])
    with database.reading() as connection:
        assert connection.execute(select(papers.c.id)).all() == []


def test_only_a_matter_that_an_authority_has(
    database: Database, kiosk: FakeKiosk, opening: Opening, clock: Clock, tmp_path: Path
) -> None:
    """Not a slip of the pen, not a check-in, not what waits for its person's yes, not what is over."""
    owed, check_in = kiosk.write(filing(CHEN, owed=True)), kiosk.write(tap())
    kiosk.send()
    work(opening)
    for number in ("K001-26-000001-0000", "hello", str(owed.number), str(check_in.number)):
        with pytest.raises(NoMatter):
            attach(database, number, scanned(tmp_path), clock())


def test_the_command(tmp_path: Path, kiosk: FakeKiosk, waiting: Record, url: str) -> None:
    """One line a file; exit code 1 where not all were attached, 2 where none can be."""
    if not url.startswith("sqlite"):
        pytest.skip("the command is the same over either")
    page, _other, letter = map(str, scanned(tmp_path))
    done = run("papers", str(waiting.number), page, letter, "--db", url)
    assert (done.returncode, done.stdout) == (1, f"{page}: attached\n")
    assert done.stderr == f"{letter}: {WHY['pdf']}\n"
    assert run("papers", str(waiting.number), page, "--db", url).returncode == 0
    wrong = run("papers", "K001", page, "--db", url)
    assert wrong.returncode == 2
    assert "no registration number" in wrong.stderr
