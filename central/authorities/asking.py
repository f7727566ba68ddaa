"""The questions of one request to central: side by side, and no authority twice for who somebody is.

An authority may take a second for each answer, and a kiosk waits a few: what needs no other answer does not wait for
one. Nothing that was answered outlives the request, or the opener's task.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from typing import Final, ParamSpec, TypeVar

from central.authorities.envelope import Output

A = TypeVar("A")
T = TypeVar("T")
P = ParamSpec("P")

MOST: Final = 8
"""Questions side by side that one request puts to an authority."""


@contextmanager
def one_request(questions: int) -> Iterator[Asked]:
    """Threads for so many questions, in which ``once`` asks once."""
    with _known(_answers.get() or Answers()), Asked(questions) as threads:
        yield threads


def one_task() -> AbstractContextManager[None]:
    """In which ``once`` asks once too, whatever was answered around it: one task may wait for another in its midst."""
    return _known(Answers())


@contextmanager
def _known(answers: Answers) -> Iterator[None]:
    before = _answers.set(answers)
    try:
        yield
    finally:
        _answers.reset(before)


def each(ask: Callable[[A], T], about: Sequence[A]) -> tuple[T, ...]:
    """The answers about each, in order, asked side by side. Raises what the first of them in order raises."""
    if len(about) < 2:
        return tuple(map(ask, about))
    with Asked(min(len(about), MOST)) as threads:
        return tuple(threads.map(ask, about))


def once(key: Hashable, ask: Callable[[], Output]) -> Output:
    """What ``ask`` answers or raises, the same for one key within one request; outside of one it is asked each time."""
    answers = _answers.get()
    return ask() if answers is None else answers.once(key, ask)


class Asked(ThreadPoolExecutor):
    """Threads that know for which request they ask."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        context = copy_context()
        return super().submit(lambda: context.run(fn, *args, **kwargs))


class Answers:
    """What was answered in one request. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Future[Output]] = {}

    def once(self, key: Hashable, ask: Callable[[], Output]) -> Output:
        """Whoever asks second waits for the first."""
        with self._lock:
            first = key not in self._answers
            answer = self._answers.setdefault(key, Future())
        if first:
            try:
                answer.set_result(ask())
            except BaseException as error:  # whoever waits for the answer hears of it too
                answer.set_exception(error)
                raise
        return answer.result()


_answers: ContextVar[Answers | None] = ContextVar("answers", default=None)
