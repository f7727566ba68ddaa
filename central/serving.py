"""``serve``: one process that answers kiosks and phones, one that opens, and their life together."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from central import documents, suspending
from central.api import create_app
from central.authorities.settings import AuthoritySettings, load_authorities
from central.database import Database, cause
from central.demonstration.register import Register, load
from central.demonstration.sandbox import Sandbox
from central.house import House, demonstration, sandbox_of, settings_of
from central.keys import KeyFolder
from central.opener import OpenerSettings
from central.public import create_public
from central.tables import openers

log = logging.getLogger("central")

READY_WITHIN: Final = 30.0
ENDS_WITHIN: Final = 5.0
SWEEPS_EVERY: Final = 30.0
LIVES: Final = 10.0
"""An opener that lived this long (seconds) is started again at once when it dies."""


class CannotServe(Exception):
    """Central cannot start; the message says why."""


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """Where central keeps things and where it listens."""

    db: str
    keys: Path
    register: Path
    authorities: Path | None
    host: str
    port: int
    public_host: str
    public_port: int
    public_url: str | None
    """Where phones reach the public pages; None: where they listen."""
    persons_an_hour: int
    """About whom a kiosk may ask within an hour."""


async def serve(settings: ServeSettings) -> None:
    """Serves until SIGTERM, SIGINT or the end of a piped standard input.

    Raises CannotServe, BadKeys, BadRegister, BadAuthorities, BadUrl.
    """
    register = load(settings.register)
    database = Database(settings.db)
    folder = KeyFolder(settings.keys)
    authorities, sandbox = behind(settings.authorities, database, folder, register)
    on_signal(cancel_current())
    opener: Opener | None = None
    try:
        with (
            listening(settings.host, settings.port) as listener,
            listening(settings.public_host, settings.public_port) as public_listener,
        ):
            public_url = settings.public_url or address_of(public_listener)
            opener = Opener(settings, authorities, database, public_url)
            await opener.spawn()
            await asyncio.to_thread(migrate, database)
            if sandbox is not None:
                sandbox.start()
                log.info("the demonstration's authorities answer at %s", sandbox.url)
            await opener.ready()
            house = demonstration(
                database,
                folder,
                register,
                authorities=authorities,
                public_url=public_url,
                persons_an_hour=settings.persons_an_hour,
            )
            await run(opener, house, listener, public_listener)
    except asyncio.CancelledError:
        log.info("told to end while starting")
    finally:
        if opener is not None:
            await opener.end()
        if sandbox is not None:
            sandbox.close()
        database.close()


def behind(
    file: Path | None, database: Database, folder: KeyFolder, register: Register
) -> tuple[AuthoritySettings, Sandbox | None]:
    """The authorities of a file, or the demonstration's own in this process. Raises BadAuthorities, BadKeys."""
    if file is not None:
        return load_authorities(file), None
    key_file, key = folder.sandbox_key()
    sandbox = sandbox_of(database, folder, register, key)
    return settings_of(sandbox.url, key_file), sandbox


def migrate(database: Database) -> None:
    """Raises CannotServe."""
    try:
        database.migrate()
    except DBAPIError as error:
        raise CannotServe(f"the database cannot be opened: {error.orig}") from None


async def run(opener: Opener, house: House, listener: socket.socket, public_listener: socket.socket) -> None:
    """Serves until a signal or the end of the input; the opener is kept alive beside it."""
    closing = asyncio.Event()
    kiosks = Server(create_app(house, opener.wake, closing.is_set), listener)
    public = Server(create_public(house, opener.wake), public_listener)

    def stop() -> None:
        closing.set()
        kiosks.stop()
        public.stop()

    on_signal(stop)
    async with asyncio.TaskGroup() as group:
        beside = [
            group.create_task(opener.keep()),
            group.create_task(stop_at_end_of_input(stop)),
            group.create_task(say_where(kiosks, public)),
            group.create_task(sweep(house)),
        ]
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(kiosks.serve())
                both.create_task(public.serve())
        finally:
            for task in beside:
                task.cancel()


