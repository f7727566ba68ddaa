"""异地就医备案 for another, in another's place, and where none is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

import pytest

from kiosk.contract.acts import FilingKind
from kiosk.contract.identity import Agent, Witness
from kiosk.contract.live import RemoteCareWithdrawal
from kiosk.contract.messages import DeclineCode, Matter
from kiosk.contract.queries import Filing, Filings
from kiosk.contract.remote_care import RemoteCareFiling2
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.journeys.earlier_filings import filed_already
from kiosk.journeys.remote_care_filing import remote_care_filing
from kiosk.manner import Back
from kiosk.pages import Choose, Confirm, Done, Notice, Row
from kiosk.receipts import Receipt
from kiosk.remote_care import load_remote_care
from tests.kiosk.journeys.test_remote_care_filing import texts_of
from tests.kiosk.people import CHEN, LIN
from tests.kiosk.scripted import played

RULES = load_remote_care()
JOURNEY = partial(remote_care_filing, rules=RULES)
INSURED = Filings(insured_place="350900", status="1", filings=(), telephone="138＊＊＊＊0000")
SENT = Matter(state="sent", number="YD20261122000123", text="等医保部门审核", at=datetime(2026, 11, 22, tzinfo=UTC))
TODAY = date(2026, 11, 22)
SELF, OTHER = ("for-whom", "self"), ("for-whom", "other")
FOR_LIN = Agent(person=CHEN.reference, relation="child", shown="id-card")
HERS = replace(LIN, agent=FOR_LIN)
WORD = Witness(worker="w01", reason="promised-by-telephone")
IN_FORCE = Filing(number="YD1", filing=FilingKind.LONG_STAY, place="350200", begin=date(2025, 3, 1), state="in force")
Script = list[tuple[str, object]]
FROM_KIND: Script = [("kind", "long-stay"), ("place", "310000"), ("begin", TODAY)]
TO_PROOF: Script = [OTHER, ("other", HERS), ("filings", INSURED), *FROM_KIND]
TO_THE_END: Script = [("confirm-telephone", "keep"), ("confirm", None), ("submit", SENT), ("done", "finish")]


def having(*filings: Filing) -> Filings:
    return INSURED.model_copy(update={"filings": filings})


async def recorded(script: Script) -> RemoteCareFiling2:
    (act,) = (await played(JOURNEY, script)).acts
    assert isinstance(act, RemoteCareFiling2)
    return act


async def test_whoever_acts_for_another_cannot_sign_the_other_s_promise() -> None:
    """The page says why, and asks for a worker's word or papers; without a word the question stands there again."""
    script = [*TO_PROOF, ("proof", "promise"), ("witness", None), ("proof", "promise"), ("witness", WORD), *TO_THE_END]
    counter = await played(JOURNEY, script)
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert (act.proof, act.witness, act.agent) == ("promise", WORD, FOR_LIN)
    proof = counter.page("proof")
    assert isinstance(proof, Choose)
    assert "承诺只能本人做，别人不能替" in texts_of([proof])
    act = await recorded([*TO_PROOF, ("proof", "desk"), *TO_THE_END])
    assert (act.proof, act.witness, act.promise) == ("desk", None, None)


async def test_without_a_worker_nobody_is_offered_another_s_promise() -> None:
    """Nobody at this machine could say that it was made: papers, and no word of a promise."""
    counter = await played(JOURNEY, [*TO_PROOF, ("proof", "desk"), *TO_THE_END], can_vouch=False)
    proof = counter.page("proof")
    assert isinstance(proof, Choose)
    assert [option.value for option in proof.options] == ["upload", "desk"]
    assert "承诺" not in " ".join(texts_of([proof]))


async def test_a_worker_is_asked_of_the_promise_whatever_else_they_vouched_for() -> None:
    """That somebody has no telephone says nothing of a promise."""
    seen = replace(HERS, check="witness", witness=Witness(worker="w01", reason="no-telephone"))
    script = [OTHER, ("other", seen), *TO_PROOF[2:], ("proof", "promise"), ("witness", WORD), *TO_THE_END]
    act = await recorded(script)
    assert (act.check, act.witness) == ("witness", WORD)


