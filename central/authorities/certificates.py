"""How authorities hand out certificates: a file in base64 with its title, its number and its hash.

No national list has a transaction for it; names and numbers here are the sandbox's, and what a city calls our kinds
stands in its settings. The file is believed when it is what its hash says: half of one is none.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from typing import Annotated, Final

from pydantic import Field

from central.authorities.wire import Wire
from central.toml_files import Part
from central.upstream import Document, Unanswered
from kiosk.contract.certificates import Kind

WITHIN: Final = 8.0
"""Seconds: an authority draws and seals a certificate while we wait, and a kiosk waits ten for it."""

PDF: Final = b"%PDF-"


class CertificateCodes(Part):
    """What one authority calls a kind; one that is not named is called as we call it. ``within``: how many seconds it
    may take to make one."""

    kinds: dict[Kind, Annotated[str, Field(min_length=1, max_length=40)]] = Field(default_factory=dict)
    within: float = Field(default=WITHIN, gt=0, le=20)

    def kind(self, kind: str) -> str:
        """The authority's code."""
        return self.kinds.get(kind, kind)


class CertificateEntry(Wire):
    """A certificate as it travels."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    number: Annotated[str, Field(min_length=1, max_length=64)]
    pages: Annotated[int, Field(ge=1, le=100)]
    sha256: Annotated[str, Field(min_length=64, max_length=64)]
    file: Annotated[str, Field(min_length=1)]

    def document(self) -> Document:
        """The file, unpacked and whole. Raises Unanswered."""
        try:
            content = b64decode(self.file, validate=True)
        except binascii.Error:
            raise Unanswered("a certificate that is no base64") from None
        if not content.startswith(PDF) or hashlib.sha256(content).hexdigest() != self.sha256.lower():
            raise Unanswered("a certificate that is not whole")
        return Document(title=self.title, number=self.number, pages=self.pages, content=content)