async def sweep(house: House) -> None:
    """Deletes documents whose time is over, whether anybody asks for them or not, and who was asked about. Does not
    return."""
    while True:
        await asyncio.sleep(SWEEPS_EVERY)
        try:
            await asyncio.to_thread(documents.sweep, house.database, house.now)
            await asyncio.to_thread(suspending.sweep, house.database, house.now())
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", cause(error))


async def say_where(kiosks: Server, public: Server) -> None:
    """The line on stdout, once both answer."""
    await kiosks.ready.wait()
    await public.ready.wait()
    where = {"listening": address_of(kiosks.listener), "public": address_of(public.listener)}
    print(json.dumps(where), flush=True)  # noqa: T201


def address_of(listener: socket.socket) -> str:
    """Where a socket listens, as an address of the web."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class Server(uvicorn.Server):
    """uvicorn on a socket that is bound already, which leaves the signals to ``run``."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3, lifespan="off"
            )
        )
        self.listener = listener
        self.ready = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is told to stop."""
        await super().serve(sockets or [self.listener])

    def stop(self) -> None:
        """Finishes what is being answered, and ends."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready.set()


class Opener:
    """The opener's process, seen from its parent."""

    def __init__(
        self, settings: ServeSettings, authorities: AuthoritySettings, database: Database, public_url: str
    ) -> None:
        self._settings = OpenerSettings(
            db=database.url.render_as_string(hide_password=False),
            keys=settings.keys.absolute(),
            register_file=settings.register.absolute(),
            authorities=authorities,
            public_url=public_url,
        )
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._process: asyncio.subprocess.Process | None = None
        self._name = ""

    async def spawn(self) -> None:
        """Starts the process. It does nothing but get ready until ``ready`` tells it where."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "central.opener",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )

    async def ready(self) -> None:
        """Tells the process its settings and waits until it has published its keys. Raises CannotServe."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self._settings.model_dump_json().encode() + b"\n")
        try:
            line = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN)
        except TimeoutError:
            await self.end()
            raise CannotServe("the opener does not start") from None
        answer: dict[str, str] = json.loads(line or b"{}")
        if "ready" not in answer:
            await self.end()
            raise CannotServe(answer.get("error", "the opener ended as it started"))
        self._name = answer["ready"]

    async def keep(self) -> None:
        """Starts it again whenever it dies. Does not return."""
        pause = 0.1
        while True:
            process = self._process
            assert process is not None
            began = self._loop.time()
            code = await process.wait()
            log.error("the opener ended with %d, starts again", code)
            await asyncio.to_thread(self._forget)
            pause = 0.1 if self._loop.time() - began > LIVES else min(pause * 2, 5.0)
            await asyncio.sleep(pause)
            try:
                await self.spawn()
                await self.ready()
            except (CannotServe, OSError) as reason:  # no memory to fork, no file, a pipe that breaks: later perhaps
                log.warning("the opener cannot start: %s", reason)

    def wake(self) -> None:
        """Tells it that there is work. From any thread."""
        if self._database.kind == "sqlite":
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return
        if self._process.stdin.transport.get_write_buffer_size() == 0:
            self._process.stdin.write(b".")

    async def end(self) -> None:
        """Closes its input and waits for its end."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.to_thread(self._forget)

    def _forget(self) -> None:
        """A dead opener is silent at once, not only when its last word is old."""
        try:
            with self._database.writing() as connection:
                connection.execute(delete(openers).where(openers.c.name == self._name))
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", cause(error))


def on_signal(do: Callable[[], object]) -> None:
    """What SIGTERM and SIGINT do from here on."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, do)


def cancel_current() -> Callable[[], object]:
    task = asyncio.current_task()
    assert task is not None
    return task.cancel


async def stop_at_end_of_input(stop: Callable[[], None]) -> None:
    """Stops the servers when a piped standard input ends; a terminal or /dev/null does not count."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass
    stop()


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket. Raises CannotServe."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotServe(f"cannot listen on {host}:{port}: {error.strerror}") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise CannotServe(f"cannot listen on {host}:{port}: {error.strerror}") from None
        yield listener
