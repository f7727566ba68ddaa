"""The lists between the home page and a service, on screens that follow a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import TypeVar, cast
from unittest import mock

import pytest

import main
from devices.supervisor import State
from kiosk import trouble_pages
from kiosk.catalog import ALL, AT_DESK, HOME, SEARCH
from kiosk.desk import Desk, Left, Onward
from kiosk.equipment import Guest
from kiosk.errors import Declined, Unavailable
from kiosk.identity import Unreadable
from kiosk.items import Item
from kiosk.manner import Back, Manner
from kiosk.pages import Head, Notice, Page
from kiosk.reception import Reception
from kiosk.settings import check_settings

A = TypeVar("A")
GONE = Left("cancelled")
JOIN = "social-insurance-join"


@dataclass
class ScriptedScreens:
    """Answers each page as the script says; an exception is raised."""

    script: list[tuple[str, object]] = field(default_factory=list)
    pages: list[Page[object]] = field(default_factory=list)

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        self.pages.append(cast("Page[object]", page))
        name, answer = self.script.pop(0)
        assert page.name == name
        if isinstance(answer, BaseException):
            raise answer
        return cast(A, answer)

    unused_for = inf

    def wipe(self) -> None: ...

    def dress(self, manner: Manner) -> None: ...

    def update_status(self, *, network: bool | None, printer: State, unreadable: Unreadable | None) -> None: ...


@pytest.fixture
def screens() -> ScriptedScreens:
    return ScriptedScreens()


@pytest.fixture
async def reception(screens: ScriptedScreens, tmp_path: Path) -> AsyncIterator[Reception]:
    """Of a machine without devices, which never runs."""
    settings = check_settings({"central": {"url": "http://127.0.0.1:9"}, "services": {"off": ["lift"]}}, "the test")
    machine = main.put_together(settings, tmp_path, screens)
    machine.reception.troubles.clear()
    await machine.equipment.outbox.start()
    yield machine.reception
    await main.close(machine)


@pytest.mark.parametrize(
    ("script", "leads_to"),
    [
        ([("home", "housing"), ("items", "rental")], "rental"),
        ([("home", "social-insurance"), ("items", JOIN), ("group", "self-paid")], "self-paid"),
        ([("home", ALL), ("categories", "work"), ("items", "vacancies")], "vacancies"),
        ([("home", SEARCH), ("search", "complaint")], "complaint"),
        ([("home", SEARCH), ("search", "everyday"), ("items", Back()), ("search", "rooms")], "rooms"),
        ([("home", ALL), ("categories", SEARCH), ("search", Back()), ("categories", GONE)], None),
        ([("home", "social-insurance"), ("items", JOIN), ("group", Back()), ("items", Back())], None),
        ([("home", "housing"), ("items", AT_DESK), ("at-desk", Back()), ("items", "rental")], "rental"),
        ([("home", "housing"), ("items", AT_DESK), ("at-desk", HOME)], None),
        ([("home", "my-matters")], "my-matters"),
    ],
)
async def test_lists_lead_on_and_back(
    reception: Reception, screens: ScriptedScreens, script: list[tuple[str, object]], leads_to: str | None
) -> None:
    """返回 goes to the page before, 首页 to the home page from each."""
    screens.script = script
    chosen = await reception._home()
    assert (chosen.code if chosen else None) == leads_to
    assert screens.script == []


async def test_none_of_these_names_the_category_that_was_looked_at(
    reception: Reception, screens: ScriptedScreens
) -> None:
    screens.script = [
        ("home", "social-insurance"), ("items", JOIN), ("group", AT_DESK), ("at-desk", HOME),
    ]  # fmt: skip
    assert await reception._home() is None
    assert screens.pages[-1].question == "社保的事，请到服务台办"


async def test_what_the_centre_switched_off_is_nowhere(reception: Reception) -> None:
    assert "lift" not in [item.code for item in reception.catalog.items]


@pytest.mark.parametrize("error", [Unavailable("offline"), Declined("refused", "Refused")])
async def test_a_service_that_cannot_go_on_leads_to_its_guide(
    reception: Reception, screens: ScriptedScreens, error: Exception
) -> None:
    """What can be known without central is shown, and a worker can be asked."""

    async def fails(_desk: Desk) -> None:
        raise error

    serving = reception.serving()
    reception.serving = lambda: replace(serving, journeys={**serving.journeys, "insurance-status": fails})
    page = "unavailable" if isinstance(error, Unavailable) else "declined"
    screens.script = [(page, "guide"), ("guide", "finish")]
    with pytest.raises(Left):
        await reception._serve(reception.catalog.item("insurance-status"), Guest())
    assert screens.script == []
    assert screens.pages[-1].question == "查参保情况"


async def test_a_service_leads_on_to_another_for_the_same_guest(reception: Reception, screens: ScriptedScreens) -> None:
    """The guide of the second stands there; who the guest is, is not forgotten in between."""

    async def leads_on(_desk: Desk) -> None:
        raise Onward("minimum")

    serving = reception.serving()
    reception.serving = lambda: replace(serving, journeys={**serving.journeys, "payments": leads_on})
    screens.script = [("guide", "finish")]
    guest = Guest()
    served: list[Guest] = []
    serve = reception._serve

    async def noted(item: Item, its_guest: Guest) -> None:
        served.append(its_guest)
        await serve(item, its_guest)

    with mock.patch.object(reception, "_serve", noted), pytest.raises(Left):
        await reception._serve_on(reception.catalog.item("payments"), guest)
    assert served == [guest, guest]
    assert screens.pages[-1].question == "低保"


async def test_a_service_without_a_guide_offers_none(reception: Reception, screens: ScriptedScreens) -> None:
    page = trouble_pages.unavailable(reception.equipment.site, "offline", reception.catalog.item("my-matters"))
    assert isinstance(page, Notice)
    assert [option.value for option in page.actions] == ["home", "again"]
