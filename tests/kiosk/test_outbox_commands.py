"""``python main.py outbox status`` says what is kept, up to where central has it, and what may be dropped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import main
from kiosk import schema
from tests.kiosk.test_acknowledged_outbox import Clocks, house

SETTINGS = '[central]\nurl = "http://127.0.0.1:1"\n[outbox]\nkeep_days = {}\n'


def said(folder: Path, *more: str, days: int = 35) -> str:
    settings = folder / "kiosk.toml"
    settings.write_text(SETTINGS.format(days))
    done = CliRunner().invoke(main.app, ["--settings", str(settings), "--data", str(folder), "outbox", "status", *more])
    assert done.exit_code == 0, done.output
    return done.output


async def test_the_status_says_what_is_acknowledged_and_what_may_go(tmp_path: Path) -> None:
    begin = datetime(2026, 1, 1, 1, tzinfo=UTC)
    clocks = Clocks(kiosk=begin, central=begin)
    async with house(tmp_path, clocks) as one:
        assert "acknowledged nothing yet" in said(tmp_path)
        await one.commit(9)
        await one.send()
        await one.live(40)
        await one.commit(2)
        ledger = one.ledger.hex()
    found = json.loads(said(tmp_path, "--json"))
    assert (found["ledger"], found["last_seq"], found["pending"]) == (ledger, 12, 2)
    assert (found["acknowledged"], found["acknowledged_at"]) == (10, clocks.central.isoformat())
    assert (found["keep_days"], found["to_be_dropped"]) == (35, 10)
    words = said(tmp_path, days=60)
    assert "acknowledged up to seq 10, at 2026-02-10 09:00" in words
    assert "kept for     60 days after that; to be dropped now: 0" in words


@pytest.mark.parametrize("days", [0, 6, 401])
def test_a_kiosk_forgets_no_sooner_than_central_is_backed_up(tmp_path: Path, days: int) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text(SETTINGS.format(days))
    done = CliRunner().invoke(main.app, ["--settings", str(settings), "--data", str(tmp_path), "outbox", "status"])
    assert done.exit_code == 2
    assert "outbox.keep_days" in done.output


async def test_an_older_program_s_outbox_is_read(tmp_path: Path) -> None:
    """Before anything migrated it: nothing was acknowledged there."""
    async with house(tmp_path) as one:
        await one.commit(1)
        await one.send()
        one.clocks.go_on(timedelta(days=1))
    with schema.open_to_write(tmp_path / "outbox.db") as db:
        for statement in (
            "DROP TABLE acknowledgements",
            "DROP TABLE milestones",
            "ALTER TABLE ledgers DROP COLUMN dropped",
        ):
            db.execute(statement)
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'keep_what_central_acknowledges'")
        db.conn.commit()
    assert "acknowledged nothing yet" in said(tmp_path)
    async with house(tmp_path, one.clocks) as again:
        again.has = one.has
        assert not await again.hear()
        assert list(tmp_path.glob("*damaged*")) == []  # noqa: ASYNC240
    assert "acknowledged up to seq 2" in said(tmp_path)
