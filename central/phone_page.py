"""A page for a telephone: a template in ``pages/``, for a phone in an old hand: one thing at a time, in large type.

It needs no script and nothing from elsewhere. What goes wrong is raised as ``Told`` and its ``Trouble`` becomes such a
page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES: Final = Path(__file__).with_name("pages")

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer carries: nobody frames it, keeps it or learns the address it was opened from."""


@dataclass(frozen=True)
class Trouble:
    """What a page says is the matter and what to do. ``question`` is its headline."""

    status: int
    question: str
    lines: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)


class Told(Exception):
    """Ends a request with the page of its trouble. Made anew each time: an exception that is raised twice keeps the
    frames of both, and with them what was sent."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.question)
        self.trouble = trouble


NO_SUCH_PAGE: Final = Trouble(
    404, "这个页面打不开", ("二维码可能过期了，也可能没有扫全。", "请在自助机上再办一次，扫新的二维码。")
)


def page(template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: object) -> HTMLResponse:
    """A page from ``pages/``: what is put into it is escaped, what is missing is an error."""
    return HTMLResponse(templates().get_template(template).render(values), status_code=status, headers=headers)


@cache
def templates() -> Environment:
    """The pages, each value escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
