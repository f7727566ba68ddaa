"""A decoder of photos that does what the photo says: `python -m tests.devices.odd_decoder`."""

from __future__ import annotations

import os
import signal
import threading

from devices.photo import PIXELS, serve


def decode(wlt: bytes) -> bytes:
    match wlt.rstrip(b"\0"):
        case b"hang":
            threading.Event().wait()
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"chatter":
            os.write(1, b"libwlt 1.0, licence ok\n" * 999)
        case b"short":
            return bytes(PIXELS - 1)
    return b"\xff\x80\x00" * (PIXELS // 3)


if __name__ == "__main__":
    serve(decode)
