"""One thread for one blocking resource, awaited from asyncio.

The thread is a daemon: work that hangs in a driver never holds the interpreter's exit (an executor would). Work runs
one piece after another, in the order in which it was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Worker:
    """A thread that does work for coroutines. Belongs to one blocking resource."""

    def __init__(self, name: str) -> None:
        self._work: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._closed = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def do(self, work: Callable[[], T]) -> T:
        """The outcome of `work()` in the thread. Who stops waiting does not stop work that has begun; its outcome is
        dropped. Work that has not begun is forgotten at once, for it may know of a person.

        RuntimeError after `close`.
        """
        if self._closed:
            raise RuntimeError("worker is closed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        waiting = deque([work])
        del work

        def settle(how: Callable[[], None]) -> None:
            if not answer.done():
                how()

        def run() -> None:
            try:
                begun = waiting.pop()
            except IndexError:
                return  # nobody waits for it any more
            try:
                how = partial(answer.set_result, begun())
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who waits
                how = partial(answer.set_exception, error)
            try:
                loop.call_soon_threadsafe(settle, how)
            except RuntimeError:
                pass  # the loop has ended; nobody waits any more

        self._work.put(run)
        try:
            return await answer
        finally:
            waiting.clear()

    def post(self, work: Callable[[], object]) -> None:
        """Do `work()` some time, for nobody in particular; what goes wrong in it is logged."""

        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - nobody waits for it, and the thread has other work to do
                _log.warning(
                    "%s: what was left to do failed: %s", threading.current_thread().name, type(error).__name__
                )

        self._work.put(run)

    def close(self) -> None:
        """End the thread after the work in hand and in the queue. Does not wait for it."""
        if not self._closed:
            self._closed = True
            self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            del work  # an outcome may be personal: it must not live here until the next work comes
