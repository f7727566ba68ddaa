"""The opener: the one process that holds the private keys. It listens on no socket and ends with its parent.

It reads its settings as one JSON line from its standard input and then a byte for each call to work (on PostgreSQL the
database calls it too); the end of its input is the end of it. Its first line of output says that it is ready, or why
not.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import OperationalError

from central.authorities.settings import AuthoritySettings, BadAuthorities
from central.database import WORK, Database
from central.demonstration.register import BadRegister, load
from central.discreet import keep_to_itself
from central.house import demonstration
from central.insured_places import BadPlaces
from central.keys import BadKeys, KeyFolder
from central.opening import SPEAKS_EVERY, Opening

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger("central.opener")

LOOKS_EVERY: Final = 2.0
"""Seconds after which it looks for work unasked: what was put off comes due."""


class OpenerSettings(BaseModel):
    """What the parent says first. The database URL may hold a password, so it is not an argument."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    db: str
    keys: Path
    register_file: Path
    authorities: AuthoritySettings
    public_url: str


def main() -> int:
    """Runs until the input ends. Returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_to_itself()
    os.umask(0o077)
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as unbuffered:
        first = unbuffered.readline()
    if not first:
        return 0
    settings = OpenerSettings.model_validate_json(first)
    try:
        opening, database = furnish(settings)
    except (BadKeys, BadRegister, BadAuthorities, BadPlaces) as error:
        say(sys.stdout, {"error": str(error)})
        return 2
    say(sys.stdout, {"ready": name()})
    with ExitStack() as stack:
        stack.callback(database.close)
        run(opening, stack.enter_context(Calls(database)))
    return 0


def furnish(settings: OpenerSettings) -> tuple[Opening, Database]:
    """The work and its database, keys published. Raises BadKeys, BadRegister, BadAuthorities, BadPlaces."""
    database = Database(settings.db)
    folder = KeyFolder(settings.keys)
    register = load(settings.register_file)
    house = demonstration(database, folder, register, authorities=settings.authorities, public_url=settings.public_url)
    opening = Opening(
        database=database,
        folder=folder,
        references=house.references,
        upstreams=house.upstreams,
        now=house.now,
        places=house.places,
        public_url=house.public_url,
        name=name(),
    )
    opening.publish_keys()
    opening.say_awake()
    return opening, database


def run(opening: Opening, calls: Calls) -> None:
    """Works when called, and now and then unasked."""
    spoke = time.monotonic()
    pause = 0.0
    while calls.wait(pause):
        try:
            pause = 0.0 if opening.work_off() else LOOKS_EVERY
            if time.monotonic() - spoke >= SPEAKS_EVERY:
                opening.publish_keys()
                opening.say_awake()
                spoke = time.monotonic()
        except OperationalError as error:
            log.warning("the database does not answer: %s", type(error.orig).__name__)
            pause = LOOKS_EVERY
        except BadKeys as error:  # the keys that were read before still open what comes
            log.warning("the key files cannot be read: %s", error)
            pause = LOOKS_EVERY


class Calls:
    """Who calls the opener: its parent's pipe, and on PostgreSQL the database."""

    def __init__(self, database: Database) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        self._listening: psycopg.Connection | None = None
        if database.kind == "postgresql":
            import psycopg

            url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._listening = psycopg.connect(url, autocommit=True, connect_timeout=10)
            self._listening.execute(f"LISTEN {WORK}")
            self._selector.register(self._listening.fileno(), selectors.EVENT_READ)

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        if self._listening is not None:
            self._listening.close()

    def wait(self, within: float) -> bool:
        """Waits for a call, at most ``within`` seconds; false when the parent is gone."""
        for key, _ in self._selector.select(within):
            if key.fd == sys.stdin.fileno():
                if not os.read(key.fd, 4096):
                    return False
            elif self._listening is not None:
                for _ in self._listening.notifies(timeout=0):
                    pass
        return True


def name() -> str:
    """How this opener is called in the database."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"


def say(out: TextIO, message: dict[str, str]) -> None:
    """A line for the parent, if it is still there; the end of the input says that it is not."""
    with suppress(BrokenPipeError):
        os.write(out.fileno(), json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    sys.exit(main())
