"""Two things that are waited for at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

A = TypeVar("A")
B = TypeVar("B")


async def first(one: Coroutine[Any, Any, A], other: Coroutine[Any, Any, B]) -> A | B:
    """The outcome of whichever ends first; the other is cancelled and waited for."""
    ahead, behind = asyncio.ensure_future(one), asyncio.ensure_future(other)
    try:
        await asyncio.wait((ahead, behind), return_when=asyncio.FIRST_COMPLETED)
        return ahead.result() if ahead.done() else behind.result()
    finally:
        ahead.cancel()
        behind.cancel()
        await asyncio.gather(ahead, behind, return_exceptions=True)
