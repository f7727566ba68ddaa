"""Lists that are the same for everybody, from a folder of TOML files: ``GET /v1/datasets/{name}``.

A file may be replaced while central runs; one that cannot be used is not served in the place of the last that could.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response
from fastapi import Path as InPath

from central.errors import Refused
from central.toml_files import read_toml
from kiosk.contract.datasets import OCTETS_AT_MOST, Dataset, tag_of

BUILT_IN: Final = Path(__file__).parent / "demonstration" / "datasets"

log = logging.getLogger("central")


@dataclass(frozen=True, kw_only=True)
class Served:
    """A dataset as it goes out, and which state of its file it is."""

    content: bytes
    tag: str
    state: tuple[int, int]


@dataclass
class DatasetFolder:
    """The folder, and what was read of it. Any thread."""

    folder: Path = BUILT_IN
    _served: dict[str, Served] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, name: str) -> Served | None:
        """The newest good state of a dataset; None: there never was one."""
        file = self.folder / f"{name}.toml"
        with self._lock:
            known = self._served.get(name)
            try:
                found = file.stat()
                state = (found.st_mtime_ns, found.st_size)
                if known is None or known.state != state:
                    content = read(file, name)
                    self._served[name] = Served(content=content, tag=tag_of(content), state=state)
            except FileNotFoundError:
                return None
            except (OSError, BadDataset) as error:
                log.warning("dataset %s: %s", name, error)
            return self._served.get(name)


class BadDataset(Exception):
    """The file cannot be used: ``FILE: field: what is allowed``."""


def routes(kept: DatasetFolder) -> APIRouter:
    router = APIRouter(prefix="/v1/datasets", tags=["datasets"])

    @router.get("/{name}", responses={200: {"model": Dataset}, 304: {"description": "It is the known one"}})
    def dataset(
        name: Annotated[str, InPath(pattern=r"^[a-z][a-z0-9-]{0,39}$")],
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A list that is about nobody; its entity tag is the hash of its content. Raises Refused (no-dataset)."""
        served = kept.find(name)
        if served is None:
            raise Refused(404, "no-dataset", "There is no such dataset")
        headers = {"ETag": f'"{served.tag}"'}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(served.content, media_type="application/json", headers=headers)

    return router


def read(file: Path, name: str) -> bytes:
    """The dataset in a file as JSON. Raises BadDataset."""
    content = read_toml(file, Dataset, BadDataset, given={"name": name}).model_dump_json().encode()
    if len(content) > OCTETS_AT_MOST:
        raise BadDataset(f"{file}: {len(content)} bytes, at most {OCTETS_AT_MOST}")
    return content
