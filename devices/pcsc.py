"""The process that owns PC/SC: asked and answering in lines of JSON, it never needs to be believed in.

A card that never answers blocks SCardTransmit for ever, so whoever asked kills this process and starts another. A
PC/SC service that was restarted has forgotten its clients, so after any error the context is thrown away, and the next
request makes a new one. Cards and contexts are given back whatever happens: the machine has 200 of them in all.

    {"do": "hello"}                                          {"hindrance": TEXT or null}
    {"do": "read" | "uid", "within": S, "again": bool}       {"event": "card"} when one is there, and then
        {"records": {TAG: HEX or WHY}} · {"uid": HEX} · {"no_card": bool, whether one that was read is still there}
        {"refused": REASON} · {"garbled": TEXT}

The first line it says is {"event": "ready"}. It ends with its stdin. Answers hold personal data.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from smartcard import scard

from devices.discreet import keep_to_itself
from devices.errors import Garbled, Refused
from devices.pcsc_reader import IN_USE, NO_ACCESS, NO_ANSWER, NO_READER, NO_SERVICE, PULLED
from devices.social_card import NOT_SOCIAL, Chip, read_records, read_uid

T = TypeVar("T")
Json = dict[str, object]
States = list[tuple[str, int, list[int]]]
"""Reader, state with a count of comings and goings in its upper half, ATR."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devices.social_card", description="The process that owns PC/SC.")
    parser.add_argument("--reader", metavar="NAME", default="", help="only readers with this in their name")
    parser.add_argument("--service", metavar="PATH", help="the service's socket, when it is not the machine's own")
    options = parser.parse_args()
    if options.service:
        os.environ["PCSCLITE_CSOCK_NAME"] = options.service
    keep_to_itself()
    service = Service(options.reader)
    threading.Thread(target=_end_with_the_other_end, daemon=True).start()
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer

    def say(answer: Json) -> None:
        os.write(answers, json.dumps(answer).encode() + b"\n")

    say({"event": "ready"})
    for line in sys.stdin.buffer:
        say(service.answer(json.loads(line), lambda: say({"event": "card"})))
    return 0


class Service:
    """The readers of the machine whose names have this in them, and the cards in them."""

    def __init__(self, reader: str) -> None:
        self._reader = reader.casefold()
        self._context: _Context | None = None
        self._done_with: dict[str, int] = {}
        """Reader → its count of comings and goings when its card was read."""

    def answer(self, request: Json, on_card: Callable[[], None]) -> Json:
        try:
            match request:
                case {"do": "read", "within": float(within), "again": bool(again)}:
                    return self._read(within, again, on_card)
                case {"do": "uid", "within": float(within)}:
                    return self._uid(within, on_card)
                case _:
                    return {"hindrance": self._hindrance()}
        except Refused as error:
            return {"refused": error.reason}
        except Garbled as error:
            return {"garbled": str(error)}
        except _Failed as error:
            if error.code not in _OF_THE_CARD:
                self._forget_context()
            reason = _REASONS.get(error.code)
            return {"refused": reason} if reason else {"garbled": str(error)}

    def _hindrance(self) -> str | None:
        try:
            return None if self._readers() else NO_READER
        except _Failed as error:
            self._forget_context()
            return _REASONS.get(error.code, str(error))

    def _read(self, within: float, again: bool, on_card: Callable[[], None]) -> Json:
        if again:
            self._done_with.clear()
        records = self._next(within, self._done_with, on_card, read_records)
        if records is None:
            return {"no_card": bool(self._done_with)}
        said = {f"{tag:02x}": value.hex() if isinstance(value, bytes) else value for tag, value in records.items()}
        return {"records": said}

    def _uid(self, within: float, on_card: Callable[[], None]) -> Json:
        uid = self._next(within, {}, on_card, read_uid)
        return {"no_card": False} if uid is None else {"uid": uid.hex()}

    def _next(
        self, within: float, done_with: dict[str, int], on_card: Callable[[], None], read: Callable[[Chip], T]
    ) -> T | None:
        """What `read` makes of the next card that nobody is done with; None when none comes in time.

        A card that stumbles, and stays, is reset and asked once more.
        """
        until = time.monotonic() + within
        stumbled = False
        while (found := self._wait(until, done_with)) is not None:
            reader, count = found
            on_card()
            try:
                card = self._scard().connect(reader)
            except _Failed as error:
                if error.code in _GONE and self._leaves(reader, count):
                    continue  # it was on its way out already
                raise
            afterwards = scard.SCARD_RESET_CARD
            try:
                outcome = read(card)
                afterwards = scard.SCARD_LEAVE_CARD
            except Refused as error:
                if error.reason == NOT_SOCIAL:
                    done_with[reader] = count
                raise
            except _Failed as error:
                if error.code in _GONE and self._leaves(reader, count):
                    raise Refused(PULLED) from None
                if error.code not in _OF_THE_CARD or stumbled:
                    raise
                stumbled = True
                continue
            finally:
                card.disconnect(afterwards)
            done_with[reader] = count
            return outcome
        return None

    def _wait(self, until: float, done_with: dict[str, int]) -> tuple[str, int] | None:
        """The first reader with a card that nobody is done with, and its count of comings and goings."""
        while True:
            states = self._states([(name, scard.SCARD_STATE_UNAWARE) for name in self._readers()], 0)
            if not states:
                raise Refused(NO_READER)
            counts = {name: state >> 16 for name, state, _atr in states if state & scard.SCARD_STATE_PRESENT}
            for name in [name for name, count in done_with.items() if counts.get(name) != count]:
                del done_with[name]
            for name, count in counts.items():
                if name not in done_with:
                    return name, count
            left = until - time.monotonic()
            if left <= 0:
                return None
            self._states([*_as_known(states), (_NEW_READER, scard.SCARD_STATE_UNAWARE)], min(left, _LOOK_AROUND))

    def _leaves(self, reader: str, count: int) -> bool:
        """Whether a card that cannot be reached has gone, which the service may notice later than its client does."""
        until = time.monotonic() + _NOTICED_WITHIN
        states = self._states([(reader, scard.SCARD_STATE_UNAWARE)], 0)
        while states and states[0][1] >> 16 == count and states[0][1] & scard.SCARD_STATE_PRESENT:
            left = until - time.monotonic()
            if left <= 0:
                return False
            states = self._states(_as_known(states), left)
        return True

    def _readers(self) -> list[str]:
        try:
            names = self._scard().readers()
        except _Failed:
            self._forget_context()  # of a service that has gone; another may be there
            names = self._scard().readers()
        return [name for name in names if self._reader in name.casefold()]

    def _states(self, known: list[tuple[str, int]], within: float) -> States:
        return self._scard().states(known, within) if known else []

    def _scard(self) -> _Context:
        if self._context is None:
            self._context = _Context()
        return self._context

    def _forget_context(self) -> None:
        if self._context is not None:
            self._context.release()
            self._context = None
            self._done_with.clear()  # another service counts from the beginning


