"""Catalogues as a central publishes them, for the tests of shelf, renewal and client."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kiosk.contract.base import SigningKey
from kiosk.contract.catalog import KIND, Files, read_files
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import EVERYBODY, Signed, Statement
from kiosk.tables import CATALOG

PRIVATE, PUBLIC = suite(NEWEST).generate_signing()
KEY = SigningKey(id="settings-1", suite=NEWEST, public=PUBLIC)
ISSUED = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def own_files() -> Files:
    """The files that come with the program."""
    return read_files(CATALOG)


def asking(question: str) -> Files:
    """The program's catalogue, but for what its home page asks."""
    files = dict(own_files())
    said = 'question = "您好，今天想办什么？"'
    assert said in files["services.toml"]
    files["services.toml"] = files["services.toml"].replace(said, f'question = "{question}"')
    return files


def published(
    files: Files, version: int, *, target: str = EVERYBODY, kind: str = KIND, key: SigningKey = KEY
) -> Signed:
    """Signed by central's settings key."""
    statement = Statement(suite=NEWEST, kind=kind, target=target, version=version, issued=ISSUED, content=dict(files))
    return statement.signed(key.id, PRIVATE)


def write_folder(files: Files, folder: Path) -> Path:
    """As an editor has them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