async def test_pages_and_paper_name_both_masked() -> None:
    """申请人 is the one for whom it is; whoever stands here is 代办人. No whole name, no whole number."""
    counter = await played(JOURNEY, [*TO_PROOF, ("proof", "desk"), *TO_THE_END])
    for of in (counter.page("confirm"), counter.page("done"), counter.receipts[0]):
        assert isinstance(of, Confirm | Done | Receipt)
        values = {row.label: row.value for row in of.rows}
        assert values["申请人"] == "林＊＊  尾号 002X"
        assert values["代办人"] == "陈＊＊  尾号 0014"
    said = " ".join(texts_of([*counter.receipts, counter.page("done")]))
    assert not any(word in said for word in (LIN.name, CHEN.name, LIN.number, CHEN.number))
    kind = counter.page("kind")
    assert (kind.question, kind.hint) == ("是哪种情况？", "给林＊＊办。急诊抢救不用先备案。")


async def test_a_change_takes_the_place_of_what_there_is() -> None:
    """变更: the authority's number goes along, and the page before it is recorded says what becomes of the old one."""
    to_kind: Script = [SELF, ("card", LIN), ("filings", having(IN_FORCE)), ("filed-already", "change")]
    counter = await played(JOURNEY, [*to_kind, *FROM_KIND, ("proof", "promise"), *TO_THE_END])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareFiling2)
    assert act.changes == "YD1"
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert "医保部门收下以后，原来那条备案就不算了。" in confirm.notes
    assert Row(label="代替原来的", value="福建省 厦门市") in confirm.rows


async def test_of_several_it_is_asked_which_and_the_same_place_may_stay() -> None:
    """Another time at the same place is a change too: nobody is told that there is one there."""
    other = IN_FORCE.model_copy(update={"number": "YD2", "place": "110000"})
    to_kind: Script = [SELF, ("card", LIN), ("filings", having(other, IN_FORCE)), ("filed-already", "change")]
    to_proof: Script = [("which-filing", "YD1"), ("kind", "long-stay"), ("place", "350200"), ("begin", TODAY)]
    assert (await recorded([*to_kind, *to_proof, ("proof", "promise"), *TO_THE_END])).changes == "YD1"


async def test_what_is_locked_by_its_place_s_rules_is_not_offered_to_be_changed() -> None:
    """And the page says from when on it can be."""
    young = IN_FORCE.model_copy(update={"begin": date(2026, 9, 1)})
    with pytest.raises(Left):
        await played(JOURNEY, [SELF, ("card", LIN), ("filings", having(young)), ("filed-already", "leave")])
    page = filed_already(LIN, having(young), RULES, TODAY)
    assert [option.value for option in page.options] == ["leave", "withdraw", "go-on"]
    assert "备案后 6 个月内不能改，2027年3月1日起可以改。" in page.body
    free = filed_already(LIN, having(IN_FORCE), RULES, TODAY)
    assert [option.value for option in free.options] == ["leave", "change", "withdraw", "go-on"]


async def test_where_nobody_has_to_file_it_is_said() -> None:
    to_place: Script = [SELF, ("card", LIN), ("filings", INSURED), ("kind", "temporary"), ("place", "350200")]
    with pytest.raises(Left):
        await played(JOURNEY, [*to_place, ("exempt", "leave")])
    to_dates: Script = [("exempt", "go-on"), ("begin", TODAY), ("end", date(2027, 5, 22))]
    counter = await played(JOURNEY, [*to_place, *to_dates, *TO_THE_END])
    assert counter.page("exempt").question == "去福建省厦门市看病，不用备案"


