"""The lists that central gives to everybody and this machine keeps: searched without a network, the last good one kept.

Each is one file in the data folder, the bytes as they came, replaced as a whole and durably. They are asked for in the
background by the hash of what is there, so that most answers are a 304.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pydantic import ValidationError

from devices.worker import Worker
from kiosk.errors import Declined, Unavailable
from kiosk.files import read_if_there, write_durably

if TYPE_CHECKING:
    from kiosk.contract.datasets import Dataset

NAMES: Final = ("hospitals", "pharmacies", "drugs")
ASKED_EVERY: Final = 1800.0
"""Seconds: such lists change a few times a year."""
ASKED_AGAIN: Final = 20.0
"""Seconds, while one has never come."""
LOOKED: Final = 0.5
"""Seconds, whether central can be reached: a new machine has the lists before anybody asks for one."""

Lists = Callable[[str], "Dataset | None"]
"""The list of a name, as it is kept; None: none ever came."""

_log = logging.getLogger(__name__)


def none_kept(_name: str) -> None:
    """The lists of a machine that has none yet."""


class Central(Protocol):
    """What is asked of ``central.CentralClient``. Blocking."""

    def dataset(self, name: str, known: str) -> bytes | None: ...

    def close(self) -> None: ...


class Line(Protocol):
    """What the sync knows of central."""

    @property
    def welcome(self) -> bool: ...


@dataclass
class Datasets:
    """The service that asks, and what it keeps. ``run`` never returns; ``keep`` may start it again."""

    folder: Path
    central: Central
    line: Line
    names: tuple[str, ...] = NAMES
    every: float = ASKED_EVERY
    again: float = ASKED_AGAIN
    jitter: Callable[[], float] = random.random
    _worker: Worker = field(default_factory=lambda: Worker("datasets"))
    _kept: dict[str, Dataset] = field(default_factory=dict)
    _tags: dict[str, str] = field(default_factory=dict)

    def current(self, name: str) -> Dataset | None:
        """The last good one; None: none ever came."""
        return self._kept.get(name)

    async def run(self) -> None:
        """Takes up what is kept, and asks for news of it. For ever."""
        await self._worker.do(self._take_up)
        while True:
            while not self.line.welcome:  # noqa: ASYNC110 - the sync tells of more than this
                await asyncio.sleep(LOOKED)
            for name in self.names:
                await self._ask(name)
            complete = self._kept.keys() >= {*self.names}
            await asyncio.sleep((self.every if complete else self.again) * (0.75 + self.jitter() / 4))

    def close(self) -> None:
        """Cuts off the exchange under way."""
        self.central.close()
        self._worker.close()

    async def _ask(self, name: str) -> None:
        try:
            await self._worker.do(lambda: self._renew(name))
        except (Unavailable, Declined) as error:
            _log.info("no word of the list %s: %s", name, error)
        except ValidationError:
            _log.error("the list %s that central gives cannot be used, the last one stays", name)
        except OSError as error:
            _log.error("the list %s is not kept: %s", name, error.strerror)

    def _renew(self, name: str) -> None:
        content = self.central.dataset(name, self._tags.get(name, ""))
        if content is not None:
            self._put(name, content, keep=True)
            _log.info("the list %s is of %s", name, self._kept[name].as_of)

    def _take_up(self) -> None:
        """What an earlier run kept. A damaged file is as none."""
        for name in self.names:
            try:
                content = read_if_there(self._file(name))
                if content is not None and name not in self._kept:
                    self._put(name, content, keep=False)
            except (OSError, ValidationError):
                _log.error("%s cannot be read: it is asked for anew", self._file(name).name)

    def _put(self, name: str, content: bytes, *, keep: bool) -> None:
        """Raises ValidationError and OSError; the last one is then still there."""
        from kiosk.contract.datasets import Dataset, tag_of

        dataset = Dataset.model_validate_json(content)
        if keep:
            write_durably(self._file(name), content)
        self._kept[name], self._tags[name] = dataset, tag_of(content)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"
