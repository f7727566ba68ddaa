"""The page behind the link of a message: what it asks, whose yes it takes, and what it never tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from central.confirming import CONFIRM_WITHIN
from central.house import House
from central.opening import Opening
from central.public import create_public
from kiosk.contract.records import Record
from tests.central.kiosks import LIN, Clock, FakeKiosk, service
from tests.central.test_services import matter_of


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def phone(house: House, woken: list[str]) -> Iterator[TestClient]:
    public = create_public(house, wake=lambda: woken.append("opener"))
    with TestClient(public, base_url="http://public", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def owed(kiosk: FakeKiosk, opening: Opening) -> Record:
    """A matter that was recorded without central: its person is asked by telephone."""
    kiosk.send()
    record = kiosk.write(service(LIN, check="owed"))
    kiosk.send()
    opening.work_off()
    return record


def path(kiosk: FakeKiosk) -> str:
    return f"/c/{kiosk.telephone()[-1]['token']}"


def test_a_press_submits_the_matter(
    kiosk: FakeKiosk, owed: Record, opening: Opening, phone: TestClient, woken: list[str]
) -> None:
    """Looking at the address confirms nothing; pressing twice does no harm, and the page then says that it is done."""
    asked = phone.get(path(kiosk))
    assert asked.status_code == 200
    assert "是您本人要办的吗？" in asked.text
    assert str(owed.number) in asked.text
    opening.work_off()
    assert (matter_of(kiosk, owed).state, woken) == ("kept", [])
    for _ in range(2):
        assert "确认好了" in phone.post(path(kiosk)).text
    opening.work_off()
    assert matter_of(kiosk, owed).state == "sent"
    assert woken
    assert "确认好了" in phone.get(path(kiosk)).text


def test_it_tells_neither_who_nor_what(kiosk: FakeKiosk, owed: Record, phone: TestClient) -> None:
    text = phone.get(path(kiosk)).text
    assert not any(word in text for word in (LIN.name, LIN.number, LIN.name[0] + "＊", "慢特病", "医保"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_when_the_time_is_over_nothing_can_be_confirmed(
    kiosk: FakeKiosk, owed: Record, phone: TestClient, clock: Clock, method: str
) -> None:
    clock.move(CONFIRM_WITHIN - timedelta(seconds=1))
    assert phone.get(path(kiosk)).status_code == 200
    clock.move(timedelta(seconds=1))
    answer = phone.request(method, path(kiosk))
    assert answer.status_code == 410
    assert "这件事没有提交" in answer.text
    assert matter_of(kiosk, owed).state == "kept"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_was_never_sent(phone: TestClient, method: str) -> None:
    answer = phone.request(method, "/c/" + "x" * 32)
    assert answer.status_code == 404
    assert "重新点开短信里的链接" in answer.text
