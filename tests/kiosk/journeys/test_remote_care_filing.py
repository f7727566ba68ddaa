"""医保 异地就医备案 as its script says."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import get_args

import pytest

from devices.printer import Hindrance
from kiosk.contract.acts import FilingKind
from kiosk.contract.due import RENEW_WITHIN
from kiosk.contract.live import RemoteCareWithdrawal
from kiosk.contract.messages import Matter
from kiosk.contract.queries import Filing, Filings
from kiosk.contract.remote_care import RemoteCareFiling2
from kiosk.dates import months_later
from kiosk.desk import NO_PAPER, Left, Paper
from kiosk.errors import Unavailable
from kiosk.identity import CardKind
from kiosk.journeys.earlier_filings import filed_already, filed_there
from kiosk.journeys.remote_care_filing import remote_care_filing
from kiosk.manner import Back
from kiosk.pages import Choose, Confirm, Digits, Done, Notice, ReceiptPreview, Row
from kiosk.receipts import Receipt
from kiosk.remote_care import load_remote_care
from tests.kiosk.people import LIN, LIN_OWED
from tests.kiosk.scripted import PRINTED, played

RULES = load_remote_care()
JOURNEY = partial(remote_care_filing, rules=RULES)
INSURED = Filings(insured_place="350900", status="1", filings=(), telephone="138＊＊＊＊0000")
SENT = Matter(state="sent", number="YD20261122000123", text="等医保部门审核", at=datetime(2026, 11, 22, tzinfo=UTC))
TODAY = date(2026, 11, 22)
SELF = ("for-whom", "self")

TO_CONFIRM = [
    SELF,
    ("card", LIN),
    ("filings", INSURED),
    ("kind", "long-stay"),
    ("place", "350200"),
    ("begin", TODAY),
    ("proof", "promise"),
    ("confirm-telephone", "keep"),
    ("confirm", None),
]
OFFLINE = [
    SELF,
    ("card", LIN_OWED),
    ("filings", Unavailable("offline")),
    ("kind", "long-stay"),
    ("place", "350200"),
    ("begin", TODAY),
    ("proof", "promise"),
    ("telephone", "13800000000"),
    ("confirm", None),
    ("submit", None),
    ("done", "finish"),
]


async def test_central_answers_in_time() -> None:
    """The receipt is the 提交回执 with both numbers."""
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert (act.filing, act.place, act.begin, act.end) == ("long-stay", "350200", TODAY, None)
    assert (act.proof, act.check, act.telephone) == ("promise", "code", None)
    assert act.promise is not None
    assert act.promise.sha256 == RULES.promise.sha256
    (slip,) = counter.receipts
    assert slip.sort == "提交回执"
    assert [row.value for row in slip.numbers] == ["K001-26-000317-7Q4X", "YD20261122000123"]
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.question == "已提交，等审核"


@pytest.mark.parametrize(
    ("state", "what", "steps"),
    [
        ("decided", "医保部门已经办好了。", ["看病时带社保卡或医保码。"]),
        ("declined", "医保部门没有同意。", ["不明白的，打 12393 问一问，或者到服务台问。"]),
        (
            "papers wanted",
            "医保部门还要看一些材料。",
            ["请把要补的材料交到服务台。", "看病时带社保卡或医保码。", "结果在任何一台自助终端“我的办件”里看。",
             "着急住院，现在就打 12393。"],
        ),
    ],
)  # fmt: skip
async def test_an_authority_without_words_is_told_by_what_it_did(state: str, what: str, steps: list[str]) -> None:
    """And nobody whose matter is over is told how a pending one goes on."""
    matter = SENT.model_copy(update={"state": state, "text": None})
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", matter), ("done", "finish")])
    done = counter.page("done")
    assert isinstance(done, Done)
    assert what in done.lines
    assert list(done.next_steps) == steps


async def test_offline_it_is_kept_and_says_so_before_and_after() -> None:
    counter = await played(JOURNEY, OFFLINE)
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert (act.check, act.telephone) == ("owed", "13800000000")
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert any("12393" in note for note in confirm.notes)
    (slip,) = counter.receipts
    assert slip.sort == "登记凭条"
    assert slip.state == "已登记，还没有提交"


@pytest.mark.parametrize("script", [OFFLINE, [*TO_CONFIRM, ("submit", None), ("done", "finish")]])
async def test_what_central_has_not_accepted_never_sounds_accepted(script: list[tuple[str, object]]) -> None:
    """受理, 办结, 通过 and 有效 come from the authority alone."""
    counter = await played(JOURNEY, script)
    after = [counter.page("done"), *counter.receipts]
    for text in texts_of(after):
        for word in ("受理", "办结", "通过", "有效"):
            assert word not in text


async def test_no_illness_no_full_name_and_no_full_number_on_paper() -> None:
    counter = await played(JOURNEY, OFFLINE)
    printed = " ".join(texts_of(counter.receipts))
    assert LIN.name not in printed
    assert LIN.number not in printed
    assert "13800000000" not in printed


async def test_a_filing_in_force_is_shown_before_anything_is_asked() -> None:
    before = INSURED.model_copy(
        update={
            "filings": (
                Filing(
                    number="YD1",
                    filing=FilingKind.LONG_STAY,
                    place="350200",
                    begin=date(2025, 3, 1),
                    state="in force",
                ),
            )
        }
    )
    with pytest.raises(Left):
        await played(JOURNEY, [SELF, ("card", LIN), ("filings", before), ("filed-already", "leave")])
    counter = await played(
        JOURNEY,
        [
            SELF,
            ("card", LIN),
            ("filings", before),
            ("filed-already", "go-on"),
            *TO_CONFIRM[3:5],
            ("filed-there", "go-on"),
            *TO_CONFIRM[5:],
            ("submit", SENT),
            ("done", "finish"),
        ],
    )
    assert any("福建省厦门市" in text for text in texts_of([counter.page("filed-already")]))


async def test_the_same_place_twice_is_said_and_a_filing_under_review_promises_nothing() -> None:
    review = Filing(
        number="YD2", filing=FilingKind.LONG_STAY, place="350200", begin=date(2026, 11, 1), state="under review"
    )
    before = INSURED.model_copy(update={"filings": (review,)})
    with pytest.raises(Left):
        await played(
            JOURNEY,
            [
                SELF,
                ("card", LIN),
                ("filings", before),
                ("filed-already", "go-on"),
                ("kind", "long-stay"),
                ("place", "350200"),
                ("filed-there", "leave"),
            ],
        )
    pages = [filed_there(review, before, RULES, TODAY), filed_already(LIN, before, RULES, TODAY)]
    words = texts_of(pages)
    assert "已经提交，等医保部门审核，先不用再办。" in words
    assert {"您有一条备案在等审核", "这个地方已经提交过了"} <= set(words)
    assert not any("去这个地方看病，不用再办" in text for text in words)


@pytest.mark.parametrize("status", ["2", None])
async def test_without_insurance_in_order_the_person_is_told_first(status: str | None) -> None:
    before = INSURED.model_copy(update={"status": status})
    with pytest.raises(Left):
        await played(JOURNEY, [SELF, ("card", LIN), ("filings", before), ("not-insured", "leave")])


IN_FORCE = Filing(number="YD1", filing=FilingKind.TEMPORARY, place="310000", begin=date(2026, 6, 1), state="in force")


def ending(day: date | None, status: str | None = "1") -> Filings:
    """One filing in force until then."""
    return INSURED.model_copy(update={"filings": (IN_FORCE.model_copy(update={"end": day}),), "status": status})


async def test_without_insurance_in_order_a_filing_can_still_be_ended_or_changed() -> None:
    """The key says that there is one; nobody is told that it pays there, or that nothing need be done."""
    before = ending(date(2026, 12, 1), status="2")
    begin = [SELF, ("card", LIN), ("filings", before), ("not-insured", "go-on")]
    to_end = [("card", LIN), ("confirm-withdrawal", None), ("submit", SENT), ("done", "finish")]
    counter = await played(JOURNEY, [*begin, ("filed-already", "withdraw"), *to_end])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareWithdrawal)
    notice = counter.page("not-insured")
    assert isinstance(notice, Notice)
    assert [option.label for option in notice.actions] == ["先不办了", "看已有的备案，或者再备案"]
    page = counter.page("filed-already")
    assert isinstance(page, Choose)
    assert [option.value for option in page.options] == ["leave", "change", "withdraw", "go-on"]
    assert not any("不用再办" in text or "续" in text for text in texts_of([page]))
    changing = [("filed-already", "change"), ("kind", "long-stay"), ("place", "350200"), ("begin", TODAY)]
    counter = await played(JOURNEY, [*begin, *changing, *TO_CONFIRM[6:], ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert act.changes == "YD1"


async def test_without_insurance_and_without_a_filing_one_can_be_made_all_the_same() -> None:
    before = INSURED.model_copy(update={"status": "2"})
    script = [*TO_CONFIRM[:2], ("filings", before), ("not-insured", "go-on"), *TO_CONFIRM[3:]]
    counter = await played(JOURNEY, [*script, ("submit", SENT), ("done", "finish")])
    notice = counter.page("not-insured")
    assert isinstance(notice, Notice)
    assert [option.label for option in notice.actions] == ["先不办了", "还是要备案"]


async def test_what_ends_soon_is_offered_to_be_renewed() -> None:
    """该办的事 leads here: the same days count, and the next thing to do is what it calls due."""
    last = TODAY + RENEW_WITHIN
    page = filed_already(LIN, ending(last), RULES, TODAY)
    assert "快到期了。以后还要去，现在就可以续。" in page.body
    assert page.body[-1] == "要续时间、改地方，还是取消？"
    assert [(option.value, option.label, option.primary) for option in page.options[:2]] == [
        ("change", "续时间，或者改地方", True),
        ("leave", "先不办了", False),
    ]
    for lasting in (last + timedelta(days=1), None):
        page = filed_already(LIN, ending(lasting), RULES, TODAY)
        assert "去这个地方看病，不用再办。" in page.body
        assert page.body[-1] == "要改地方，还是取消？"
        assert [(option.value, option.primary) for option in page.options[:2]] == [("leave", True), ("change", False)]
    there = filed_there(ending(last).filings[0], ending(last), RULES, TODAY)
    assert [(option.label, option.primary) for option in there.actions] == [
        ("先不办了", True),
        ("还是要再办一次", False),
    ]
    assert "快到期了。要续时间，请退回去选“续时间，或者改地方”。" in there.lines
    begin = [SELF, ("card", LIN), ("filings", ending(last)), ("filed-already", "change"), ("kind", "temporary")]
    dates = [("place", "310000"), ("begin", TODAY), ("end", date(2027, 5, 22)), *TO_CONFIRM[7:]]
    counter = await played(JOURNEY, [*begin, *dates, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert (act.changes, act.end) == ("YD1", date(2027, 5, 22))


async def test_the_insured_place_is_shown_before_it_is_filed_there() -> None:
    """Page and paper alike; where it is not known, none is guessed."""
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", SENT), ("done", "finish")])
    for of in (counter.page("confirm"), counter.page("done"), counter.receipts[0]):
        assert isinstance(of, Confirm | Done | Receipt)
        assert Row(label="参保地", value="福建省 宁德市") in of.rows
    nowhere = INSURED.model_copy(update={"insured_place": None, "status": None})
    script = [*TO_CONFIRM[:2], ("filings", nowhere), ("not-insured", "go-on"), *TO_CONFIRM[3:]]
    for counter in (
        await played(JOURNEY, OFFLINE),
        await played(JOURNEY, [*script, ("submit", SENT), ("done", "finish")]),
    ):
        page = counter.page("confirm")
        assert isinstance(page, Confirm)
        assert "参保地" not in [row.label for row in page.rows]


async def test_what_central_declined_itself_reached_no_authority() -> None:
    """Page and paper say the same of it, and nobody is sent to an authority that knows nothing."""
    matter = Matter(state="declined", code="not-confirmed", text="没有您留的手机号。", at=SENT.at)
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", matter), ("done", "finish")])
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.question == counter.receipts[0].state == "没有提交"
    assert list(done.next_steps) == ["不明白的，请到服务台问一下，看还能怎么办。", "着急住院，现在就打 12393。"]


async def test_a_temporary_stay_has_an_end_of_at_least_six_months() -> None:
    counter = await played(
        JOURNEY,
        [
            SELF,
            ("card", LIN),
            ("filings", INSURED),
            ("kind", "temporary"),
            ("place", "310000"),
            ("begin", TODAY),
            ("end", date(2027, 5, 22)),
            ("confirm-telephone", "other"),
            ("telephone", "13900000000"),
            ("confirm", None),
            ("submit", SENT),
            ("done", "finish"),
        ],
    )
    ends = counter.page("end")
    assert isinstance(ends, Choose)
    assert [option.value for option in ends.options] == [date(2027, 5, 22), date(2027, 11, 22)]
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert act.proof == "none", "the rules ask for no proof of a temporary stay"


async def test_a_number_that_no_mobile_telephone_has_is_asked_for_again() -> None:
    """Nothing that could not be recorded comes to the confirmation; Back leads to the number, to be corrected."""
    at = next(place for place, (name, _answer) in enumerate(OFFLINE) if name == "telephone")
    wrong = [("telephone", "10873976360"), ("telephone", "00000000000")]
    counter = await played(JOURNEY, [*OFFLINE[:at], *wrong, ("telephone", Back()), *wrong[1:], *OFFLINE[at:]])
    asked = [page for page in counter.pages if isinstance(page, Digits)]
    assert [bool(page.problem) for page in asked] == [False, True, True, True, True]
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert act.telephone == "13800000000"


async def test_a_referral_cannot_be_promised() -> None:
    counter = await played(
        JOURNEY,
        [
            SELF,
            ("card", LIN),
            ("filings", INSURED),
            ("kind", "referred"),
            ("place", "350100"),
            ("begin", TODAY),
            ("end", date(2027, 5, 22)),
            ("confirm-telephone", "keep"),
            ("confirm", None),
            ("submit", SENT),
            ("done", "finish"),
        ],
    )
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert act.proof == "desk"
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert "登记好以后，请把医院开的转诊单交到服务台。" in confirm.notes
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.next_steps[0] == "请把证明材料交到服务台：医院开的转诊单。"


async def test_at_most_eight_answers_by_touch() -> None:
    """Without the card: the longest way to a filing."""
    script = [
        ("kind", "referred"),
        ("place", "310000"),
        ("begin", TODAY),
        ("end", date(2027, 5, 22)),
        ("confirm-telephone", "keep"),
        ("confirm", None),
    ]
    counter = await played(
        JOURNEY, [SELF, ("card", LIN), ("filings", INSURED), *script, ("submit", SENT), ("done", "finish")]
    )
    code = 1
    assert len(counter.pages) - 1 + code <= 8


@pytest.mark.parametrize(
    ("day", "later"), [(date(2026, 8, 31), date(2027, 2, 28)), (date(2026, 11, 22), date(2027, 5, 22))]
)
def test_months_end_where_a_month_has_no_such_day(day: date, later: date) -> None:
    assert months_later(day, 6) == later


def texts_of(value: object) -> list[str]:
    """Every text in pages and receipts."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts_of(part)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in texts_of(getattr(value, field.name))]
    return []


