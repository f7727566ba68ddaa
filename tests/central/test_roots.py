"""The root key signs what kiosks believe: made apart, carried to and fro; everything can be exchanged through it."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from central import roots
from central.__main__ import app
from central.database import Database
from central.house import House
from central.keys import BadKeys, KeyFolder
from central.opening import Opening
from central.publications import Publication, publish
from central.tables import check_ins
from kiosk.contract.errors import BadSignature
from kiosk.contract.messages import Keys
from kiosk.contract.signed import Signed
from kiosk.pinning import to_pin
from tests.central.kiosks import Clock, FakeKiosk, tap


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


def offered(api: TestClient) -> Keys:
    return Keys.model_validate_json(api.get("/v1/keys").content)


def ceremony(house: House, folder: KeyFolder, root: Path) -> Keys:
    """Shown, signed, taken."""
    signed = roots.sign(roots.to_sign(house.database, folder, house.now()), root, house.now())
    roots.take(house.database, folder, signed, house.now())
    keys = roots.newest(house.database)
    assert keys is not None
    return keys


def test_a_kiosk_that_knows_the_root_gets_to_know_central(
    api: TestClient, house: House, folder: KeyFolder, tmp_path: Path
) -> None:
    """And not before the root has signed."""
    root = roots.make_root(tmp_path / "root.json", house.now())
    with pytest.raises(BadSignature, match="no root"):
        to_pin(None, offered(api), root)
    signed = ceremony(house, folder, tmp_path / "root.json")
    assert to_pin(None, offered(api), root) == signed
    assert signed.acknowledgement == (house.voice.key,)


def test_a_new_sealing_key_is_sealed_to_and_the_old_one_still_opens(
    api: TestClient, house: House, folder: KeyFolder, opening: Opening, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """What a kiosk recorded before it heard of the new one is not lost."""
    root = roots.make_root(tmp_path / "root.json", house.now())
    ceremony(house, folder, tmp_path / "root.json")
    before = to_pin(None, offered(api), root)
    kiosk.key = before.sealing[0]
    kiosk.write(tap())
    clock.move(timedelta(minutes=1))
    made = folder.make_sealing(house.now())
    ceremony(house, folder, tmp_path / "root.json")
    after = to_pin(before, offered(api), root)
    assert [key.id for key in after.sealing] == [made.id, before.sealing[0].id]
    kiosk.key = after.sealing[0]
    kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    with house.database.reading() as connection:
        assert len(connection.execute(check_ins.select()).all()) == 2


def test_what_signs_is_exchanged_through_the_root(
    api: TestClient, kiosk: FakeKiosk, house: House, folder: KeyFolder, clock: Clock, tmp_path: Path
) -> None:
    """A new settings key signs nothing before the root has signed it, and everything from then on."""
    kiosk.send()
    root = roots.make_root(tmp_path / "root.json", house.now())
    ceremony(house, folder, tmp_path / "root.json")
    before = to_pin(None, offered(api), root)
    clock.move(timedelta(minutes=1))
    made = folder.make_signing("settings", house.now())
    settings = Publication(kind="settings", content='[site]\nphone = "0593-1234567"\n')

    def publish_and_get() -> Signed:
        publish(house.database, folder, settings, target="*", now=house.now())
        return Signed.model_validate_json(api.get("/v1/settings", params={"kiosk": "K001"}).content)

    first = publish_and_get()
    assert first.verified(before.settings, kind="settings", kiosk="K001", above=0).version == 1
    ceremony(house, folder, tmp_path / "root.json")
    after = to_pin(before, offered(api), root)
    second = publish_and_get()
    assert second.key == made.id
    assert second.verified(after.settings, kind="settings", kiosk="K001", above=1).version == 2


def test_central_takes_nothing_that_would_make_it_a_stranger(house: House, folder: KeyFolder, tmp_path: Path) -> None:
    """Another root, keys that it does not hold, an older version."""
    roots.make_root(tmp_path / "root.json", house.now())
    roots.make_root(tmp_path / "other.json", house.now())
    first = roots.sign(roots.to_sign(house.database, folder, house.now()), tmp_path / "root.json", house.now())
    roots.take(house.database, folder, first, house.now())
    with pytest.raises(BadKeys, match="not taken"):
        roots.take(house.database, folder, first, house.now())
    later = roots.to_sign(house.database, folder, house.now())
    with pytest.raises(BadKeys, match="another root"):
        roots.take(house.database, folder, roots.sign(later, tmp_path / "other.json", house.now()), house.now())
    elsewhere = roots.to_sign(house.database, KeyFolder(tmp_path / "elsewhere"), house.now())
    with pytest.raises(BadKeys, match="could not be opened"):
        roots.take(house.database, folder, roots.sign(elsewhere, tmp_path / "root.json", house.now()), house.now())
    elsewhere = elsewhere.model_copy(update={"sealing": later.sealing})
    with pytest.raises(BadKeys, match="none of its keys for settings is here"):
        roots.take(house.database, folder, roots.sign(elsewhere, tmp_path / "root.json", house.now()), house.now())


def test_a_key_that_goes_stays_until_the_list_without_it_is_in_force(
    api: TestClient, house: House, folder: KeyFolder, opening: Opening, kiosk: FakeKiosk, clock: Clock, tmp_path: Path
) -> None:
    """Where its file was moved away sooner, what kiosks send is opened all the same, and it is said."""
    roots.make_root(tmp_path / "root.json", house.now())
    first = ceremony(house, folder, tmp_path / "root.json")
    clock.move(timedelta(minutes=1))
    made = folder.make_signing("settings", house.now())
    unsigned = roots.to_sign(house.database, folder, house.now(), without=[first.settings[0].id])
    assert [key.id for key in unsigned.settings] == [made.id]
    (old,) = (file for file in (tmp_path / "keys").glob("settings-*.json") if made.id not in file.name)
    old.unlink()
    opening.publish_keys()
    kiosk.key = first.sealing[0]
    kiosk.write(tap())
    kiosk.send()
    opening.work_off()
    with house.database.reading() as connection:
        assert len(connection.execute(check_ins.select()).all()) == 1
    roots.take(house.database, folder, roots.sign(unsigned, tmp_path / "root.json", house.now()), house.now())
    opening.publish_keys()
    keys = roots.newest(house.database)
    assert keys is not None
    assert keys.settings == unsigned.settings


def test_the_commands_from_the_root_to_the_kiosk(tmp_path: Path) -> None:
    """As somebody does it: one machine apart, central, and what is carried between."""
    db, away = f"sqlite:///{tmp_path}/central.db", tmp_path / "away"
    away.mkdir()

    def run(*arguments: object) -> str:
        done = CliRunner().invoke(app, ["keys", *map(str, arguments)])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    root = run("root", away / "root.json").partition('"')[2].rstrip('"')
    assert (away / "root.json").stat().st_mode & 0o777 == 0o600
    run("show", tmp_path / "to-sign.json", "--db", db)
    run("sign", tmp_path / "to-sign.json", "--root", away / "root.json", "--out", tmp_path / "signed.json")
    assert run("publish", tmp_path / "signed.json", "--db", db) == f"published: version 1, root {root}"
    assert run("make", "settings", "--db", db).startswith("made: ")
    run("show", tmp_path / "to-sign.json", "--db", db)
    run("sign", tmp_path / "to-sign.json", "--root", away / "root.json", "--out", tmp_path / "signed.json")
    assert run("publish", tmp_path / "signed.json", "--db", db) == f"published: version 2, root {root}"
    assert [line.split()[1] for line in run("list", "--db", db).splitlines()] == ["1", "2"]
    again = CliRunner().invoke(app, ["keys", "root", str(away / "root.json")])
    assert (again.exit_code, "File exists" in again.output) == (2, True)
    wrong = CliRunner().invoke(app, ["keys", "publish", str(tmp_path / "to-sign.json"), "--db", db])
    assert (wrong.exit_code, "is not what it should be" in wrong.output) == (2, True)


def test_the_commands_that_name_authorities_and_the_oldest_program(tmp_path: Path) -> None:
    """They are kept from version to version until something else is said."""
    db, authority = f"sqlite:///{tmp_path}/central.db", trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("central.example").cert_chain_pems[0].write_to_path(tmp_path / "leaf.pem")
    (tmp_path / "rubbish.pem").write_text("no certificate")
    certificate = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())

    def run(*arguments: object, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["keys", *map(str, arguments)])
        assert done.exit_code == code, done.output
        return done.output.strip()

    def named(*options: object) -> Keys:
        run("show", tmp_path / "to-sign.json", "--db", db, *options)
        said = run("sign", tmp_path / "to-sign.json", "--root", tmp_path / "root.json", "--out", tmp_path / "out.json")
        assert ("trustme" in said) == ("--any-authority" not in options)
        run("publish", tmp_path / "out.json", "--db", db)
        keys = roots.newest(Database(db))
        assert keys is not None
        return keys

    run("root", tmp_path / "root.json")
    first = named("--authority", tmp_path / "ca.pem", "--minimum", "1.2.0")
    assert (first.authorities, first.minimum) == ((certificate,), (1, 2, 0))
    assert (named().authorities, named("--minimum", "1.3.0").minimum) == ((certificate,), (1, 3, 0))
    last = named("--any-authority")
    assert (last.authorities, last.minimum) == ((), (1, 3, 0))
    for options, words in (
        (("--authority", tmp_path / "leaf.pem"), "not a certificate of an authority"),
        (("--authority", tmp_path / "rubbish.pem"), "no certificate in PEM"),
        (("--authority", tmp_path / "nowhere.pem"), "No such file"),
        (("--minimum", "1.2"), "three numbers"),
    ):
        assert words in run("show", tmp_path / "to-sign.json", "--db", db, *options, code=2)
