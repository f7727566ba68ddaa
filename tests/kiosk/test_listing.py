"""``python main.py catalog``: what is on offer, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

import main
from kiosk.tables import CATALOG

SETTINGS = '[central]\nurl = "http://127.0.0.1:9"\n[services]\noff = ["{off}"]\n'


def listed(tmp_path: Path, *arguments: str, off: str = "lift") -> Result:
    file = tmp_path / "kiosk.toml"
    file.write_text(SETTINGS.format(off=off), encoding="utf-8")
    return CliRunner().invoke(main.app, ["--settings", str(file), "catalog", *arguments])


def test_each_item_has_its_line(tmp_path: Path) -> None:
    """Under its category, with journey, level and offline rule; what the centre switched off says so."""
    done = listed(tmp_path)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) == 1 + 9 + 54
    (lift,) = [line for line in lines if line.split()[0] == "lift"]
    assert lift.split() == ["lift", "guide", "level", "0", "queue", "加装电梯意见", "off"]
    (filing,) = [line for line in lines if line.split()[0] == "remote-care-filing"]
    assert filing.split()[1:5] == ["remote-care-filing", "level", "2", "queue"]
    assert lines.index(filing) > lines.index("medical-insurance  医保")


def test_the_same_as_json(tmp_path: Path) -> None:
    found = json.loads(listed(tmp_path, "--json").output)
    assert [category["code"] for category in found["categories"]][:2] == ["social-insurance", "medical-insurance"]
    items = {item["code"]: item for item in found["items"]}
    assert len(items) == 54
    assert items["insurance-status"] == {
        "code": "insurance-status", "category": "social-insurance", "label": "查参保情况", "official": "参保信息查询",
        "journey": "insurance-status", "level": 1, "offline": "never", "off": False,
    }  # fmt: skip
    assert [code for code, item in items.items() if item["off"]] == ["lift"]


def test_a_switch_for_an_item_that_there_is_not(tmp_path: Path) -> None:
    done = listed(tmp_path, off="elevator")
    assert done.exit_code == 2
    assert 'settings: services.off: there is no item "elevator"' in done.output


def test_a_journey_that_there_is_not_is_a_mistake_of_its_item(tmp_path: Path) -> None:
    """What `make lint` and the start of the kiosk refuse, in one line."""
    (tmp_path / "services").mkdir()
    for file in CATALOG.glob("services/*.toml"):
        text = file.read_text(encoding="utf-8").replace('journey = "insurance-status"', 'journey = "insurance"')
        (tmp_path / "services" / file.name).write_text(text, encoding="utf-8")
    front = (CATALOG / "services.toml").read_text(encoding="utf-8")
    (tmp_path / "services.toml").write_text(front, encoding="utf-8")
    done = listed(tmp_path, "--folder", str(tmp_path))
    assert done.exit_code == 2
    assert 'item "insurance-status", journey: there is no journey "insurance"' in done.output
    assert len(done.output.splitlines()) == 1
