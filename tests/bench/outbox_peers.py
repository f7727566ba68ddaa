"""Queues by others that keep their items in SQLite, made as durable as the outbox: each commit synced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import diskcache
import huey.storage
import litequeue
import persistqueue


class Peer(Protocol):
    """A queue of bytes on disk, for one thread."""

    def put(self, data: bytes) -> None:
        """Keeps an item."""

    def finish(self) -> None:
        """Takes the oldest item and, where that can be said, acknowledges it."""

    def fill(self, data: bytes, count: int) -> None:
        """Puts many, without a sync for each."""


class PersistQueue:
    """persist-queue's SQLiteAckQueue: put, get, ack."""

    def __init__(self, folder: Path) -> None:
        self._queue: Any = persistqueue.SQLiteAckQueue(str(folder / "persist-queue"), multithreading=False)
        self._synchronous("FULL")

    def put(self, data: bytes) -> None:
        self._queue.put(data)

    def finish(self) -> None:
        taken = self._queue.get(block=False, raw=True)
        self._queue.ack(id=taken["pqid"])

    def fill(self, data: bytes, count: int) -> None:
        self._synchronous("OFF")
        for _ in range(count):
            self._queue.put(data)
        self._synchronous("FULL")

    def _synchronous(self, level: str) -> None:
        for connection in (self._queue._putter, self._queue._getter):
            connection.execute(f"PRAGMA synchronous={level}")


class LiteQueue:
    """litequeue: put, pop, done."""

    def __init__(self, folder: Path) -> None:
        self._queue: Any = litequeue.LiteQueue(folder / "litequeue.db")
        self._queue.conn.execute("PRAGMA synchronous=FULL")

    def put(self, data: bytes) -> None:
        self._queue.put(data)

    def finish(self) -> None:
        self._queue.done(self._queue.pop().message_id)

    def fill(self, data: bytes, count: int) -> None:
        with self._queue.transaction():
            for _ in range(count):
                self._queue.put(data)


class Huey:
    """huey's SqliteStorage: enqueue, dequeue. An item is gone once it was taken, done or not."""

    def __init__(self, folder: Path) -> None:
        self._queue: Any = huey.storage.SqliteStorage(filename=str(folder / "huey.db"), fsync=True)

    def put(self, data: bytes) -> None:
        self._queue.enqueue(data)

    def finish(self) -> None:
        self._queue.dequeue()

    def fill(self, data: bytes, count: int) -> None:
        self._queue.conn.execute("PRAGMA synchronous=OFF")
        for _ in range(count):
            self._queue.enqueue(data)
        self._queue.conn.execute("PRAGMA synchronous=FULL")


class DiskCache:
    """diskcache's Deque: append, popleft. An item is gone once it was taken, done or not."""

    def __init__(self, folder: Path) -> None:
        cache: Any = diskcache.Cache(str(folder / "diskcache"), eviction_policy="none", sqlite_synchronous=2)
        self._cache = cache
        self._queue: Any = diskcache.Deque.fromcache(cache)

    def put(self, data: bytes) -> None:
        self._queue.append(data)

    def finish(self) -> None:
        self._queue.popleft()

    def fill(self, data: bytes, count: int) -> None:
        with self._cache.transact():
            for _ in range(count):
                self._queue.append(data)


ACKNOWLEDGING: Final[dict[str, Callable[[Path], Peer]]] = {"persist-queue": PersistQueue, "litequeue": LiteQueue}
PEERS: Final[dict[str, Callable[[Path], Peer]]] = {**ACKNOWLEDGING, "huey": Huey, "diskcache": DiskCache}
