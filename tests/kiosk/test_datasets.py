"""The lists that are kept here: taken up after a restart without a network, renewed by hash, the last good one kept."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import ValidationError

from kiosk.contract.datasets import Dataset, tag_of
from kiosk.datasets import Datasets
from kiosk.errors import Unavailable


def content(name: str = "drugs", day: str = "2026-11-01", rows: int = 1) -> bytes:
    listed = [{"code": str(number), "name": f"药{number}"} for number in range(rows)]
    return json.dumps({"name": name, "as_of": day, "note": "", "rows": listed}).encode()


@dataclass
class Central:
    """Gives a list, or nothing to whoever has it."""

    lists: dict[str, bytes] = field(default_factory=dict)
    error: Exception | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def dataset(self, name: str, known: str) -> bytes | None:
        self.asked.append((name, known))
        if self.error is not None:
            raise self.error
        given = self.lists.get(name)
        return None if given is None or tag_of(given) == known else given

    def close(self) -> None: ...


@dataclass
class Line:
    welcome: bool = True


@asynccontextmanager
async def running(folder: Path, central: Central, *, online: bool = True) -> AsyncIterator[Datasets]:
    """The service at work, asking without a pause."""
    datasets = Datasets(folder, central, Line(online), names=("drugs",), every=0.01, again=0.01)
    task = asyncio.create_task(datasets.run())
    try:
        yield datasets
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        datasets.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - the service tells nobody when it has asked
            await asyncio.sleep(0.005)


def day_of(datasets: Datasets) -> str:
    kept = datasets.current("drugs")
    return "" if kept is None else kept.as_of.isoformat()


async def test_a_list_comes_and_stays_after_a_restart_without_a_network(tmp_path: Path) -> None:
    central = Central({"drugs": content()})
    async with running(tmp_path, central) as datasets:
        await until(lambda: day_of(datasets) == "2026-11-01")
    away = Central(error=Unavailable("offline"))
    async with running(tmp_path, away, online=False) as again:
        await until(lambda: day_of(again) == "2026-11-01")
    assert away.asked == [], "nobody is asked while central is away"


async def test_what_is_known_is_not_sent_again_and_what_is_new_takes_its_place(tmp_path: Path) -> None:
    central = Central({"drugs": content()})
    async with running(tmp_path, central) as datasets:
        await until(lambda: ("drugs", tag_of(content())) in central.asked)
        central.lists["drugs"] = content(day="2026-12-01", rows=3)
        await until(lambda: day_of(datasets) == "2026-12-01")
    async with running(tmp_path, central) as again:
        await until(lambda: day_of(again) == "2026-12-01")
        await until(lambda: central.asked[-1] == ("drugs", tag_of(central.lists["drugs"])))


WRONG = (Unavailable("slow"), OSError(28, "no room"), ValidationError.from_exception_data("x", []))


@pytest.mark.parametrize("error", WRONG, ids=["line", "disk", "content"])
async def test_whatever_goes_wrong_the_last_good_one_stays(tmp_path: Path, error: Exception) -> None:
    """The line, the disk, or what central gives."""
    central = Central({"drugs": content()})
    async with running(tmp_path, central) as datasets:
        await until(lambda: day_of(datasets) == "2026-11-01")
        central.error = error
        asked = len(central.asked)
        await until(lambda: len(central.asked) > asked + 2)
        assert day_of(datasets) == "2026-11-01"


async def test_a_list_that_is_none_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    central = Central({"drugs": b'{"name": "drugs"}'})
    caplog.set_level(logging.ERROR)
    async with running(tmp_path, central) as datasets:
        await until(lambda: len(central.asked) > 2)
        assert datasets.current("drugs") is None
    assert not (tmp_path / "drugs.json").exists()
    assert "cannot be used" in caplog.records[0].message


async def test_a_disk_that_is_full_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old bytes or new ones, never half."""
    central = Central({"drugs": content()})
    async with running(tmp_path, central) as datasets:
        await until(lambda: day_of(datasets) == "2026-11-01")

        def full(_path: Path, _content: bytes) -> None:
            raise OSError(28, "no room")

        monkeypatch.setattr("kiosk.datasets.write_durably", full)
        central.lists["drugs"] = content(day="2026-12-01")
        asked = len(central.asked)
        await until(lambda: len(central.asked) > asked + 1)
        assert day_of(datasets) == "2026-11-01"
    assert (tmp_path / "drugs.json").read_bytes() == content()


@pytest.mark.parametrize("damage", [b"", b"\xff", content()[:-5], b"[]"])
async def test_a_damaged_file_is_asked_for_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "drugs.json").write_bytes(damage)
    central = Central({"drugs": content()})
    async with running(tmp_path, central) as datasets:
        await until(lambda: day_of(datasets) == "2026-11-01")
    assert central.asked[0] == ("drugs", "")


def test_each_row_is_named_once() -> None:
    """By a code and a name."""
    for rows in ([{"code": "1"}], [{"name": "x"}], [{"code": "1", "name": "x"}, {"code": "1", "name": "y"}]):
        with pytest.raises(ValidationError):
            Dataset.model_validate({"name": "drugs", "as_of": "2026-11-01", "rows": rows})
