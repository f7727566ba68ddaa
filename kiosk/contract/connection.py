"""One HTTP connection whose socket somebody else holds too, to cut it off.

requests' own timeouts hold for each read: a server that drips a byte now and then would hold an exchange for ever.

Both sides speak HTTP to somebody: the kiosk to central, central to the authorities.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from requests.adapters import DEFAULT_POOLBLOCK, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class OneConnection(HTTPAdapter):
    """An adapter for requests with one connection; ``attach`` is given its socket before TLS takes it over. Nothing is
    retried here."""

    def __init__(self, attach: Callable[[socket.socket], None]) -> None:
        self._attach = attach
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = DEFAULT_POOLBLOCK, **pool_kwargs: object
    ) -> None:
        """Makes pools whose connections tell of their socket."""
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

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = PlainConnection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