@pytest.mark.parametrize(
    ("status", "says"), [("2", "林＊＊的医保现在不是正常状态。"), (None, "没有查到林＊＊的基本医保。")]
)
async def test_of_another_who_is_not_insured_it_is_said_of_them(status: str | None, says: str) -> None:
    """In the size of the body: what is large is read across the hall."""
    before = INSURED.model_copy(update={"status": status})
    to_proof: Script = [OTHER, ("other", HERS), ("filings", before), ("not-insured", "go-on"), *FROM_KIND]
    counter = await played(JOURNEY, [*to_proof, ("proof", "desk"), *TO_THE_END])
    page = counter.page("not-insured")
    assert isinstance(page, Notice)
    assert page.question == "备案前，请先看一下"
    assert page.lines[0] == says


async def test_no_title_names_the_other() -> None:
    there: Script = [OTHER, ("other", HERS), ("filings", having(IN_FORCE)), ("filed-already", "go-on")]
    counter = await played(JOURNEY, [*there, *FROM_KIND, ("proof", "desk"), *TO_THE_END])
    assert not any("林" in page.question for page in counter.pages)
    page = counter.page("filed-already")
    assert (page.question, page.hint) == ("已有一条有效备案", "这是林＊＊的。")


async def test_offline_the_person_is_asked_by_the_own_telephone_whoever_stands_here() -> None:
    owed = replace(HERS, level=1, check="owed")
    to_proof: Script = [OTHER, ("other", owed), ("filings", Unavailable("offline")), *FROM_KIND, ("proof", "desk")]
    to_end: Script = [("telephone", "13800000000"), ("confirm", None), ("submit", None), ("done", "finish")]
    counter = await played(JOURNEY, [*to_proof, *to_end])
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert any("本人确认了再提交" in note for note in confirm.notes)
    assert any("12393" in note for note in confirm.notes)
    assert "本人确认了" in counter.receipts[0].next_steps


@pytest.mark.parametrize("reason", ["cancelled", "idle", "card"])
async def test_leaving_on_the_way_records_nothing(reason: Literal["cancelled", "idle", "card"]) -> None:
    """At the card, while a worker is asked, before it is confirmed."""
    gone = Left(reason)
    scripts: tuple[Script, ...] = (
        [OTHER, ("other", gone)],
        [*TO_PROOF, ("proof", "promise"), ("witness", gone)],
        [*TO_PROOF, ("proof", "desk"), ("confirm-telephone", "keep"), ("confirm", gone)],
    )
    for script in scripts:
        with pytest.raises(Left):
            await played(JOURNEY, script)


async def test_what_the_authority_declines_is_told_with_its_words() -> None:
    declined = Matter(state="declined", number=None, text="没有在正常缴费", at=datetime(2026, 11, 22, tzinfo=UTC))
    script = [*TO_PROOF, ("proof", "desk"), *TO_THE_END[:2], ("submit", declined), ("done", "finish")]
    done = (await played(JOURNEY, script)).page("done")
    assert isinstance(done, Done)
    assert done.question == "没有通过"
    assert "没有在正常缴费。" in done.lines


TO_WITHDRAWAL: Script = [
    SELF, ("card", LIN), ("filings", having(IN_FORCE)), ("filed-already", "withdraw"), ("card", LIN),
    ("confirm-withdrawal", None),
]  # fmt: skip
GONE = Matter(state="decided", number="YD1", text="这条备案已经撤销", at=datetime(2026, 11, 22, tzinfo=UTC))


