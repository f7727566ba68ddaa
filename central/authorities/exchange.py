"""One HTTP exchange with an authority: a request, an answer, a deadline for the whole of it.

By requests, which the kiosk's client of central uses too. Each call has a connection of its own: nothing is tried again
behind a filing's back over a connection that went stale, and threads share nothing. requests' timeouts hold for each
read: a timer shuts the socket when the time is over, whatever the call is doing.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import requests
import urllib3.exceptions

from central.upstream import Unanswered
from kiosk.contract.connection import OneConnection

ANSWER_OCTETS: Final = 4 * 1024 * 1024
"""Bytes that no answer about one person reaches."""


def post(url: str, body: bytes, *, within: float, headers: Mapping[str, str] | None = None) -> bytes:
    """The body of the answer to a POST of JSON. Seconds ``within`` are for the whole exchange.

    Raises Unanswered: nothing or only part of it came in time, or a status other than 200.
    """
    deadline = Deadline()
    timer = threading.Timer(within, deadline.expire)
    timer.daemon = True
    timer.start()
    try:
        return _transfer(url, body, within, headers or {}, deadline)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        if deadline.over or isinstance(error, requests.Timeout):
            raise Unanswered(f"no answer within {within:g} s", "slow") from None
        raise Unanswered(f"no answer: {type(error).__name__}") from None
    finally:
        timer.cancel()
        deadline.close()


def _transfer(url: str, body: bytes, within: float, headers: Mapping[str, str], deadline: Deadline) -> bytes:
    with requests.Session() as session:
        session.trust_env = False  # else REQUESTS_CA_BUNDLE and proxies of the environment win over settings
        adapter = OneConnection(deadline.attach)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        sent = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", "Connection": "close"}
        with session.post(
            url, data=body, headers=sent | dict(headers), timeout=within, allow_redirects=False, stream=True
        ) as response:
            content = bytearray()
            for part in response.iter_content(64 * 1024):
                content += part
                if len(content) > ANSWER_OCTETS:
                    raise Unanswered("the answer does not end")
    if deadline.over:  # an answer without a length that was cut off can look whole
        raise Unanswered(f"no answer within {within:g} s", "slow")
    if response.status_code != 200:
        raise Unanswered(f"it answers {response.status_code}")
    return bytes(content)


class Deadline:
    """The socket of one exchange, shut when the time is over. From any thread."""

    def __init__(self) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None

    def attach(self, connected: socket.socket) -> None:
        """The socket of the connection. A second handle on it: TLS takes the first one away."""
        with self._lock:
            self._handle = connected.dup()
            if self.over:
                self._shut()

    def expire(self) -> None:
        """The time is over."""
        with self._lock:
            self.over = True
            self._shut()

    def close(self) -> None:
        """The exchange is over."""
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _shut(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)
