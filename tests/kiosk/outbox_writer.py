"""A program for the outbox's tests: commits and says so, until it is killed.

``python -m tests.kiosk.outbox_writer FOLDER [COMMITS]`` prints the id of each record after its commit.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from kiosk.contract.messages import Keys, SealingKey
from kiosk.contract.sealing import NEWEST, suite
from kiosk.errors import NotKept
from kiosk.outbox import Outbox
from tests.kiosk.acts import filing

PRIVATE = bytes(range(1, 33))


def keys() -> Keys:
    """Keys whose private half is known to the tests."""
    public = suite(NEWEST).public(PRIVATE)
    return Keys(
        version=1,
        sealing=(SealingKey(id="key-1", suite=NEWEST, public=public, not_after=datetime(2036, 1, 1, tzinfo=UTC)),),
    )


async def main(folder: Path, commits: int | None) -> int:
    """Exit code 0, or 1 where a commit failed (its reason on stdout)."""
    outbox = Outbox(folder / "outbox.db", kiosk="K-001", mode="demo")
    for tries in (1, 2, 3):  # as a kiosk does
        try:
            await outbox.start(keys())
            break
        except NotKept:
            if tries == 3:
                raise
    sys.stdout.write("started\n")
    sys.stdout.flush()
    for _ in count() if commits is None else range(commits):
        try:
            kept = await outbox.commit(filing(), printing=True)
        except NotKept as error:
            sys.stdout.write(f"not kept: {error.reason}\n")
            return 1
        sys.stdout.write(f"{kept.id}\n")
        sys.stdout.flush()
    await outbox.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)))
