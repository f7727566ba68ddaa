"""Settings that central published, laid over the machine's own: who may say what.

Each field of the settings names its owner (``settings.Owner``). What is the centre's, central says. What is the
keeper's, central proposes: it holds where the machine's own file is silent. What is the machine's, its devices and
where central is found among it, the machine's own file says alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from kiosk.settings import Owner, Section, Settings, SettingsError, check_settings, parse_toml

S = TypeVar("S", bound=Section)


def laid_over(own: Settings, text: str, where: str = "central's settings") -> Settings:
    """``own`` with what ``text`` (TOML 1.0) may say. Raises SettingsError, which names the key."""
    tables = parse_toml(text, where)
    central = tables.get("central", {})
    if not isinstance(central, dict):
        raise SettingsError(f"{where}: central: is a table, written [central]")
    said = check_settings({**tables, "central": {"url": str(own.central.url), **central}}, where)
    stated = {name: table if isinstance(table, dict) else {name: table} for name, table in tables.items()}
    for name, section in _sections(said).items():
        _demand(section, name, stated.pop(name, {}), where)
    for name in stated.keys() - {"staff"}:
        raise SettingsError(f"{where}: {name}: only the machine's own file says that")
    keys: Mapping[str, Collection[str]] = {
        name: table if isinstance(table, dict) else () for name, table in tables.items()
    }
    return own.model_copy(
        update={
            "site": _over(own.site, said.site, keys.get("site", ())),
            "central": _over(own.central, said.central, keys.get("central", ())),
            "idle": _over(own.idle, said.idle, keys.get("idle", ())),
            "services": _over(own.services, said.services, keys.get("services", ())),
            "outbox": _over(own.outbox, said.outbox, keys.get("outbox", ())),
            "staff": said.staff if "staff" in tables else own.staff,
        }
    )


def _sections(said: Settings) -> dict[str, Section]:
    return {
        "site": said.site,
        "panel": said.panel,
        "central": said.central,
        "idle": said.idle,
        "services": said.services,
        "outbox": said.outbox,
    }


def _demand(section: Section, name: str, keys: Collection[str], where: str) -> None:
    for key in keys:
        if section.owner_of(key) is Owner.MACHINE:
            raise SettingsError(f"{where}: {name}.{key}: only the machine's own file says that")


def _over(own: S, said: S, keys: Collection[str]) -> S:
    mine = own.model_fields_set
    taken = {
        key: value for key, value in said if key in keys and (own.owner_of(key) is Owner.CENTRE or key not in mine)
    }
    return own.model_copy(update=taken)
