"""The root key and what it signs: the keys that kiosks believe, made at a machine that is on no network.

The private half lies in one file that its owner keeps apart. Central shows the public halves of what it holds, the root
signs them there as the next version, and central takes that back and serves it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import ValidationError
from sqlalchemy import Connection, select

from central.database import Database, insert
from central.keys import BadKeys, KeyFolder, SigningPair, Use, private_bytes
from central.tables import publications
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Keys, SealingKey
from kiosk.contract.rooted import KIND, root_hash, root_of, statement_of, under_root
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.signed import EVERYBODY, Signed

SHOWN = 3
"""Sealing keys that kiosks are told of; the opener opens what any older one sealed, as long as its file is there."""


def make_root(file: Path, now: datetime) -> str:
    """A fresh root key in ``file``, which must not be there yet; its hash. Raises BadKeys."""
    private, public = suite(NEWEST).generate_signing()
    pair = SigningPair(id=f"root-{now:%Y%m%d}", suite=NEWEST, private=private, public=public, made_at=now)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as out:
            out.write(pair.model_dump_json())
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
    return root_hash(_public(pair))


def to_sign(
    database: Database,
    folder: KeyFolder,
    now: datetime,
    *,
    without: Collection[str] = (),
    authorities: Sequence[Path] | None = None,
    minimum: tuple[int, int, int] | None = None,
) -> Keys:
    """The public halves of what central holds, as the next version, ``without`` keys of these names. Raises BadKeys.

    ``authorities`` are files (PEM) with the certificates of which one has to stand above central's, ``minimum`` is the
    oldest version of the program that may serve people; None: as before.
    """
    last = newest(database)
    before = ((), (0, 0, 0)) if last is None else (last.authorities, last.minimum)
    return Keys(
        version=1 if last is None else last.version + 1,
        sealing=tuple(
            SealingKey(id=pair.id, suite=pair.suite, public=pair.public, not_after=pair.not_after)
            for pair in [pair for pair in folder.sealing_pairs(now) if pair.id not in without][:SHOWN]
        ),
        settings=tuple(_public(pair) for pair in folder.signing_pairs("settings", now) if pair.id not in without),
        acknowledgement=tuple(
            _public(pair) for pair in folder.signing_pairs("acknowledgements", now) if pair.id not in without
        ),
        authorities=before[0] if authorities is None else tuple(_certificates(authorities, now)),
        minimum=before[1] if minimum is None else minimum,
    )


def sign(keys: Keys, root_file: Path, now: datetime) -> Signed:
    """By the root. Raises BadKeys."""
    try:
        pair = SigningPair.model_validate_json(private_bytes(root_file))
    except ValidationError:
        raise BadKeys(f"{root_file}: is not a key file") from None
    return statement_of(keys, _public(pair), now).signed(pair.id, pair.private)


def in_words(keys: Keys) -> Iterator[str]:
    """What is signed, for whoever signs it. Raises BadKeys."""
    yield f"version {keys.version}"
    for use, listed in (
        ("sealing", keys.sealing),
        ("settings", keys.settings),
        ("acknowledgements", keys.acknowledgement),
    ):
        yield f"{use}: {', '.join(key.id for key in listed)}"
    for octets in keys.authorities:
        try:
            certificate = x509.load_der_x509_certificate(octets)
        except ValueError:
            raise BadKeys("an authority's certificate is none") from None
        until = certificate.not_valid_after_utc
        yield f"authority: {certificate.subject.rfc4514_string()}, until {until:%Y-%m-%d}"
    if any(keys.minimum):
        yield f"oldest program: {'.'.join(map(str, keys.minimum))}"


def take(database: Database, folder: KeyFolder, signed: Signed, now: datetime) -> tuple[int, str]:
    """Serves it from here on: its version, and the hash of the root that signed it. Raises BadKeys."""
    try:
        root = root_hash(root_of(signed))
        with database.writing() as connection:
            last = _newest(connection)
            if last is not None and last.rooted is not None and root_hash(root_of(last.rooted)) != root:
                raise BadKeys("signed by another root than the keys before: kiosks that know that one refuse them")
            keys = under_root(signed, root, above=0 if last is None else last.version)
            _demand_ours(keys, folder, now)
            connection.execute(
                insert(connection, publications).values(
                    kind=KIND,
                    version=keys.version,
                    target=EVERYBODY,
                    issued=now,
                    statement=signed.statement,
                    key=signed.key,
                    signature=signed.signature,
                )
            )
    except ContractError as error:
        raise BadKeys(f"that is not taken: {error}") from None
    return keys.version, root


def newest(database: Database) -> Keys | None:
    """What the root signed last; None: it never did."""
    with database.reading() as connection:
        return _newest(connection)


def _newest(connection: Connection) -> Keys | None:
    row = connection.execute(
        select(publications).where(publications.c.kind == KIND).order_by(publications.c.version.desc()).limit(1)
    ).first()
    if row is None:
        return None
    signed = Signed(statement=row.statement, key=row.key, signature=row.signature)
    try:
        return under_root(signed, root_hash(root_of(signed)), above=0)
    except ContractError:
        raise BadKeys("what the root signed was changed in the database") from None


def _certificates(files: Sequence[Path], now: datetime) -> Iterator[bytes]:
    """Those of authorities that are in ``files`` (DER). Raises BadKeys."""
    for file in files:
        try:
            found = x509.load_pem_x509_certificates(file.read_bytes())
        except OSError as error:
            raise BadKeys(f"{file}: {error.strerror}") from None
        except ValueError:
            raise BadKeys(f"{file}: no certificate in PEM is in it") from None
        for certificate in found:
            try:
                stands_above = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
            except x509.ExtensionNotFound:
                stands_above = False
            if not stands_above:
                raise BadKeys(f"{file}: not a certificate of an authority: {certificate.subject.rfc4514_string()}")
            if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
                raise BadKeys(f"{file}: a certificate of another time: {certificate.subject.rfc4514_string()}")
            yield certificate.public_bytes(Encoding.DER)


def _demand_ours(keys: Keys, folder: KeyFolder, now: datetime) -> None:
    """Central can sign by some of them, or kiosks would believe nothing that it says; and open what is sealed to any,
    or it would be lost."""
    here = {pair.public for pair in folder.sealing_pairs(now)}
    if missing := [key.id for key in keys.sealing if key.public not in here]:
        raise BadKeys(f"its key {missing[0]} is not here: what kiosks seal to it could not be opened")
    of_use: tuple[tuple[Use, tuple[SigningKey, ...]], ...] = (
        ("settings", keys.settings),
        ("acknowledgements", keys.acknowledgement),
    )
    for use, trusted in of_use:
        if not {key.public for key in trusted} & {pair.public for pair in folder.signing_pairs(use, now)}:
            raise BadKeys(f"none of its keys for {use} is here: kiosks would believe nothing that central says")


def _public(pair: SigningPair) -> SigningKey:
    return SigningKey(id=pair.id, suite=pair.suite, public=pair.public)