async def test_a_withdrawal_is_carried_out_at_once() -> None:
    """撤销: one answer; the receipt says which it was, and only what the authority says of it."""
    counter = await played(JOURNEY, [*TO_WITHDRAWAL, ("submit", GONE), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareWithdrawal)
    assert (act.entry, act.check, act.person) == ("YD1", "code", LIN.reference)
    done = counter.page("done")
    assert isinstance(done, Done)
    assert (done.question, done.lines) == ("已办结", ("这条备案已经撤销。",))
    assert done.next_steps == ("以后要去那边看病，先来备案。",)
    assert Row(label="取消的受理号", value="YD1") in counter.receipts[0].rows


async def test_for_another_it_is_the_other_s_filing_and_code() -> None:
    script = [OTHER, ("other", HERS), ("filings", having(IN_FORCE)), ("filed-already", "withdraw"), ("other", HERS)]
    counter = await played(JOURNEY, [*script, ("confirm-withdrawal", None), ("submit", GONE), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, RemoteCareWithdrawal)
    assert (act.person, act.agent) == (LIN.reference, FOR_LIN)


async def test_what_is_not_known_is_asked_again_and_never_called_done() -> None:
    """An unsure one has the hotline, and one more question; nothing is submitted twice."""
    unsure: Script = [("submit", None), ("done", "ask-again"), ("ask again", None), ("done", "ask-again")]
    counter = await played(JOURNEY, [*TO_WITHDRAWAL, *unsure, ("ask again", GONE), ("done", "finish")])
    first, second, third = (page for page in counter.pages if isinstance(page, Done))
    for page in (first, second):
        assert page.question == "还不确定有没有办成"
        assert "12393" in page.lines[0]
        assert not any(word in text for text in texts_of([page]) for word in ("办结", "通过", "有效"))
    assert third.question == "已办结"
    assert [page.paper for page in (first, second, third)] == [
        "请取走身份证和凭条",
        "请取走身份证和凭条",
        "刚才那张凭条还不知道结果，可以补打一张",
    ]
    assert "ask-again" not in [action.value for action in third.actions]
    assert len(counter.acts) == 1


@pytest.mark.parametrize("at", [4, 5])
async def test_where_central_is_away_nothing_is_withdrawn(at: int) -> None:
    """Before it is confirmed or at the moment: reception says so, and no act is left behind."""
    script = [*TO_WITHDRAWAL[:4], ("card", Unavailable("offline"))]
    if at == 5:
        script = [*TO_WITHDRAWAL, ("submit", Unavailable("offline"))]
    with pytest.raises(Unavailable):
        await played(JOURNEY, script)


@pytest.mark.parametrize(
    ("code", "text", "line"),
    [
        ("authority", "没有这条备案", "没有这条备案。"),
        ("too-late", "没有办成：超过了办理时间。要办，请再来一次。", "没有办成：超过了办理时间。要办，请再来一次。"),
        (None, None, "没有取消成，备案还在。"),
    ],
)
async def test_a_withdrawal_that_is_declined_is_told_as_such(
    code: DeclineCode | None, text: str | None, line: str
) -> None:
    """Whoever declined it examined nothing; page and paper name who can be asked."""
    declined = Matter(state="declined", code=code, text=text, at=datetime(2026, 11, 22, tzinfo=UTC))
    counter = await played(JOURNEY, [*TO_WITHDRAWAL, ("submit", declined), ("done", "finish")])
    done = counter.page("done")
    assert isinstance(done, Done)
    ask = "不明白的，打 12393 问一问，或者到服务台问。"
    assert (done.question, done.lines, done.next_steps) == ("没有办成", (line,), (ask,))
    slip = counter.receipts[0]
    assert (slip.state, slip.next_steps) == ("没有办成", line + ask)


async def test_a_withdrawal_without_words_is_told_by_what_was_done() -> None:
    gone = GONE.model_copy(update={"text": None})
    counter = await played(JOURNEY, [*TO_WITHDRAWAL, ("submit", gone), ("done", "finish")])
    done = counter.page("done")
    assert isinstance(done, Done)
    assert done.lines == ("备案已经取消了。",)


async def test_whoever_goes_back_to_for_whom_it_is_may_show_somebody_else() -> None:
    """The one who was shown is kept for any question after that, and for none before."""
    asked_again = ("kind", "long-stay")
    counter = await played(
        JOURNEY, [*TO_PROOF[:4], ("place", Back()), asked_again, *TO_PROOF[4:], ("proof", "desk"), *TO_THE_END]
    )
    assert counter.forgot_other == 0
    begin = [*TO_PROOF[:3], ("kind", Back())]
    counter = await played(JOURNEY, [*begin, *TO_PROOF, ("proof", "desk"), *TO_THE_END])
    assert counter.forgot_other == 1
