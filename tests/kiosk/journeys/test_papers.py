"""Papers by telephone as the scripts say: sent, brought to the desk, another telephone, central away; and 补材料."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest

from kiosk.contract.filings import ServiceFiling
from kiosk.contract.messages import Matter
from kiosk.contract.papers import Papers
from kiosk.contract.queries import MatterLine, Matters
from kiosk.contract.remote_care import RemoteCareFiling3
from kiosk.contract.uploads import Arrived, MattersInWant, PapersWanted, UploadOpened, UploadState
from kiosk.desk import Desk
from kiosk.errors import Unavailable
from kiosk.journeys.my_matters import Here, my_matters
from kiosk.journeys.papers import AGAIN, ANOTHER, DESK, FINISH, as_it_is, papers_by_telephone
from kiosk.journeys.proxy_request import Centre
from kiosk.journeys.remote_care_filing import proof_or_promise
from kiosk.manner import Back
from kiosk.pages import Choose, Confirm, Done, Result, SendPapers
from tests.kiosk.journeys.test_filing import CATALOGUE, journey, to_confirm
from tests.kiosk.journeys.test_remote_care_filing import INSURED, JOURNEY, RULES, SELF, SENT, TODAY
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ScriptedCounter, played

UPLOAD, OTHER_UPLOAD = UUID(int=1), UUID(int=2)
PICTURES = (UUID(int=11), UUID(int=12))
MATTER = UUID(int=21)


def state(upload: UUID = UPLOAD, *papers: str, **more: object) -> UploadState:
    arrived = tuple(Arrived(id=id_, paper=paper) for id_, paper in zip(PICTURES, papers, strict=False))
    opened = UploadState(
        id=upload, seconds=600, telephone=bool(papers), finished=False, closed=False, news=len(papers), arrived=arrived
    )
    return opened.model_copy(update=more)


def opened(upload: UUID = UPLOAD) -> UploadOpened:
    return UploadOpened(url=f"https://zj.example.com/u/{upload.hex}", upload=state(upload))


CLOSED = state(UPLOAD, "proof", "proof", closed=True)
BY_TELEPHONE = [
    SELF,
    ("card", LIN),
    ("filings", INSURED),
    ("kind", "long-stay"),
    ("place", "350200"),
    ("begin", TODAY),
    ("proof", "upload"),
    ("upload-open", opened()),
    ("send-papers", FINISH),
    ("upload-step", CLOSED),
    ("confirm-telephone", "keep"),
    ("confirm", None),
]


def filed(counter: ScriptedCounter) -> RemoteCareFiling3:
    act = counter.acts[0]
    assert isinstance(act, RemoteCareFiling3)
    return act


async def test_a_filing_takes_its_pictures_along() -> None:
    """The desk is not spoken of any more; paper and pages say how many, and nothing of what is on them."""
    counter = await played(JOURNEY, [*BY_TELEPHONE, ("submit", SENT), ("done", "finish")])
    assert (filed(counter).proof, filed(counter).papers) == ("desk", PICTURES)
    for page in (counter.page("confirm"), counter.page("done")):
        assert isinstance(page, Confirm | Done)
        assert ("材料", "手机传了 2 张") in [(row.label, row.value) for row in page.rows]
    assert "服务台" not in counter.receipts[0].next_steps


async def test_going_back_keeps_what_came() -> None:
    """The same code, the same upload: nothing is opened anew."""
    script = [
        *BY_TELEPHONE[:-2],
        ("confirm-telephone", Back()),
        ("send-papers", FINISH),
        ("upload-step", CLOSED),
        ("confirm-telephone", "keep"),
        ("confirm", None),
        ("submit", SENT),
        ("done", "finish"),
    ]
    counter = await played(JOURNEY, script)
    codes = {page.qr for page in counter.pages if isinstance(page, SendPapers)}
    assert codes == {opened().url}
    assert filed(counter).papers == PICTURES


async def test_without_a_telephone_the_papers_go_to_the_desk() -> None:
    """What came is not wanted any more, and the steps say where to go."""
    script = [
        *BY_TELEPHONE[:8],
        ("send-papers", DESK),
        ("upload-step", state(closed=True)),
        *BY_TELEPHONE[-2:],
        ("submit", SENT),
        ("done", "finish"),
    ]
    counter = await played(JOURNEY, script)
    assert (filed(counter).proof, filed(counter).papers) == ("desk", ())
    assert "交到服务台" in counter.receipts[0].next_steps


async def test_another_telephone_has_another_code() -> None:
    script = [
        *BY_TELEPHONE[:8],
        ("send-papers", ANOTHER),
        ("upload-step", state(closed=True)),
        ("upload-open", opened(OTHER_UPLOAD)),
        ("send-papers", FINISH),
        ("upload-step", state(OTHER_UPLOAD, "proof", closed=True)),
        *BY_TELEPHONE[-2:],
        ("submit", SENT),
        ("done", "finish"),
    ]
    counter = await played(JOURNEY, script)
    assert filed(counter).papers == PICTURES[:1]


@pytest.mark.parametrize("when", ["opening", "closing"])
async def test_central_goes_away(when: str) -> None:
    """It is said, can be tried again, and the desk stays a way."""
    away = Unavailable("offline")
    opening = [("upload-open", away), ("no-upload", AGAIN), ("upload-open", away), ("no-upload", DESK)]
    closing = [
        *BY_TELEPHONE[7:9],
        ("upload-step", away),
        ("not-counted", AGAIN),
        ("upload-step", away),
        ("not-counted", DESK),
    ]
    script = [
        *BY_TELEPHONE[:7],
        *(opening if when == "opening" else closing),
        *BY_TELEPHONE[-2:],
        ("submit", SENT),
        ("done", "finish"),
    ]
    counter = await played(JOURNEY, script)
    assert filed(counter).papers == ()


async def test_what_was_sent_is_taken_when_central_is_back() -> None:
    """Of the same upload: its pictures are there, as the page said."""
    script = [
        *BY_TELEPHONE[:9],
        ("upload-step", Unavailable("offline")),
        ("not-counted", AGAIN),
        ("upload-step", CLOSED),
        *BY_TELEPHONE[-2:],
        ("submit", SENT),
        ("done", "finish"),
    ]
    assert filed(await played(JOURNEY, script)).papers == PICTURES


def test_offline_only_the_desk_is_offered() -> None:
    """Also where nothing can stand for the papers."""
    page = proof_or_promise(LIN, RULES.kind("long-stay"), RULES, can_send=False)
    assert [option.value for option in page.options] == ["promise", "desk"]


async def test_what_was_to_be_brought_can_be_photographed_after_all() -> None:
    """A referral takes its eight answers as it is: its paper follows when the authority has the filing."""
    script = [
        *BY_TELEPHONE[:3],
        ("kind", "referred"),
        ("place", "350200"),
        ("begin", TODAY),
        ("end", TODAY),
        *BY_TELEPHONE[-2:],
        ("submit", SENT),
        ("done", "bring-papers"),
        ("upload-open", opened()),
        ("send-papers", FINISH),
        ("upload-step", state(UPLOAD, "supplement", closed=True)),
        ("confirm-papers", None),
        ("submit", None),
        ("done", "finish"),
    ]
    counter = await played(JOURNEY, script)
    assert counter.acts[1] == Papers(person=LIN.reference, record=UUID(int=1), pictures=PICTURES[:1])
    script = [*BY_TELEPHONE[:6], ("proof", "desk"), *BY_TELEPHONE[-2:], ("submit", None), ("done", "finish")]
    page = (await played(JOURNEY, script)).page("done")
    assert isinstance(page, Done)
    assert "bring-papers" not in [option.value for option in page.actions], "the authority has nothing yet"


async def test_any_filing_that_wants_papers_takes_pictures() -> None:
    """Each wanted paper has its own line for the telephone; nothing is to be brought any more."""
    start = to_confirm("chronic")
    at = start.index(("backing", "desk"))
    by_telephone = [
        ("backing", "upload"),
        ("upload-open", opened()),
        ("send-papers", FINISH),
        ("upload-step", state(UPLOAD, "diagnosis", "diagnosis", closed=True)),
    ]
    script = [*start[:at], *by_telephone, *start[at + 1 :], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("chronic"), script)
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.backing, act.papers) == ("upload", PICTURES)
    assert counter.receipts[0].parts == ()
    assert "服务台" not in counter.receipts[0].next_steps
    page = counter.page("send-papers")
    assert isinstance(page, SendPapers)
    assert [paper.code for paper in page.papers] == [paper.code for paper in CATALOGUE.item("chronic").paper]
    script = [*to_confirm("chronic", offline=True), ("submit", None), ("done", "finish")]
    choice = (await played(journey("chronic"), script)).page("backing")
    assert isinstance(choice, Choose)
    assert [option.value for option in choice.options] == ["desk"]


# -- the page ------------------------------------------------------------------------------------------------------


async def shown(now: UploadState | None) -> SendPapers:
    """The page of the code as the upload is."""

    async def journey(desk: Desk) -> None:
        from kiosk.contract.uploads import WantedPaper

        await papers_by_telephone(desk, (WantedPaper(code="proof", label="那边的居住证"),))

    script = [("upload-open", opened()), ("send-papers", DESK), ("upload-step", state(closed=True))]
    counter = await played(journey, script)
    page = counter.page("send-papers")
    assert isinstance(page, SendPapers)
    return as_it_is(page, now)


async def test_the_page_says_what_came() -> None:
    page = await shown(state(UPLOAD, "proof", "proof"))
    assert [paper.count for paper in page.papers] == [2]
    assert page.news == "收到 2 张了，还可以接着传。"
    assert [option.value for option in page.actions if option.enabled] == [DESK, FINISH]


async def test_nothing_can_be_finished_before_something_came() -> None:
    page = await shown(state())
    assert [option.value for option in page.actions if option.enabled] == [DESK]
    page = await shown(state(telephone=True))
    assert [option.value for option in page.actions if option.enabled] == [DESK, ANOTHER]
    assert page.news == "手机已经打开了，请在手机上拍照。"


async def test_when_the_time_is_over_there_can_be_more() -> None:
    page = await shown(state(seconds=0))
    assert (page.question, page.hint) == ("上传时间到了", ""), "no code stands there to be scanned"
    assert page.news == "还要接着传，请按“再等十分钟”。"
    assert [option.value for option in page.actions] == [DESK, AGAIN]
    page = await shown(state(UPLOAD, "proof", seconds=0))
    assert [option.value for option in page.actions if option.primary] == [FINISH]


async def test_central_away_takes_nothing_from_the_page() -> None:
    page = await shown(None)
    assert "传过的照片都还在" in page.news
    assert page.qr == opened().url


# -- 补材料 --------------------------------------------------------------------------------------------------------

HERE = Here(centre=Centre(phone="0593-1234567"), kiosk="K001")
LINE = MatterLine(
    kind=RemoteCareFiling3.kind,
    at=datetime(2026, 11, 20, 2, tzinfo=UTC),
    number="K001-26-000317-7Q4X",
    matter=Matter(state="papers wanted", text="请补居住证", at=datetime(2026, 11, 21, tzinfo=UTC)),
)
IN_WANT = MattersInWant(lines=(PapersWanted(record=MATTER, number=LINE.number, text="请补居住证"),))
TO_THE_MATTER = [
    ("way", "card"),
    ("card", LIN),
    ("matters", Matters(lines=(LINE,))),
    ("matters", LINE.number),
    ("papers-wanted", IN_WANT),
]
MINE = partial(my_matters, here=HERE)


async def test_papers_are_brought_to_a_matter_that_waits() -> None:
    """They are of that matter's record, wherever it was made, and the receipt says so."""
    script = [
        *TO_THE_MATTER,
        ("matter", "papers"),
        ("upload-open", opened()),
        ("send-papers", FINISH),
        ("upload-step", state(UPLOAD, "supplement", "supplement", closed=True)),
        ("confirm-papers", None),
        ("submit", Matter(state="sent", text="材料已经交上去了", at=datetime(2026, 11, 22, tzinfo=UTC))),
        ("done", "finish"),
    ]
    counter = await played(MINE, script)
    assert counter.acts == [Papers(person=LIN.reference, record=MATTER, pictures=PICTURES)]
    receipt = counter.receipts[0]
    assert receipt.service == "补材料"
    assert LINE.number in [row.value for row in receipt.rows]
    page = counter.page("send-papers")
    assert isinstance(page, SendPapers)
    assert [paper.label for paper in page.papers] == ["要补的材料"]


