"""What this machine speaks by when it asks central, and what it believes of the answers. One for all its clients."""

from __future__ import annotations

import ssl
import tempfile
import weakref
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.contract.base import SigningKey
from kiosk.contract.batches import Signer
from kiosk.contract.errors import ContractError
from kiosk.timekeeper import Timekeeper


class Authorities:
    """Authorities that the root key named, in a file of this process, as TLS wants them; it is there as long as this
    is. Raises ContractError where they are no certificates (DER), OSError where there is no room."""

    def __init__(self, certificates: tuple[bytes, ...]) -> None:
        self.certificates = certificates
        words = "".join(map(ssl.DER_cert_to_PEM_cert, certificates))
        try:
            ssl.create_default_context(cadata=words)
        except ssl.SSLError:
            raise ContractError("they are no certificates") from None
        descriptor, name = tempfile.mkstemp(prefix="authorities-", suffix=".pem")
        self.path = Path(name)
        weakref.finalize(self, self.path.unlink, missing_ok=True)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(words)

    @classmethod
    def of(cls, certificates: tuple[bytes, ...]) -> Authorities | None:
        """None where the root named none."""
        return cls(certificates) if certificates else None


@dataclass(kw_only=True)
class Trust:
    """``device`` signs requests and records; None: somebody who only looks whether central is there.

    ``voices`` are the keys by which central speaks of itself, as they are pinned: by them it refuses this machine.
    ``ca`` is the file of the certificate authorities of which central's certificate has to be from one; None: any that
    the system knows. ``authorities``, which the root key named, count in its place. ``time`` is central's time, as far
    as it is known here.
    """

    device: Signer | None = None
    voices: tuple[SigningKey, ...] = ()
    ca: Path | None = None
    authorities: Authorities | None = None
    time: Timekeeper = field(default_factory=Timekeeper)

    def now(self) -> datetime:
        """Central's time, as far as it is known here."""
        return self.time.now()
