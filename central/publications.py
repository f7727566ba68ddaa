"""What central publishes to kiosks: catalogues and settings, each version signed, kept, and served by its entity tag.

Whether either can be used is for the kiosk's program to say, which will have to: it is asked as a program, in a
process of its own, before anything is signed.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy import Connection, func, select

from central import roots
from central.database import Database, insert
from central.errors import Refused
from central.keys import KeyFolder
from central.signatures import demand_speaker
from central.tables import publications, settings_keys
from kiosk.contract import catalog as of_catalogue
from kiosk.contract import settings as of_settings
from kiosk.contract.base import SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.catalog import Files, checked, read_files
from kiosk.contract.errors import ContractError
from kiosk.contract.signed import EVERYBODY, Signed, Statement

PROGRAM: Final = Path(__file__).parents[1]
CHECKED_WITHIN: Final = 60.0


class BadPublication(Exception):
    """Nothing was published; the message names file, entry and field."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is to be published."""

    kind: str
    content: Plain


Kiosk = Annotated[str, Query(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Known = Annotated[str | None, Header()]
_RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    200: {"model": Signed},
    304: {"description": "It is the known one"},
}


def routes(database: Database) -> APIRouter:
    router = APIRouter(tags=["publications"])

    @router.get("/v1/catalog", responses=_RESPONSES)
    def newest_catalog(kiosk: Kiosk, if_none_match: Known = None) -> Response:
        """The newest catalogue that is published for this kiosk; its entity tag is its version."""
        demand_speaker(kiosk)
        return _newest(database, of_catalogue.KIND, kiosk, if_none_match)

    @router.get("/v1/settings", responses=_RESPONSES)
    def newest_settings(kiosk: Kiosk, if_none_match: Known = None) -> Response:
        """The newest settings that are published for this kiosk; their entity tag is their version."""
        demand_speaker(kiosk)
        return _newest(database, of_settings.KIND, kiosk, if_none_match)

    return router


def _newest(database: Database, kind: str, kiosk: str, known: str | None) -> Response:
    with database.reading() as connection:
        found = newest(connection, kind, kiosk)
        if found is None:
            raise Refused(404, f"no-{kind}", f"No {kind} has been published")
        version, _ = found
        tag = f'"{version}"'
        if known == tag:
            return Response(status_code=304, headers={"ETag": tag})
        row = connection.execute(
            select(publications).where(publications.c.kind == kind, publications.c.version == version)
        ).one()
    signed = Signed(statement=row.statement, key=row.key, signature=row.signature)
    return Response(signed.model_dump_json(), media_type="application/json", headers={"ETag": tag})


def newest(connection: Connection, kind: str, kiosk: str) -> tuple[int, bytes] | None:
    """The newest version of a kind that is published for a kiosk, and its signature, which no other has: after
    a restore the same version may be another."""
    its = select(publications.c.version, publications.c.signature).where(
        publications.c.kind == kind, publications.c.target.in_((EVERYBODY, kiosk))
    )
    row = connection.execute(its.order_by(publications.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else (row.version, row.signature)


def statement_of(connection: Connection, version: int) -> bytes:
    """What was signed as that version of the catalogue."""
    its = (publications.c.kind == of_catalogue.KIND) & (publications.c.version == version)
    signed: bytes = connection.execute(select(publications.c.statement).where(its)).scalar_one()
    return signed


def signing_keys(database: Database) -> tuple[SigningKey, ...]:
    """The public keys that sign what is published, the oldest first."""
    with database.reading() as connection:
        rows = connection.execute(select(settings_keys).order_by(settings_keys.c.since, settings_keys.c.id)).all()
    return tuple(SigningKey(id=row.id, suite=row.suite, public=row.public) for row in rows)


def publish(
    database: Database, folder: KeyFolder, publication: Publication, *, target: str, now: datetime, above: int = 0
) -> int:
    """Signs it as the next version of its kind and keeps it; the version, which is higher than ``above``.

    Raises BadKeys.
    """
    rooted, kind = roots.newest(database), publication.kind
    pair = folder.settings_pair(now, None if rooted is None else rooted.settings)
    with database.writing() as connection:
        last = connection.execute(select(func.max(publications.c.version)).where(publications.c.kind == kind)).scalar()
        version = max(last or 0, above) + 1
        statement = Statement(
            suite=pair.suite, kind=kind, target=target, version=version, issued=now, content=publication.content
        )
        signed = statement.signed(pair.id, pair.private)
        connection.execute(
            insert(connection, publications).values(
                kind=kind,
                version=version,
                target=target,
                issued=now,
                statement=signed.statement,
                key=signed.key,
                signature=signed.signature,
            )
        )
    return version


def of_files(files: Files) -> Publication:
    """A catalogue. Raises ContractError."""
    return Publication(kind=of_catalogue.KIND, content=dict(checked(files)))


def read_catalog(folder: Path) -> Publication:
    """A catalogue that a kiosk can use. Raises BadPublication."""
    try:
        files = checked(read_files(folder))
    except OSError as error:
        raise BadPublication(f"{folder}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadPublication(f"{folder}: a file is not UTF-8 text") from None
    except ContractError as error:
        raise BadPublication(f"{folder}: {error}") from None
    _judge("catalog", "--folder", str(folder.absolute()))
    return of_files(files)


def read_settings(file: Path) -> Publication:
    """Settings that a kiosk lets itself be told. Raises BadPublication."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        content = of_settings.text_of(text)
    except OSError as error:
        raise BadPublication(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadPublication(f"{file}: is not UTF-8 text") from None
    except ContractError as error:
        raise BadPublication(f"{file}: {error}") from None
    _judge("settings", str(file.absolute()))
    return Publication(kind=of_settings.KIND, content=content)


def _judge(*arguments: str) -> None:
    try:
        judged = subprocess.run(
            [sys.executable, "main.py", *arguments],
            cwd=PROGRAM, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CHECKED_WITHIN, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BadPublication("the kiosk's program does not say whether it can be used") from None
    if judged.returncode != 0:
        raise BadPublication((judged.stderr.splitlines() or ["the kiosk's program cannot use it"])[-1])


def published(database: Database, kind: str) -> list[str]:
    """Every version that there is of a kind, a line each, the newest last."""
    columns = (publications.c.kind, publications.c.version, publications.c.target, publications.c.issued)
    with database.reading() as connection:
        rows = connection.execute(
            select(*columns).where(publications.c.kind == kind).order_by(publications.c.version)
        ).all()
    return [f"{row.kind:10} {row.version:6}  {row.issued:%Y-%m-%d %H:%M}Z  {row.target}" for row in rows]