async def test_papers_that_were_lost_on_the_way_were_examined_by_nobody() -> None:
    """They are to be sent once more; the receipt is no result."""
    lost = Matter(state="declined", code="papers-lost", text="照片没有留住", at=datetime(2026, 11, 22, tzinfo=UTC))
    script = [
        *TO_THE_MATTER,
        ("matter", "papers"),
        ("upload-open", opened()),
        ("send-papers", FINISH),
        ("upload-step", state(UPLOAD, "supplement", "supplement", closed=True)),
        ("confirm-papers", None),
        ("submit", lost),
        ("done", "finish"),
    ]
    counter = await played(MINE, script)
    (receipt,) = counter.receipts
    assert (receipt.sort, receipt.state) == ("登记凭条", "材料没有交上去")
    assert counter.page("done").question == "材料没有交上去"


async def test_no_paper_names_an_illness_whose_papers_were_brought() -> None:
    """The page says what the matter is, as the person looks at it; the slip says what anybody may read."""
    line = LINE.model_copy(update={"kind": ServiceFiling.kind, "item": "chronic"})
    here = Here(names={"chronic": "门诊慢特病"}, discreet={"chronic": "医保待遇认定"}, centre=HERE.centre, kiosk="K001")
    script = [
        *TO_THE_MATTER[:2],
        ("matters", Matters(lines=(line,))),
        *TO_THE_MATTER[3:],
        ("matter", "papers"),
        ("upload-open", opened()),
        ("send-papers", FINISH),
        ("upload-step", state(UPLOAD, "supplement", "supplement", closed=True)),
        ("confirm-papers", None),
        ("submit", None),
        ("done", "finish"),
    ]
    counter = await played(partial(my_matters, here=here), script)
    confirm = counter.page("confirm-papers")
    assert isinstance(confirm, Confirm)
    assert "门诊慢特病" in [row.value for row in confirm.rows]
    assert counter.receipts
    for receipt in counter.receipts:
        assert "医保待遇认定" in [row.value for row in receipt.rows]
        assert "慢特病" not in repr(receipt)


async def test_they_may_be_brought_to_the_desk_as_well() -> None:
    script = [
        *TO_THE_MATTER,
        ("matter", "papers"),
        ("upload-open", Unavailable("offline")),
        ("no-upload", DESK),
        ("papers-at-desk", "home"),
    ]
    assert (await played(MINE, script)).acts == []


@pytest.mark.parametrize("answer", [MattersInWant(lines=()), Unavailable("offline")])
async def test_what_cannot_be_sent_from_here_is_not_offered(answer: object) -> None:
    """A matter that waits for the person at a window, and central that does not say."""
    counter = await played(MINE, [*TO_THE_MATTER[:-1], ("papers-wanted", answer), ("matter", "finish")])
    page = counter.page("matter")
    assert isinstance(page, Result)
    assert "papers" not in [option.value for option in page.actions]
    assert "到服务台" in page.sections[0].meaning
