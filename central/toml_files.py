"""TOML files that people write: the shape of each is a model, and a mistake in one is a line, ``FILE: place: what``.

The place is told as those who edit the file see it: ``people.chen-jianguo.insurances.2.status``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Part(BaseModel):
    """Anything in a file: a key that is not known is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


M = TypeVar("M", bound=BaseModel)


def read_toml(file: Path, model: type[M], error: type[Exception], given: Mapping[str, object] = NOTHING) -> M:
    """The file (TOML 1.0, UTF-8) as a ``model``; ``given`` holds where the file says nothing. Raises ``error``."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as failure:
        raise error(f"{file}: cannot be read: {failure.strerror}") from None
    except UnicodeDecodeError as failure:
        raise error(f"{file}: is not UTF-8 text (byte {failure.start})") from None
    return parse_toml(str(file), text, model, error, given)


def parse_toml(
    name: str, text: str, model: type[M], error: type[Exception], given: Mapping[str, object] = NOTHING
) -> M:
    """The same of the text of a file of that name. Raises ``error``."""
    try:
        content = {**given, **tomllib.loads(text)}
    except (ValueError, RecursionError) as failure:  # beside TOMLDecodeError: a number too long, lists too deep
        raise error(f"{name}: is not TOML: {failure}") from None
    try:
        return model.model_validate(content)
    except ValidationError as failure:
        mistake = failure.errors(include_url=False, include_input=False)[0]
        place, what = ".".join(_steps(content, mistake["loc"])), mistake["msg"].removeprefix("Value error, ")
        raise error(": ".join(filter(None, (name, place, what)))) from None


def _steps(content: object, location: tuple[int | str, ...]) -> list[str]:
    """The way to a mistake: an entry of a list goes by its ``id``, else by its number, the first being 1."""
    steps = []
    for step in location:
        if isinstance(step, str):
            content = content.get(step) if isinstance(content, dict) else None
            steps.append(step)
        else:
            content = content[step] if isinstance(content, list) and step < len(content) else None
            named = content.get("id") if isinstance(content, dict) else None
            steps.append(named if isinstance(named, str) else str(step + 1))
    return steps
