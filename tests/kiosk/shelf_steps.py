"""A program for the shelf's tests: takes, tries, keeps and gives back, and says each step once it is done.

``python -m tests.kiosk.shelf_steps FOLDER``. Catalogues are made of nothing: their files are looked at by nobody.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.sealing import NEWEST
from kiosk.contract.signed import Signed
from kiosk.shelf import Shelf


def shelf_in(folder: Path, public: bytes) -> Shelf[Plain]:
    """The shelf in ``folder``: what is published serves as it is, under the machine's own."""
    shelf: Shelf[Plain] = Shelf(
        folder / "catalog.json",
        kind="catalog",
        kiosk="K-001",
        own={"services.toml": "own"},
        make=lambda content: content,
    )
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
