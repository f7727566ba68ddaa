"""好差评 handed on in the fields of the province's platform (办件评价), one object an evaluation.

Which field holds what is one table (``FIELDS``). Whose it is stays unknown: no name, no number of a document, and a
number of the matter (projectNo) that is made for the evaluation and belongs to no record. What differs between centres
stands in a TOML file (docs/upstreams.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from central.database import Database
from central.tables import evaluations as table
from central.toml_files import Part, read_toml
from kiosk.contract.ratings import DISSATISFIED

BUILT_IN: Final = Path(__file__).with_name("evaluations.toml")

CHANNEL: Final = "5"
"""pf: 政务大厅其他终端."""


class BadCentre(Exception):
    """The file cannot be used: ``FILE: field: what is allowed``."""


class Matter(Part):
    """How the province lists a service of the catalogue (事项)."""

    task_code: str = Field(min_length=1, max_length=50)
    task_handle_item: str = ""
    name: str = Field(min_length=1, max_length=200)
    promised: bool = True
    """承诺件; false: decided at once (即办件)."""


class Centre(Part):
    """Whoever is rated: area (行政区划), department (统一社会信用代码) and the province's number of the source."""

    area_code: str = Field(pattern=r"^\d{6,12}$")
    area_name: str
    dept_code: str = Field(pattern=r"^[0-9A-Z]{18}$")
    dept_name: str
    data_source: Annotated[str, Field(pattern=r"^\d{3}$")]
    matter: dict[str, Matter] = Field(default_factory=dict)
    """By the catalogue's code. A service that is not listed goes out under its own code."""

    def matter_of(self, service: str) -> Matter:
        """How the service goes out."""
        return self.matter.get(service) or Matter(task_code=service, name=service)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """One evaluation as it was given."""

    id: UUID
    service: str
    day: date
    stars: int
    reasons: tuple[str, ...] = ()
    words: str = ""

    @property
    def complete(self) -> bool:
        """Whether the platform takes it: one or two stars need a reason or words."""
        return self.stars > DISSATISFIED or bool(self.reasons or self.words)


FIELDS: Final[Mapping[str, Callable[[Evaluation, Centre], str]]] = {
    "areaCode": lambda _its, centre: centre.area_code,
    "areaName": lambda _its, centre: centre.area_name,
    "deptCode": lambda _its, centre: centre.dept_code,
    "taskCode": lambda its, centre: centre.matter_of(its.service).task_code,
    "taskHandleItem": lambda its, centre: centre.matter_of(its.service).task_handle_item,
    "taskName": lambda its, centre: centre.matter_of(its.service).name,
    "subMatter": lambda _its, _centre: "",
    "projectNo": lambda its, centre: f"{centre.area_code}{its.id.hex}",
    "proStatus": lambda _its, _centre: "3",  # 已完结: the visit is over
    "proDepartCode": lambda _its, centre: centre.dept_code,
    "proDepart": lambda _its, centre: centre.dept_name,
    "proManager": lambda _its, _centre: "",
    "pf": lambda _its, _centre: CHANNEL,
    "certkeyGOV": lambda _its, _centre: "",
    "userName": lambda _its, _centre: "",
    "userProp": lambda _its, _centre: "1",  # 个人
    "satisfaction": lambda its, _centre: str(its.stars),
    "evalDetail": lambda its, _centre: ",".join(its.reasons),
    "writingEvaluation": lambda its, _centre: its.words,
    "assessTime": lambda its, _centre: f"{its.day} 00:00:00",  # the day alone is known
    "assessNumber": lambda _its, _centre: "1",  # 首评
    "appStatus": lambda _its, _centre: "",
    "promiseTime": lambda its, centre: "1" if centre.matter_of(its.service).promised else "2",
    "acceptDate": lambda its, _centre: f"{its.day} 00:00:00",
    "dataSource": lambda _its, centre: centre.data_source,
}
"""The platform's field → what it holds. Every field is there, an empty one as ""."""


def as_standard(evaluation: Evaluation, centre: Centre) -> dict[str, str]:
    """The evaluation in the platform's fields."""
    return {field: says(evaluation, centre) for field, says in FIELDS.items()}


def given(database: Database, since: date, until: date) -> list[Evaluation]:
    """What was given from ``since`` to ``until``, both included; within a day in no order that tells anything."""
    wanted = select(table).where(table.c.day.between(since, until)).order_by(table.c.day, table.c.id)
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
    return [
        Evaluation(
            id=row.id,
            service=row.service,
            day=row.day,
            stars=row.stars,
            reasons=tuple(json.loads(row.reasons)),
            words=row.words,
        )
        for row in rows
    ]


def load_centre(file: Path = BUILT_IN) -> Centre:
    """Reads the file. Raises BadCentre."""
    return read_toml(file, Centre, BadCentre)
