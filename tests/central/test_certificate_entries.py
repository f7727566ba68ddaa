"""A certificate as an authority sends it: believed when it is what its hash says."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest

from central.authorities.certificates import CertificateCodes, CertificateEntry
from central.upstream import Unanswered

PDF = b"%PDF-1.7 a certificate"


def entry(content: bytes = PDF, **more: object) -> CertificateEntry:
    values: dict[str, object] = {
        "title": "参保证明",
        "number": "YZ1",
        "pages": 1,
        "sha256": hashlib.sha256(content).hexdigest(),
        "file": b64encode(content).decode(),
    }
    return CertificateEntry.model_validate(values | more)


def test_the_bytes_as_they_came() -> None:
    """Nothing is read into them; a hash in capitals is the same hash."""
    assert entry().document().content == PDF
    assert entry(sha256=hashlib.sha256(PDF).hexdigest().upper()).document().content == PDF


@pytest.mark.parametrize(
    "broken",
    [
        entry(file="no base64"),
        entry(file=b64encode(PDF).decode()[:-8]),
        entry(file=b64encode(PDF + b"x").decode()),
        entry(b"<!DOCTYPE html>"),
        entry(sha256="0" * 64),
    ],
    ids=["no base64", "half", "one byte more", "a page", "another hash"],
)
def test_what_is_not_whole_is_no_answer(broken: CertificateEntry) -> None:
    """Half a certificate is none, and a login page is not one either."""
    with pytest.raises(Unanswered) as unanswered:
        broken.document()
    assert "PDF" not in str(unanswered.value)


def test_a_kind_that_the_settings_do_not_name_keeps_its_name() -> None:
    """What a city calls otherwise stands in its settings."""
    codes = CertificateCodes(kinds={"insured-proof": "0101"})
    assert (codes.kind("insured-proof"), codes.kind("yearly-statement")) == ("0101", "yearly-statement")
