"""One HTTP connection whose socket somebody else holds too, to cut it off.

requests' own timeouts hold for each read: a server that drips a byte now and then would hold an exchange for ever.

Both sides speak HTTP to somebody: the kiosk to central, central to the authorities.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Final

from requests.adapters import DEFAULT_POOLBLOCK, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

_NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python's ssl passes on but does not name."""


class OneConnection(HTTPAdapter):
    """An adapter for requests with one connection; ``attach`` is given its socket before TLS takes it over. Nothing is
    retried here.

    ``valid``: the server's certificate is checked in everything but its time, which is left to this function. It is
    given the certificate as ``ssl`` reads it, and raises ssl.SSLError.
    """

    def __init__(
        self, attach: Callable[[socket.socket], None], valid: Callable[[Mapping[str, object]], None] | None = None
    ) -> None:
        self._attach = attach
        self._valid = valid
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = DEFAULT_POOLBLOCK, **pool_kwargs: object
    ) -> None:
        """Makes pools whose connections tell of their socket."""
        valid = self._valid
        if valid is not None:
            context = create_urllib3_context()
            context.verify_flags |= _NO_CHECK_TIME
            pool_kwargs["ssl_context"] = context
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        attach = self._attach

        class PlainConnection(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connected = super()._new_conn()
                attach(connected)
                return connected

        class SecureConnection(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                connected = super()._new_conn()
                attach(connected)
                return connected

            def connect(self) -> None:
                super().connect()
                if valid is not None and isinstance(self.sock, ssl.SSLSocket):
                    valid(self.sock.getpeercert() or {})

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = PlainConnection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
