"""Docs that cannot lie: each device and each look of the doctor is in the manual, each command and setting there works,
what it quotes stands on the screen, the list of devices is up to date, and links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from urllib.parse import unquote

import pytest
import typer
from babel.messages.pofile import read_po

from devices import DRIVERS, LINES
from devices.__main__ import app
from devices.lines import check_line_url
from kiosk import privacy
from kiosk.checkup import Finding
from kiosk.doctor import NAMES, Check, _names, _states, in_words
from kiosk.settings import check_settings
from kiosk.texts import LOCALES
from tests.test_architecture import ROOT, tracked

MANUAL = (ROOT / "docs" / "manual.zh-CN.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:echo .+ \| )?python -m devices (.+)$", MANUAL, re.MULTILINE)


def test_the_list_of_devices_is_up_to_date() -> None:
    check = subprocess.run(
        [sys.executable, "packaging/device_list.py", "--check"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (check.returncode, check.stderr) == (0, "")


def test_each_driver_has_a_line_to_try_it_in_the_manual() -> None:
    assert {str(options(command)["driver"]) for command in COMMANDS} == set(LINES)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_manual_is_one(command: str) -> None:
    """Its options are known, and its driver talks over its line."""
    given = options(command)
    check_line_url(str(given["line"]), LINES[str(given["driver"])])


def options(command: str) -> dict[str, object]:
    """What `python -m devices` makes of a command line, without doing it."""
    found, arguments = typer.main.get_command(app), shlex.split(command)
    context = found.make_context("devices", arguments)
    while isinstance(found, typer.core.TyperGroup):
        name, inner, arguments = found.resolve_command(context, [*context._protected_args, *context.args])
        assert name is not None
        assert inner is not None
        found, context = inner, inner.make_context(name, arguments, parent=context)
    return context.params


def test_each_device_has_its_settings_in_the_manual() -> None:
    named: dict[str, object] = {}
    for block in re.findall(r"^```toml\n(.+?)^```$", MANUAL, re.MULTILINE | re.DOTALL):
        tables = tomllib.loads(block)
        check_settings({"central": {"url": "http://127.0.0.1:8080"}, **tables}, "the manual")
        named |= tables.get("devices", {})
    assert named.keys() == DRIVERS.keys()


def test_settings_of_the_readme_are_ones() -> None:
    """Those that are commented out too."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(\[site\].+?)^```$", text, re.MULTILINE | re.DOTALL)
    whole = re.sub(r"^# (?=\w+ = )", "", block, flags=re.MULTILINE)
    assert check_settings(tomllib.loads(whole), "the readme").central.ca is not None


def test_each_look_of_the_doctor_is_in_the_manual() -> None:
    """In both tables: the doctor's own, and what it looks at with ``--privacy``."""
    words, of_privacy = _names(), privacy.names()
    rows = re.findall(r"^\| (\S+) \| [^|]+ \| [^|]+ \|$", MANUAL, re.MULTILINE)
    looked_at = [row for row in rows if row != "查什么"]
    assert looked_at == [*(words[name] for name in NAMES), *(of_privacy[name] for name in privacy.NAMES)]
    about_it = MANUAL[MANUAL.index("\n## 体检\n") :]
    assert re.findall(r"^\| (\S+) \| [^|]+ \|$", about_it, re.MULTILINE) == list(_states().values())


def test_the_manual_shows_what_the_doctor_says() -> None:
    reader = Finding(state="ok", found="接上了，有回答")
    paper = Finding(state="warning", found="没有纸了", advice="请换一卷新纸，拉出纸头，再合上盖子。")
    said = in_words(
        [
            Check(name="id_card", required=True, tried="samv, serial:///dev/ttyUSB0", finding=reader),
            Check(name="printer", required=True, tried="escpos, tcp://192.168.1.50:9100", finding=paper),
        ]
    )
    assert "```\n" + "\n".join(list(said)[:3]) + "\n```" in MANUAL
    assert {reader.found, paper.found, paper.advice} <= texts()


def test_what_the_manual_quotes_can_be_read_on_the_screen() -> None:
    """Word by word, but for what is filled in: “现在读不了身份证”."""
    slots = [re.sub(r"\\{\w+\\}", ".{1,8}", re.escape(text)) for text in texts() if len(re.sub("{.+?}", "", text)) > 8]
    for quoted in re.findall("“(.+?)”", MANUAL):
        assert quoted in texts() or any(re.fullmatch(slot, quoted) for slot in slots), quoted


def texts() -> set[str]:
    with (LOCALES / "en" / "LC_MESSAGES" / "kiosk.po").open("rb") as file:
        return {message.id for message in read_po(file) if isinstance(message.id, str)}


@pytest.mark.parametrize("page", [path for path in tracked() if path.endswith(".md")])
def test_links_lead_somewhere(page: str) -> None:
    """To files of the repository, and to headings of the page itself."""
    text = (ROOT / page).read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall("^#+ (.+)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, heading = unquote(target).partition("#")
        if not re.match("[a-z]+:", target):
            assert not file or (ROOT / page).parent.joinpath(file).exists(), target
            assert file or heading in headings, target
