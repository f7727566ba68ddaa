"""What central publishes to kiosks: catalogues, each version signed, kept, and served by its entity tag.

Whether a catalogue can be used is for the kiosk's program to say, which will have to: it is asked as a program, in a
process of its own, before anything is signed.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy import func, select

from central.database import Database, insert
from central.errors import Refused
from central.keys import KeyFolder
from central.tables import publications, settings_keys
from kiosk.contract.base import SigningKey
from kiosk.contract.catalog import KIND, Files, checked, read_files
from kiosk.contract.errors import ContractError
from kiosk.contract.signed import EVERYBODY, Signed, Statement

PROGRAM: Final = Path(__file__).parents[1]
CHECKED_WITHIN: Final = 60.0


class BadCatalog(Exception):
    """Nothing was published; the message names file, entry and field."""


def routes(database: Database) -> APIRouter:
    router = APIRouter(tags=["publications"])

    @router.get("/v1/catalog", responses={200: {"model": Signed}, 304: {"description": "It is the known one"}})
    def newest_catalog(
        kiosk: Annotated[str, Query(pattern=r"^[A-Za-z0-9-]{1,64}$")],
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The newest catalogue that is published for this kiosk; its entity tag is its version."""
        where = publications.c.kind == KIND, publications.c.target.in_((EVERYBODY, kiosk))
        newest = select(publications.c.version).where(*where).order_by(publications.c.version.desc()).limit(1)
        with database.reading() as connection:
            version = connection.execute(newest).scalar()
            if version is None:
                raise Refused(404, "no-catalog", "No catalogue has been published")
            tag = f'"{version}"'
            if if_none_match == tag:
                return Response(status_code=304, headers={"ETag": tag})
            row = connection.execute(
                select(publications).where(publications.c.kind == KIND, publications.c.version == version)
            ).one()
        signed = Signed(statement=row.statement, key=row.key, signature=row.signature)
        return Response(signed.model_dump_json(), media_type="application/json", headers={"ETag": tag})

    return router


def signing_keys(database: Database) -> tuple[SigningKey, ...]:
    """The public keys that sign what is published, the oldest first."""
    with database.reading() as connection:
        rows = connection.execute(select(settings_keys).order_by(settings_keys.c.since, settings_keys.c.id)).all()
    return tuple(SigningKey(id=row.id, suite=row.suite, public=row.public) for row in rows)


def publish(database: Database, folder: KeyFolder, files: Files, *, target: str, now: datetime, above: int = 0) -> int:
    """Signs a catalogue as the next version and keeps it; the version, which is higher than ``above``.

    Raises BadKeys, ContractError.
    """
    files = checked(files)
    pair = folder.settings_pair(now)
    with database.writing() as connection:
        last = connection.execute(select(func.max(publications.c.version)).where(publications.c.kind == KIND)).scalar()
        version = max(last or 0, above) + 1
        statement = Statement(
            suite=pair.suite, kind=KIND, target=target, version=version, issued=now, content=dict(files)
        )
        signed = statement.signed(pair.id, pair.private)
        connection.execute(
            insert(connection, publications).values(
                kind=KIND,
                version=version,
                target=target,
                issued=now,
                statement=signed.statement,
                key=signed.key,
                signature=signed.signature,
            )
        )
    return version


def read_catalog(folder: Path) -> Files:
    """The files of a catalogue that a kiosk can use. Raises BadCatalog."""
    try:
        files = checked(read_files(folder))
    except OSError as error:
        raise BadCatalog(f"{folder}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadCatalog(f"{folder}: a file is not UTF-8 text") from None
    except ContractError as error:
        raise BadCatalog(f"{folder}: {error}") from None
    try:
        judged = subprocess.run(
            [sys.executable, "main.py", "catalog", "--folder", str(folder.absolute())],
            cwd=PROGRAM, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CHECKED_WITHIN, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BadCatalog("the kiosk's program does not say whether it can be used") from None
    if judged.returncode != 0:
        raise BadCatalog((judged.stderr.splitlines() or ["the kiosk's program cannot use it"])[-1])
    return files


def published(database: Database) -> list[str]:
    """Every version that there is, a line each, the newest last."""
    columns = (publications.c.kind, publications.c.version, publications.c.target, publications.c.issued)
    with database.reading() as connection:
        rows = connection.execute(select(*columns).order_by(publications.c.kind, publications.c.version)).all()
    return [f"{row.kind:10} {row.version:6}  {row.issued:%Y-%m-%d %H:%M}Z  {row.target}" for row in rows]
