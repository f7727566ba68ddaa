"""The list of what arrived: complete, readable in a terminal, and nobody can be recognised by it."""

from __future__ import annotations

import json
from pathlib import Path

from central.command_line import default_url
from central.opening import Opening
from central.transactions import COLUMNS, listed, width
from tests.central.kiosks import CHEN, OUYANG, PEOPLE, FakeKiosk, filing, tap
from tests.central.programs import run


def test_the_rows(kiosk: FakeKiosk, opening: Opening, url: str) -> None:
    """Each record with its matter, both numbers, and the person masked."""
    kiosk.send()
    kiosk.prove(CHEN)
    tapped, filed = kiosk.write(tap()), kiosk.write(filing())
    kiosk.send(tapped, filed)
    opening.work_off()
    rows = json.loads(listed(url, as_json=True))
    assert [row["kind"] for row in rows] == ["ledger.genesis", "rider.check-in", "medical.remote-care-filing"]
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert [row["matter"] for row in rows] == [None, "sent", "sent"]
    assert [row["registration"] for row in rows] == [str(record.number) for record in kiosk.records]
    last = rows[-1]
    assert (last["id"], last["kiosk"], last["ledger"]) == (str(filed.header.id), "K001", kiosk.ledger.hex())
    assert (last["outcome"], last["person"], last["summary"]) == ("stored", "陈＊＊ 尾号 0011", "temporary 350200")
    assert last["number"].startswith("YD350900")
    assert last["happened_at"] == "2026-11-23T02:00:00+00:00"


def test_nobody_is_named(kiosk: FakeKiosk, opening: Opening, url: str) -> None:
    """No full name and no full number of anybody, in neither form."""
    for person in PEOPLE:
        kiosk.write(filing(person))
    kiosk.send()
    opening.work_off()
    for text in (listed(url, as_json=True), listed(url, as_json=False)):
        assert "欧阳＊＊ 尾号 059X" in text
        for person in PEOPLE:
            assert person.number not in text
            assert person.name not in text


def test_the_table_is_straight(kiosk: FakeKiosk, opening: Opening, url: str) -> None:
    """Chinese takes two columns of a terminal; every column begins where its heading does."""
    kiosk.write(filing(OUYANG))
    kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    head, *lines = listed(url, as_json=False).splitlines()
    assert head.split() == list(COLUMNS.values())
    assert len(lines) == 3
    summary = width(head[: head.index("SUMMARY")])
    for line, words in zip(lines, ["-", "temporary 350200", "picture food"], strict=True):
        assert width(line[: line.rindex(words)]) == summary
    assert "2026-11-23 10:00" in lines[0], "as the wall clock in Shanghai shows it"


def test_the_command(tmp_path: Path) -> None:
    """Without a database, or with something else in its place: one line, exit code 2, and nothing is made."""
    missing = run("transactions", "--db", f"sqlite:///{tmp_path}/none/central.db")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "there is no database" in missing.stderr
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "other.db").write_bytes(b"not a database, but long enough to look at" * 40)
    other = run("transactions", "--db", f"sqlite:///{tmp_path}/other.db", "--json")
    assert (other.returncode, other.stdout) == (2, "")
    assert "cannot be read" in other.stderr
    assert "Traceback" not in other.stderr


def test_where_central_keeps_its_database() -> None:
    """In the person's data folder, unless told otherwise."""
    assert default_url().endswith("/kiosk-central/central.db")