def offers(page: object) -> list[str]:
    assert isinstance(page, Done)
    return [action.value for action in page.actions]


async def test_a_copy_is_marked_and_there_are_three_at_most() -> None:
    """补打: each says which it is, and nothing is recorded again."""
    copies: list[tuple[str, object]] = [("done", "copy"), ("preview", "print"), ("print", PRINTED)]
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", SENT), *copies * 3, ("done", "finish")])
    assert counter.copies == [1, 2, 3]
    assert len(counter.acts) == 1
    pages = [page for page in counter.pages if page.name == "done"]
    assert [offers(page) for page in pages] == [["copy", "family", "finish"]] * 3 + [["family", "finish"]]


async def test_a_copy_is_seen_before_it_is_printed() -> None:
    """With its mark; who only wanted to look has used up none of the three."""
    looked: list[tuple[str, object]] = [("done", "copy"), ("preview", "no")]
    counter = await played(
        JOURNEY,
        [
            *TO_CONFIRM,
            ("submit", SENT),
            *looked * 4,
            ("done", "copy"),
            ("preview", "print"),
            ("print", PRINTED),
            ("done", "finish"),
        ],
    )
    preview = counter.page("preview")
    assert isinstance(preview, ReceiptPreview)
    assert "（补打第 1 次）" in repr(preview.sheet)
    assert counter.copies == [1]


