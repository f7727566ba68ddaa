"""Catalogues that central publishes: judged by the kiosk's program, signed, each kiosk gets the newest meant for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from typer.testing import CliRunner

from central.__main__ import app
from central.house import House
from central.keys import BadKeys, KeyFolder
from central.opening import Opening
from central.publications import BadPublication, Publication, of_files, publish, published, read_catalog
from central.tables import publications
from kiosk.contract.catalog import files_of
from kiosk.contract.errors import BadSignature, ContractError
from kiosk.contract.messages import Keys
from kiosk.contract.signed import Signed, Statement
from tests.central.kiosks import Clock, FakeKiosk, SignedBy, device_of
from tests.kiosk.published import asking, own_files, write_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(key_folder: KeyFolder) -> KeyFolder:
    return key_folder


@pytest.fixture(autouse=True)
def known(api: TestClient, clock: Clock) -> None:
    """Central knows the kiosks that ask here."""
    for name in ("K-001", "K-002", "K-003"):
        FakeKiosk(api, clock, name).send()


def ask(
    api: TestClient, kiosk: str, above: int = 0, speaker: str | None = None, path: str = "/v1/catalog"
) -> httpx.Response:
    """``speaker`` signs; by itself the kiosk."""
    assert isinstance(api.auth, SignedBy)
    return api.get(
        path,
        params={"kiosk": kiosk},
        headers={"if-none-match": f'"{above}"'},
        auth=SignedBy(device_of(speaker or kiosk), api.auth.now),
    )


@pytest.fixture
def keys(api: TestClient) -> Keys:
    return Keys.model_validate_json(api.get("/v1/keys").content)


def got(api: TestClient, keys: Keys, kiosk: str = "K-001", above: int = 0) -> Statement:
    """What a kiosk makes of the answer."""
    answer = ask(api, kiosk, above)
    assert answer.status_code == 200
    signed = Signed.model_validate_json(answer.content)
    statement = signed.verified(keys.settings, kind="catalog", kiosk=kiosk, above=above)
    assert answer.headers["etag"] == f'"{statement.version}"'
    return statement


def test_nothing_is_published_at_first(api: TestClient) -> None:
    answer = ask(api, "K-001")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-catalog")


def test_what_is_published_is_what_a_kiosk_reads(api: TestClient, keys: Keys, house: House, folder: KeyFolder) -> None:
    """Whole, by the key that the kiosk pinned at its first contact; once, by its entity tag."""
    files = asking("今天办什么？")
    assert publish(house.database, folder, of_files(files), target="*", now=house.now()) == 1
    statement = got(api, keys)
    assert files_of(statement.content) == files
    assert statement.issued == house.now()
    again = ask(api, "K-001", 1)
    assert (again.status_code, again.content) == (304, b"")


def test_versions_grow_whomever_they_are_for(api: TestClient, keys: Keys, house: House, folder: KeyFolder) -> None:
    """So that what is published for all follows what was published for one, and the other way round."""
    for target, question in (("*", "一"), ("K-002", "二"), ("*", "三"), ("K-001", "四")):
        publish(house.database, folder, of_files(asking(question)), target=target, now=house.now())
    assert [got(api, keys, kiosk).version for kiosk in ("K-001", "K-002", "K-003")] == [4, 3, 3]
    assert [line.split()[1::3] for line in published(house.database, "catalog")] == [
        ["1", "*"], ["2", "K-002"], ["3", "*"], ["4", "K-001"],
    ]  # fmt: skip
    assert publish(house.database, folder, of_files(asking("五")), target="*", now=house.now(), above=9) == 10


def test_a_row_that_was_changed_is_noticed_by_the_kiosk(
    api: TestClient, keys: Keys, house: House, folder: KeyFolder
) -> None:
    """Whoever can write to the database cannot steer a kiosk."""
    publish(house.database, folder, of_files(asking("一")), target="*", now=house.now())
    statement = got(api, keys)
    forged = Statement(
        suite=statement.suite, kind="catalog", target="*", version=9, issued=house.now(), content={}
    ).encode()
    with house.database.writing() as connection:
        connection.execute(update(publications).values(statement=forged))
    with pytest.raises(BadSignature):
        got(api, keys)


def test_the_signing_key_is_made_once_and_kept_to(
    folder: KeyFolder, opening: Opening, house: House, api: TestClient
) -> None:
    """Kiosks pin the first they see: a second file does not replace it; nobody else may read it."""
    pair = folder.settings_pair(house.now())
    opening.publish_keys()
    keys = Keys.model_validate_json(api.get("/v1/keys").content)
    assert [(key.id, key.public) for key in keys.settings] == [(pair.id, pair.public)]
    assert folder.settings_pair(house.now()) == pair
    (file,) = folder._folder.glob("settings-*.json")
    file.chmod(0o644)
    with pytest.raises(BadKeys, match="others may read it"):
        folder.settings_pair(house.now())


@pytest.mark.parametrize("kiosk", ["", "K 1", "../keys", "K" * 65])
def test_a_kiosk_has_a_kiosk_s_name(api: TestClient, kiosk: str) -> None:
    assert ask(api, kiosk, speaker="K-001").status_code == 422


def test_what_is_for_one_kiosk_is_not_for_another(api: TestClient) -> None:
    """A kiosk asks in its own name alone."""
    answer = ask(api, "K-002", speaker="K-001")
    assert (answer.status_code, answer.json()["code"]) == (403, "another-kiosk")


# -- what may be published ---------------------------------------------------------------------------------------------


def test_the_kiosk_s_program_judges_what_may_be_published(tmp_path: Path) -> None:
    """By the loader that will have to read it: file, entry and field."""
    assert read_catalog(write_folder(own_files(), tmp_path / "good")) == of_files(own_files())
    files = dict(own_files())
    files["services/work.toml"] = files["services/work.toml"].replace("level = 0", "level = 7", 1)
    with pytest.raises(BadPublication, match=r'work\.toml: item "jobless", level'):
        read_catalog(write_folder(files, tmp_path / "bad"))


def test_what_is_no_catalogue_is_not_published(tmp_path: Path) -> None:
    """An empty folder, a file that is no text, one that nobody would read."""
    with pytest.raises(BadPublication, match=r"services\.toml: cannot be read"):
        read_catalog(tmp_path)
    (tmp_path / "services.toml").write_bytes(b"\xff")
    with pytest.raises(BadPublication, match="not UTF-8"):
        read_catalog(tmp_path)
    (tmp_path / "services.toml").write_text("#" + "x" * 600_000)
    with pytest.raises(BadPublication, match="at most"):
        read_catalog(tmp_path)


def test_the_command_publishes_and_lists(tmp_path: Path) -> None:
    """As somebody at a terminal does it, even before central's first start; a mistake is exit code 2."""
    catalog, db = write_folder(asking("今天办什么？"), tmp_path / "catalog"), f"sqlite:///{tmp_path}/central.db"
    command = [sys.executable, "-m", "central", "catalog", "publish", str(catalog), "--db", db, "--for", "K-001"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "published: version 1 for K-001\n")
    listed = CliRunner().invoke(app, ["catalog", "list", "--db", db])
    assert (listed.exit_code, listed.output.split()[::4]) == (0, ["catalog", "K-001"])
    (catalog / "services" / "work.toml").write_text("[category")
    wrong = CliRunner().invoke(app, ["catalog", "publish", str(catalog), "--db", db])
    assert (wrong.exit_code, "work.toml: is not TOML" in wrong.output) == (2, True)