class _Context:
    """A client's bond with the service."""

    def __init__(self) -> None:
        self._handle: int
        code, self._handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        _check(code)

    def readers(self) -> list[str]:
        code, names = scard.SCardListReaders(self._handle, [])
        if code == scard.SCARD_E_NO_READERS_AVAILABLE:
            return []
        _check(code)
        return list(names)

    def states(self, known: list[tuple[str, int]], within: float) -> States:
        """Each reader's state as soon as one is different from what is known, or after so many seconds."""
        code, states = scard.SCardGetStatusChange(self._handle, int(within * 1000), known)
        if code in (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE):
            return []
        if code != scard.SCARD_E_TIMEOUT:
            _check(code)
        return list(states)

    def connect(self, reader: str) -> _Card:
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, handle, protocol = scard.SCardConnect(self._handle, reader, scard.SCARD_SHARE_SHARED, either)
        _check(code)
        return _Card(handle, protocol)

    def release(self) -> None:
        with suppress(OSError, SystemError):  # a service that has gone takes nothing back
            scard.SCardReleaseContext(self._handle)


class _Card:
    """A chip that was connected."""

    def __init__(self, handle: int, protocol: int) -> None:
        self._handle = handle
        self._protocol = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0

    def transmit(self, apdu: bytes) -> bytes:
        code, answer = scard.SCardTransmit(self._handle, self._protocol, list(apdu))
        _check(code if answer else code or scard.SCARD_E_NOT_TRANSACTED)  # a card just pulled answers nothing at all
        return bytes(answer)

    def disconnect(self, afterwards: int) -> None:
        scard.SCardDisconnect(self._handle, afterwards)


class _Failed(Exception):
    """A call of PC/SC that failed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"PC/SC says {code & 0xFFFFFFFF:08x}")
        self.code = code


def _check(code: int) -> None:
    if code != scard.SCARD_S_SUCCESS:
        raise _Failed(code)


def _as_known(states: States) -> list[tuple[str, int]]:
    return [(name, state & ~scard.SCARD_STATE_CHANGED) for name, state, _atr in states]


def _end_with_the_other_end() -> None:
    """A call that never returns is not to outlive whoever would have killed this process."""
    end = select.poll()
    end.register(0, select.POLLRDHUP)
    end.poll()
    os._exit(0)


_NEW_READER: Final = r"\\?PnP?\Notification"
_LOOK_AROUND: Final = 1.0
"""Seconds after which readers are listed again, should their coming have gone unnoticed."""
_NOTICED_WITHIN: Final = 0.6
"""Seconds; the service looks for cards every 0.4 s where a reader does not tell."""
_GONE: Final = {scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD, scard.SCARD_E_NOT_TRANSACTED}
_OF_THE_CARD: Final = {
    scard.SCARD_W_REMOVED_CARD: PULLED,
    scard.SCARD_E_NO_SMARTCARD: PULLED,
    scard.SCARD_E_NOT_TRANSACTED: NO_ANSWER,
    scard.SCARD_W_RESET_CARD: IN_USE,
    scard.SCARD_E_SHARING_VIOLATION: IN_USE,
    scard.SCARD_W_UNRESPONSIVE_CARD: NO_ANSWER,
    scard.SCARD_W_UNPOWERED_CARD: NO_ANSWER,
    scard.SCARD_W_UNSUPPORTED_CARD: NO_ANSWER,
    scard.SCARD_E_PROTO_MISMATCH: NO_ANSWER,
}
_REASONS: Final = {
    **_OF_THE_CARD,
    scard.SCARD_E_NO_SERVICE: NO_SERVICE,
    scard.SCARD_E_SERVICE_STOPPED: NO_SERVICE,
    scard.SCARD_F_COMM_ERROR: NO_SERVICE,
    scard.SCARD_E_NO_ACCESS: NO_ACCESS,
    scard.SCARD_W_SECURITY_VIOLATION: NO_ACCESS,
    scard.SCARD_E_UNKNOWN_READER: NO_READER,
    scard.SCARD_E_READER_UNAVAILABLE: NO_READER,
}
