"""Catalogues, settings and keys that central publishes: what a kiosk says that it holds has to be there after any
cut."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from central import publications, roots
from central.database import Database
from central.keys import KeyFolder
from kiosk.contract import settings as of_settings
from kiosk.contract.catalog import read_files
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Keys
from kiosk.contract.signed import Statement
from kiosk.shelf import Kept

CATALOG: Final = Path(__file__).parents[2] / "assets" / "catalog"
KINDS: Final = ("catalog", "settings", "keys")


def publish(database: Path, keys: Path) -> None:
    """Another version of both, for all kiosks."""
    central, folder, now = Database(f"sqlite:///{database}"), KeyFolder(keys), datetime.now(UTC)
    try:
        files = publications.of_files(read_files(CATALOG))
        settings = publications.Publication(kind=of_settings.KIND, content='[services]\noff = ["lift"]\n')
        for publication in (files, settings):
            publications.publish(central, folder, publication, target="*", now=now)
    finally:
        central.close()


def exchange(database: Path, keys: Path, root: Path, *, voice: bool) -> None:
    """Newer keys under the root, and both published anew by them, before the last but one goes."""
    central, folder, now = Database(f"sqlite:///{database}"), KeyFolder(keys), datetime.now(UTC)
    try:
        folder.make_sealing(now)
        folder.make_signing("settings", now)
        if voice:
            folder.make_signing("acknowledgements", now)
        roots.take(central, folder, roots.sign(roots.to_sign(central, folder, now), root, now), now)
        publish(database, keys)
        for use in ("settings", "acknowledgements"):
            for old in sorted(keys.glob(f"{use}-*.json"), key=lambda file: file.stat().st_mtime)[:-2]:
                old.unlink()
    finally:
        central.close()


def version_held(data: Path, kind: str) -> int:
    """The highest version that lies on the kiosk's disk; 0: none; -1: the file is torn."""
    file = data / f"{kind}.json"
    if not file.exists():
        return 0
    try:
        if kind == "keys":
            return Keys.model_validate_json(file.read_bytes()).version
        kept = Kept.model_validate_json(file.read_bytes())
        return max(kept.refused, *(Statement.decode(signed.statement).version for signed in kept.all), 0)
    except (ValidationError, ContractError):
        return -1
