"""A backup: taken while central serves, whole or not there, and another central goes on from it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from central.__main__ import app
from central.database import Database
from central.keys import KeyFolder
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record
from tests.central.kiosks import CHEN, FakeKiosk, filing, tap
from tests.central.postgres import Postgres
from tests.central.programs import central, run


def sent(kiosk: FakeKiosk, record: Record) -> Matter:
    matter = kiosk.matter(record, within=10)
    assert matter is not None
    assert matter.state == "sent"
    return matter


def restored(backup: Path, postgres: Postgres | None) -> str:
    """Another database, made of what the backup holds; its URL."""
    if (backup / "central.db").exists():
        return f"sqlite:///{backup}/central.db"
    assert postgres is not None
    url = postgres.fresh()
    parts = urlsplit(url)
    (host,), (user,) = (parse_qs(parts.query)[name] for name in ("host", "user"))
    subprocess.run(
        ["pg_restore", "--exit-on-error", f"--host={host}", f"--username={user}", f"--dbname={parts.path[1:]}",
         str(backup / "central.dump")],
        check=True, timeout=60,
    )  # fmt: skip
    return url


def test_another_central_goes_on_from_it(empty_url: str, tmp_path: Path, server: Postgres | None) -> None:
    """What was there is there, what is sealed to its keys is opened, and nobody had to wait meanwhile."""
    keys, backup = tmp_path / "keys", tmp_path / "disk" / "today"
    with central("--db", empty_url, "--keys", str(keys)) as running:
        kiosk = FakeKiosk(running.http)
        kiosk.send()
        kiosk.prove(CHEN)
        kept = kiosk.write(filing())
        kiosk.send(kept)
        number = sent(kiosk, kept).number
        over, later = Event(), FakeKiosk(running.http, name="K002")

        def go_on() -> None:
            later.send()
            while not over.is_set():
                later.send(later.write(tap()))

        sending = Thread(target=go_on)
        sending.start()
        done = run("backup", str(backup), "--db", empty_url, "--keys", str(keys))
        over.set()
        sending.join()
        assert (done.returncode, done.stderr) == (0, "")
        assert running.health().opener == "awake"
    assert done.stdout.startswith(f"{backup}/central.")
    assert sorted(path.name for path in (backup / "keys").iterdir()) == sorted(path.name for path in keys.iterdir())
    assert {path.stat().st_mode & 0o777 for path in backup.rglob("*") if path.is_file()} == {0o600}
    assert backup.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in backup.parent.iterdir()] == ["today"]

    with central("--db", restored(backup, server), "--keys", str(backup / "keys")) as another:
        kiosk.http = another.http
        assert sent(kiosk, kept).number == number
        kiosk.prove(CHEN)
        record = kiosk.write(filing(place="330100"))
        kiosk.send(record)
        sent(kiosk, record)


def test_what_was_deleted_is_not_in_it(sqlite_only: Database, tmp_path: Path) -> None:
    url = sqlite_only.url.render_as_string()
    with sqlite_only.writing() as connection:
        connection.execute(text("CREATE TABLE words (said TEXT)"))
        connection.execute(text("INSERT INTO words VALUES (:said)"), [{"said": f"whispered {n}"} for n in range(500)])
    with sqlite_only.writing() as connection:
        connection.execute(text("DROP TABLE words"))
    (tmp_path / "keys").mkdir(mode=0o700)
    assert told(str(tmp_path / "today"), "--db", url, "--keys", str(tmp_path / "keys")).exit_code == 0
    assert b"whispered" not in (tmp_path / "today" / "central.db").read_bytes()
    assert b"records" in (tmp_path / "today" / "central.db").read_bytes()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A central's folder: a database with a few pages, and a key."""
    database = Database(f"sqlite:///{tmp_path}/kept/central.db")
    database.migrate()
    database.close()
    KeyFolder(tmp_path / "kept" / "keys").make_signing("settings", datetime.now(UTC))
    return tmp_path / "kept"


def lying(folder: Path) -> set[Path]:
    """All that is there, but for what SQLite lays beside a database that is open."""
    return {path for path in folder.rglob("*") if not path.name.endswith(("-shm", "-wal"))}


def told(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["backup", *arguments])


def refused(kept: Path, to: Path, *more: str) -> str:
    """What is said of it in one line; nothing new lies where it was to be."""
    before = lying(to.parent)
    done = told(str(to), "--db", f"sqlite:///{kept}/central.db", *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert lying(to.parent) == before
    (line,) = done.stderr.splitlines()
    return line


def test_a_backup_before_is_left_alone(kept: Path, tmp_path: Path) -> None:
    to = tmp_path / "today"
    to.mkdir()
    (to / "central.db").write_text("yesterday's")
    assert "is there already" in refused(kept, to)
    assert (to / "central.db").read_text() == "yesterday's"


def test_half_of_one_makes_way(kept: Path, tmp_path: Path) -> None:
    """Power went during the last."""
    half = tmp_path / "today.part"
    half.mkdir()
    (half / "central.db").write_bytes(b"SQLite form")
    assert told(str(tmp_path / "today"), "--db", f"sqlite:///{kept}/central.db").exit_code == 0
    assert not half.exists()


def test_a_damaged_database_is_none(kept: Path, tmp_path: Path) -> None:
    file = kept / "central.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\xa5" * 4096 * 6
    file.write_bytes(content)
    assert f"central: {file}: " in refused(kept, tmp_path / "today")


def test_without_keys_it_is_none(kept: Path, tmp_path: Path) -> None:
    """What is sealed would stay so; and a folder that is missing is a slip of the pen, not made."""
    said = refused(kept, tmp_path / "today", "--keys", str(tmp_path / "elsewhere"))
    assert f"{tmp_path}/elsewhere: there is no such folder" in said
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_others_may_read(kept: Path, tmp_path: Path) -> None:
    (key,) = (kept / "keys").glob("settings-*.json")
    key.chmod(0o644)
    assert "others may read it" in refused(kept, tmp_path / "today")


def test_a_place_that_cannot_be_written(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "Not a directory" in refused(kept, tmp_path / "file" / "today")


def test_pg_dump_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    monkeypatch.setenv("PATH", "/nowhere")
    done = told(str(tmp_path / "today"), "--db", "postgresql:///central", "--keys", str(tmp_path / "keys"))
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [tmp_path / "keys"])
    assert "pg_dump is not installed" in done.stderr