async def test_what_did_not_come_out_is_tried_again_without_a_mark() -> None:
    failed = Paper(outcome="not printed", reason="no paper")
    counter = await played(
        JOURNEY, [*TO_CONFIRM, ("submit", (SENT, failed)), ("done", "print"), ("print", PRINTED), ("done", "finish")]
    )
    assert counter.copies == [0]
    pages = [page for page in counter.pages if isinstance(page, Done)]
    assert [offers(page) for page in pages] == [["print", "family", "finish"], ["copy", "family", "finish"]]
    assert "没有纸了" in pages[0].paper, "the cause, where it is one that somebody can see to"
    assert NO_PAPER in get_args(Hindrance)


async def test_what_may_have_come_out_is_printed_again_only_as_a_copy() -> None:
    unknown = Paper(outcome="unknown", reason="line lost during the job")
    counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", (SENT, unknown)), ("done", "finish")])
    done = counter.page("done")
    assert offers(done) == ["copy", "family", "finish"]
    assert isinstance(done, Done)
    assert not done.paper_is_there


@pytest.mark.parametrize(
    ("card", "words"),
    [("resident", "请取走身份证和凭条"), ("social-card", "请取走社保卡和凭条"), ("medical-code", "请取走凭条")],
)
async def test_the_end_reminds_of_what_was_shown(card: CardKind, words: str) -> None:
    script = [SELF, ("card", replace(LIN, card=card)), *TO_CONFIRM[2:], ("submit", SENT), ("done", "finish")]
    done = (await played(JOURNEY, script)).page("done")
    assert isinstance(done, Done)
    assert done.paper == words


async def test_of_another_insured_place_nothing_is_promised_or_said() -> None:
    """Its authority's text and its lock are not known here: papers follow, nothing is said of months."""
    elsewhere = INSURED.model_copy(update={"insured_place": "350100"})
    script = [
        SELF, ("card", LIN), ("filings", elsewhere), ("kind", "long-stay"), ("place", "350200"), ("begin", TODAY),
        ("confirm-telephone", "keep"), ("confirm", None), ("submit", SENT), ("done", "finish"),
    ]  # fmt: skip
    counter = await played(JOURNEY, script)
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert (act.proof, act.promise) == ("desk", None)
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert "个月" not in "".join(confirm.notes)
    assert "居住证" in counter.receipts[0].next_steps
