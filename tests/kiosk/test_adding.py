"""Adding an item of a known kind is adding an entry: those in the README and in docs/add-a-service.md are taken word by
word, put into the catalogue, and walked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from kiosk.contract.catalog import read_files
from kiosk.pages import Done, Result, Table
from kiosk.tables import CATALOG
from tests.kiosk.hall import Trouble, open_hall
from tests.kiosk.test_matrix import TROUBLE_PAGES, dead_ends, promises

ROOT = Path(__file__).parents[2]
PLACES = {"guide": "everyday", "query": "health", "filing": "health", "certificate": "health", "appointment": "housing"}
"""In which category's file an entry of a kind is put: any with room for it."""


def entries() -> list[tuple[str, str, str]]:
    """Code, kind and text of each entry that is shown."""
    found: list[tuple[str, str, str]] = []
    for page in ("README.md", "docs/add-a-service.md"):
        for block in re.findall(r"```toml\n(.+?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
            if block.startswith("[[item]]"):
                code, kind = (re.search(rf'^{key} = "(.+?)"', block, re.MULTILINE) for key in ("code", "journey"))
                assert code is not None
                assert kind is not None
                found.append((code[1], kind[1], block))
    return found


async def test_the_entries_that_are_shown_run_as_they_stand(tmp_path: Path) -> None:
    """One of each kind, from the home page to its end, with authorities that know nothing of them; and without a
    network, as their entry says."""
    files = dict(read_files(CATALOG))
    for _code, kind, text in entries():
        files[f"services/{PLACES[kind]}.toml"] += f"\n{text}"
    assert [kind for _code, kind, _text in entries()] == [*PLACES]
    async with open_hall(tmp_path) as hall:
        in_force, reception = hall.machine.in_force, hall.machine.reception
        catalog = in_force.catalog._make(dict(files))
        reception.catalog = catalog
        reception.serving = cache(lambda: in_force._serving(catalog, hall.machine.settings))
        troubles: tuple[Trouble, ...] = ("none", "offline")
        for trouble in troubles:
            await hall.suffer(trouble)
            for code, _kind, _text in entries():
                walk = await hall.walk(code, trouble)
                way = [page.name for page in walk.pages]
                assert not [*dead_ends(walk), *promises(walk)], (code, trouble, way)
                if trouble == "none":
                    assert not {*way} & TROUBLE_PAGES, (code, way)
                    assert any(isinstance(page, Done | Result | Table) for page in walk.pages), (code, way)
                elif catalog.item(code).offline == "queue":
                    assert walk.states == {"kept"}, (code, way)
