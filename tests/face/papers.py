"""The pages of papers that a telephone sends for a matter that waits for some, with an authority's longest words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from kiosk.contract.messages import Matter
from kiosk.contract.queries import MatterLine, Matters
from kiosk.contract.uploads import Arrived, MattersInWant, PapersWanted, UploadOpened, UploadState
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.identity import Person

Script = list[tuple[str, object]]

GONE = Left("cancelled")
AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
SAID = "没有查到您在备案地的居住信息，请补交居住证或者房产证、租房合同，请在12月6日前补齐"
HANDED = "材料已经交上去了"
AUTHORITY_SAYS = (SAID, HANDED)
LINE = MatterLine(
    kind="medical.remote-care-filing",
    at=AT,
    number="K001-26-000317-7Q4XM",
    matter=Matter(state="papers wanted", number="YD20261122000123", text=SAID, at=AT),
)
WANTED = MattersInWant(lines=(PapersWanted(record=UUID(int=1), number=LINE.number, text=SAID),))
OPEN = UploadState(id=UUID(int=2), seconds=600, telephone=False, finished=False, closed=False, news=0, arrived=())
OPENED = UploadOpened(url="https://zj.example.com/u/kN3vQxR7cW2mZ8tLpA5dYh4s", upload=OPEN)
CLOSED = OPEN.model_copy(
    update={"closed": True, "arrived": tuple(Arrived(id=UUID(int=at), paper="supplement") for at in range(12))}
)


def scripts(person: Person) -> Iterator[tuple[str, Script, bool]]:
    """Item, script, whether there is paper."""
    listed: Script = [("way", "card"), ("card", person), ("matters", Matters(lines=(LINE,))), ("matters", LINE.number)]
    bring: Script = [*listed, ("papers-wanted", WANTED), ("matter", "papers")]
    sent: Script = [("upload-open", OPENED), ("send-papers", "finish"), ("upload-step", CLOSED)]
    for matter in (Matter(state="sent", text=HANDED, at=AT), None):
        yield "my-matters", [*bring, *sent, ("confirm-papers", None), ("submit", matter), ("done", GONE)], True
    away: Script = [("upload-open", Unavailable("offline")), ("no-upload", "desk")]
    yield "my-matters", [*bring, *away, ("papers-at-desk", GONE)], True
    lost: Script = [*sent[:2], ("upload-step", Unavailable("offline")), ("not-counted", GONE)]
    yield "my-matters", [*bring, *lost], True
