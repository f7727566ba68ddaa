"""Settings as the TOML that a program reads from its file."""

from __future__ import annotations

import json
from collections.abc import Mapping


def toml(tables: Mapping[str, object], name: str = "") -> str:
    """Tables of strings, numbers, lists and tables as TOML, whose strings may be written as JSON's."""
    inner = {key: value for key, value in tables.items() if isinstance(value, Mapping)}
    lines = [f"{key} = {_inline(value)}" for key, value in tables.items() if key not in inner]
    head = [f"[{name}]"] if name else []
    return "\n".join([*head, *lines, *(toml(value, f"{name}.{key}".lstrip(".")) for key, value in inner.items())])


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