def test_a_published_catalogue_s_content_is_files_alone(house: House, folder: KeyFolder) -> None:
    """What a kiosk would refuse is refused before it is signed."""
    with pytest.raises(ContractError):
        publish(house.database, folder, of_files({"../keys.json": ""}), target="*", now=house.now())


# -- settings ----------------------------------------------------------------------------------------------------------

CENTRE = '[site]\nphone = "0593-1234567"\n'


def test_settings_are_a_kind_of_their_own(api: TestClient, keys: Keys, house: House, folder: KeyFolder) -> None:
    """With versions of their own; a catalogue is no settings."""
    publish(house.database, folder, of_files(own_files()), target="*", now=house.now())
    answer = ask(api, "K-001", path="/v1/settings")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-settings")
    settings = Publication(kind="settings", content=CENTRE)
    assert publish(house.database, folder, settings, target="K-001", now=house.now()) == 1
    signed = Signed.model_validate_json(ask(api, "K-001", path="/v1/settings").content)
    assert signed.verified(keys.settings, kind="settings", kiosk="K-001", above=0).content == CENTRE
    assert ask(api, "K-002", path="/v1/settings").status_code == 404
    again = ask(api, "K-001", 1, path="/v1/settings")
    assert again.status_code == 304


def test_the_command_publishes_settings_and_names_what_is_the_machine_s(tmp_path: Path) -> None:
    file, db = tmp_path / "centre.toml", f"sqlite:///{tmp_path}/central.db"
    file.write_text(CENTRE, encoding="utf-8")
    done = CliRunner().invoke(app, ["settings", "publish", str(file), "--db", db])
    assert (done.exit_code, done.output) == (0, "published: version 1 for all kiosks\n")
    file.write_text('[central]\nurl = "http://elsewhere"\n')
    wrong = CliRunner().invoke(app, ["settings", "publish", str(file), "--db", db])
    assert (wrong.exit_code, "central.url: only the machine's own file says that" in wrong.output) == (2, True)
    listed = CliRunner().invoke(app, ["settings", "list", "--db", db])
    assert listed.output.split()[:2] == ["settings", "1"]
