"""Lists that everybody may search: served by their hash, from files that may be replaced while central runs."""

from __future__ import annotations

import logging
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from central.api import create_app
from central.authorities.settings import load_authorities
from central.database import Database
from central.datasets import BUILT_IN, DatasetFolder
from central.demonstration.register import Register
from central.house import House, demonstration
from central.keys import KeyFolder
from kiosk.code_words import load_code_words
from kiosk.contract.datasets import OCTETS_AT_MOST, Dataset, tag_of
from kiosk.datasets import NAMES
from kiosk.directories import load_directories
from kiosk.insurance_words import load_insurance_words
from tests.central.kiosks import FakeKiosk, SignedBy
from tests.central.test_authority_settings import PAGE, example, written

LIST = 'as_of = 2026-11-01\nrows = [{ code = "1", name = "甲医院", place = "350900" }]\n'
MANY = "".join(f', {{ code = "a{number}", name = "{"甲" * 300}" }}' for number in range(1200))


@pytest.fixture
def database(sqlite_only: Database) -> Database:
    """The database has no part in it."""
    return sqlite_only


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BUILT_IN, tmp_path / "datasets")
    return tmp_path / "datasets"


@pytest.fixture
def http(house: House, folder: Path, kiosk: FakeKiosk) -> TestClient:
    kiosk.send()
    house = replace(house, datasets=DatasetFolder(folder=folder))
    client = TestClient(create_app(house, wake=lambda: None, closing=lambda: False), base_url="http://central")
    client.auth = SignedBy(kiosk.device, house.now)
    return client


def put(folder: Path, text: str, second: int, name: str = "hospitals") -> None:
    """Replaces a file; ``second`` stands for when."""
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    os.utime(folder / f"{name}.toml", (second, second))


@pytest.mark.parametrize("name", NAMES)
def test_each_list_is_served_with_its_hash(http: TestClient, name: str) -> None:
    """Whoever has it already is told so, and gets nothing."""
    answer = http.get(f"/v1/datasets/{name}")
    dataset = Dataset.model_validate_json(answer.content)
    assert (answer.status_code, dataset.name) == (200, name)
    assert answer.headers["etag"] == f'"{tag_of(answer.content)}"'
    again = http.get(f"/v1/datasets/{name}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(f"/v1/datasets/{name}", headers={"If-None-Match": '"old"'}).status_code == 200


@pytest.mark.parametrize("name", ["horoscopes", "..%2Fregister", "HOSPITALS"])
def test_what_is_not_there(http: TestClient, name: str) -> None:
    """A problem document; nobody reads beside the folder."""
    answer = http.get(f"/v1/datasets/{name}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_replaced_file_is_served_without_a_restart(http: TestClient, folder: Path) -> None:
    before = http.get("/v1/datasets/hospitals").headers["etag"]
    put(folder, LIST, 1)
    answer = http.get("/v1/datasets/hospitals", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert [row["name"] for row in answer.json()["rows"]] == ["甲医院"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("as_of = ", "hospitals.toml: is not TOML: "),
        (LIST.replace("2026-11-01", '"soon"'), "as_of"),
        (LIST.replace('name = "甲医院", ', ""), "hospitals.toml: a row has no name"),
        (LIST.replace('code = "1", ', ""), "a row has no code"),
        (LIST.replace("]\n", ', { code = "1", name = "乙" }]\n'), "or another's"),
        (LIST + "more = 1\n", "more"),
        (LIST.replace("甲医院", "甲" * 501), "hospitals.toml: rows.1.name: "),
        (LIST.replace("]", MANY + "]"), "hospitals.toml: 1"),
    ],
)
def test_a_mistake_leaves_the_last_good_one(
    http: TestClient, folder: Path, caplog: pytest.LogCaptureFixture, text: str, says: str
) -> None:
    """And one line in the log says what is wrong."""
    put(folder, LIST, 1)
    good = http.get("/v1/datasets/hospitals")
    caplog.set_level(logging.WARNING)
    put(folder, text, 2)
    answer = http.get("/v1/datasets/hospitals")
    assert answer.content == good.content
    assert "hospitals: " in caplog.records[0].message
    assert says in caplog.records[0].message


def test_the_columns_that_kiosks_show_are_those_of_the_lists() -> None:
    """Of the demonstration's: every column of the table is in some row, every code has its words."""
    words = load_code_words(load_insurance_words())
    for directory in load_directories(words):
        served = DatasetFolder().find(directory.code)
        assert served is not None
        assert len(served.content) < OCTETS_AT_MOST
        rows = Dataset.model_validate_json(served.content).rows
        for column in directory.column:
            values = {row[column.code] for row in rows if column.code in row}
            assert values or column.code == "limits", (directory.code, column.code)
            if column.kind.startswith("code:"):
                assert values <= words.tables[column.kind.removeprefix("code:")].keys()


def test_the_example_of_the_page_is_a_list(tmp_path: Path) -> None:
    (listed,) = [text for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "as_of" in text]
    (tmp_path / "hospitals.toml").write_text(listed, encoding="utf-8")
    assert DatasetFolder(folder=tmp_path).find("hospitals") is not None


def test_a_city_names_its_own_folder(
    database: Database, tmp_path: Path, house: House, folder: Path, register: Register
) -> None:
    """In the settings of its authorities."""
    settings = load_authorities(written(tmp_path, f'datasets = "{folder}"\n' + example()))
    assert settings.datasets == folder
    built = demonstration(database, KeyFolder(tmp_path / "keys"), register, authorities=settings)
    assert built.datasets.folder == folder
    assert house.datasets.folder == BUILT_IN
