"""A program for the shelf's tests: takes, tries, keeps and gives back, and says each step once it is done.

``python -m tests.kiosk.shelf_steps FOLDER``. Catalogues are made of nothing: their files are looked at by nobody.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from kiosk.catalog import Catalog
from kiosk.contract.base import SigningKey
from kiosk.contract.catalog import Files
from kiosk.contract.sealing import NEWEST
from kiosk.contract.signed import Signed
from kiosk.shelf import Offer, Shelf


def offer_of(files: Files) -> Offer:
    """An offer that tells from which files it is."""

    def nothing() -> object:
        raise AssertionError("nobody is served here")

    return Offer(catalog=cast(Catalog, files), serving=nothing)  # type: ignore[arg-type]


def shelf_in(folder: Path, public: bytes) -> Shelf:
    """The shelf in ``folder``, whose own catalogue is called so."""
    own = offer_of({"services.toml": "own"})
    shelf = Shelf(folder / "catalog.json", kiosk="K-001", own=own, make=offer_of)
    shelf.trust([SigningKey(id="settings-1", suite=NEWEST, public=public)])
    return shelf


def main(folder: Path, public: bytes, published: list[Path]) -> None:
    second, third = (Signed.model_validate_json(file.read_bytes()) for file in published)
    shelf = shelf_in(folder, public)
    shelf.open()
    for name, step in (
        ("taken 2", lambda: shelf.take(second)),
        ("on trial 2", shelf.begin),
        ("good 2", shelf.keep),
        ("taken 3", lambda: shelf.take(third)),
        ("on trial 3", shelf.begin),
        ("given back 3", shelf.give_back),
    ):
        step()
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), [Path(each) for each in sys.argv[3:]])
