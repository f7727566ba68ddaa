"""The fictitious authorities as a program of their own, so that central reaches them as it reaches real ones."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
import threading
from pathlib import Path

from central.database import Database
from central.demonstration.register import load
from central.house import sandbox_of
from central.keys import KeyFolder


def run_alone(db: str, keys: Path, register: Path, port: int) -> None:
    """Answers until it is told to end. Raises BadKeys, BadRegister, BadUrl, OSError."""
    people = load(register)
    database = Database(db)
    database.migrate()
    folder = KeyFolder(keys)
    key_file, key = folder.sandbox_key()
    sandbox = sandbox_of(database, folder, people, key, port)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        sandbox.start()
        print(json.dumps({"listening": sandbox.url, "key": str(key_file)}), flush=True)  # noqa: T201
        threading.Thread(target=until_input_ends, args=(told,), daemon=True).start()
        told.wait()
    finally:
        sandbox.close()
        database.close()


def until_input_ends(told: threading.Event) -> None:
    """Sets ``told`` when a piped standard input ends; a terminal or /dev/null does not count."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        while os.read(sys.stdin.fileno(), 4096):
            pass
        told.set()
