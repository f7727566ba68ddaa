"""社保卡临时挂失与解挂 as its script says: live only, its end on page and paper, and never a word that nobody said."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import partial

import pytest

from kiosk.catalog import load_catalog
from kiosk.contract.beforehand import SocialCard, SocialCards
from kiosk.contract.live import SocialCardLoss
from kiosk.contract.messages import Matter
from kiosk.desk import Left, Paper
from kiosk.errors import Unavailable
from kiosk.journeys.card_lost import card_lost, no_card, not_in_use, several
from kiosk.manner import Back
from kiosk.pages import Confirm, Done, Notice
from tests.kiosk.hall import texts_of
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, PRINTED, ScriptedCounter, played

ITEM = load_catalog().item("card-lost")
JOURNEY = partial(card_lost, item=ITEM)
CARD = SocialCard(ends="0028", state="in use", days=7, bank="宁德示范银行", bank_telephone="05930000000")
IN_USE = SocialCards(cards=(CARD,))
STOPPED = SocialCards(cards=(CARD.model_copy(update={"state": "stopped", "until": date(2026, 11, 29)}),))
DONE = Matter(
    state="decided",
    number="JS202611220000000001",
    text="这张卡的社保部分停用了",
    at=datetime(2026, 11, 22, tzinfo=UTC),
    until=date(2026, 11, 29),
)
LIFTED = Matter(state="decided", number="JS2", text="这张卡恢复使用了", at=datetime(2026, 11, 22, tzinfo=UTC))
DECLINED = Matter(state="declined", text="没有查到您在用的社保卡", at=datetime(2026, 11, 22, tzinfo=UTC))
LATE = Matter(
    state="declined", text="没有办成：超过了办理时间。要办，请再来一次。", at=datetime(2026, 11, 22, tzinfo=UTC)
)

TO_CONFIRM = [("card", LIN), ("social-cards", IN_USE), ("confirm", None)]
ONLINE = [*TO_CONFIRM, ("submit", DONE), ("done", "finish")]
UNSURE = [*TO_CONFIRM, ("submit", None), ("done", "finish")]


def said(counter: ScriptedCounter) -> str:
    """What stands on the last page and on paper."""
    return " ".join(texts_of([counter.page("done"), *counter.receipts]))


async def test_a_card_is_stopped() -> None:
    """Its last day, the bank's part with its number, and that the telephone's code goes on."""
    counter = await played(JOURNEY, ONLINE)
    (act,) = counter.acts
    assert isinstance(act, SocialCardLoss)
    assert (act.wish, act.check, act.shown, act.person) == ("report", "code", "id-card", LIN.reference)
    done, (slip,) = counter.page("done"), counter.receipts
    assert isinstance(done, Done)
    assert (done.question, done.lines) == ("已办结", ("这张卡的社保部分停用了。",))
    assert (slip.sort, slip.state) == ("办理结果", "已办结")
    for shown in (done.rows, slip.rows):
        assert ("停用到", "2026年11月29日") in [(row.label, row.value) for row in shown]
    for words in (" ".join(done.next_steps), slip.next_steps):
        assert "银行那部分不在这里办，请打宁德示范银行 05930000000。" in words
        assert "停用期间，用手机医保码照样看病。" in words


async def test_the_family_reads_until_when_and_whom_to_call() -> None:
    """In large print; no more of the person than on the slip."""
    counter = await played(JOURNEY, [*ONLINE[:-1], ("done", "family"), ("print", PRINTED), ("done", "finish")])
    own, theirs = counter.receipts
    assert (theirs.large, theirs.rows, theirs.next_steps) == (True, own.rows, own.next_steps)
    assert LIN.name not in repr(theirs)


async def test_before_it_is_done_the_person_is_told_what_it_means() -> None:
    counter = await played(JOURNEY, ONLINE)
    confirm = counter.page("confirm")
    assert isinstance(confirm, Confirm)
    assert confirm.notes == (
        "停用 7 天，到期卡会自己恢复。",
        "停用期间，用手机医保码照样看病。",
        "银行那部分不在这里办，请打宁德示范银行 05930000000。",
    )


async def test_a_card_that_was_found_is_used_again() -> None:
    script = [("card", LIN), ("social-cards", STOPPED), ("stopped-already", "lift"), ("confirm", None)]
    counter = await played(JOURNEY, [*script, ("submit", LIFTED), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, SocialCardLoss)
    assert act.wish == "lift"
    assert "停用到" not in said(counter)
    assert "医保码照样看病" not in said(counter)


async def test_a_card_that_is_stopped_says_until_when() -> None:
    """And nothing is recorded for whoever leaves it so."""
    counter = ScriptedCounter([("card", LIN), ("social-cards", STOPPED), ("stopped-already", "leave")])
    with pytest.raises(Left):
        await played(JOURNEY, counter.script)
    script = [("card", LIN), ("social-cards", STOPPED), ("stopped-already", "lift"), ("confirm", None)]
    played_out = await played(JOURNEY, [*script, ("submit", LIFTED), ("done", "finish")])
    page = played_out.page("stopped-already")
    assert isinstance(page, Notice)
    assert page.lines[0] == "到 2026年11月29日 为止，之后卡会自己恢复。"


ENDED = CARD.model_copy(update={"state": "ended", "ends": "0011"})


@pytest.mark.parametrize(
    ("cards", "page"),
    [
        ((), "no-card"),
        ((ENDED,), "not-in-use"),
        ((ENDED, ENDED), "not-in-use"),
        ((CARD, CARD.model_copy(update={"ends": "0036"})), "several-cards"),
        ((STOPPED.cards[0], ENDED, CARD), "several-cards"),
    ],
)
async def test_nothing_to_stop_or_nobody_knows_which(cards: tuple[SocialCard, ...], page: str) -> None:
    """Nothing is recorded. A card that is not in use is not called unknown; of several the act would name none."""
    with pytest.raises(Left):
        await played(JOURNEY, [("card", LIN), ("social-cards", SocialCards(cards=cards)), (page, "leave")])


async def test_a_card_that_ended_does_not_stand_in_the_way() -> None:
    cards = SocialCards(cards=(ENDED, CARD))
    counter = await played(JOURNEY, [("card", LIN), ("social-cards", cards), *ONLINE[2:]])
    assert "尾号 0028" in said(counter)


def test_each_way_out_is_a_telephone() -> None:
    """What is said of a card that is not in use is true of one that was lost, given back, or never activated."""
    for page in (no_card(ITEM), not_in_use(), several(ITEM)):
        assert re.search("打 12333", "".join(page.lines))
        assert "银行" in "".join(page.lines)
    assert "没有查到" not in "".join(texts_of(not_in_use()))


async def test_not_done() -> None:
    """What the authority says, and whom to call; never 没有通过, for nobody examined anything."""
    for matter in (DECLINED, LATE):
        counter = await played(JOURNEY, [*TO_CONFIRM, ("submit", matter), ("done", "finish")])
        done = counter.page("done")
        assert isinstance(done, Done)
        assert (done.question, counter.receipts[0].state) == ("没有办成", "没有办成")
        assert "12333" in " ".join(done.next_steps)
        assert "没有通过" not in said(counter)
        assert "12333" in counter.receipts[0].next_steps


async def test_not_known() -> None:
    """The page and the paper say so plainly, with the telephones, and none of the authority's four words."""
    counter = await played(JOURNEY, UNSURE)
    done, (slip,) = counter.page("done"), counter.receipts
    assert isinstance(done, Done)
    assert (done.question, slip.state) == ("还不确定有没有办成", "还不确定有没有办成")
    assert done.actions[0].label == "再问一次"
    for words in (" ".join((*done.lines, *done.next_steps)), slip.next_steps):
        for part in ("没有回音", "先不要再办一次", "12333", "05930000000", "我的办件"):
            assert part in words
    for word in ("受理", "办结", "通过", "有效"):
        assert word not in said(counter)


async def test_whom_to_call_fits_what_was_wanted() -> None:
    """Whoever wants a card used again is not told to have it stopped; a bank that is not known is any bank."""
    lift = [("card", LIN), ("social-cards", STOPPED), ("stopped-already", "lift"), ("confirm", None)]
    counter = await played(JOURNEY, [*lift, ("submit", None), ("done", "finish")])
    assert "停用" not in said(counter).replace("停用到", "").replace("停用着", "")
    assert "12333" in said(counter)
    nameless = SocialCards(cards=(SocialCard(ends="0028", state="in use"),))
    script = [("card", LIN), ("social-cards", nameless), ("confirm", None), ("submit", None), ("done", "finish")]
    words = said(await played(JOURNEY, script))
    assert "银行那部分，现在就打发卡银行的客服电话停用。" in words
    assert "不在这里办" not in words


async def test_asked_again_until_it_is_known() -> None:
    """One act, however often it is asked; the paper that said unsure can be printed anew, marked as a copy."""
    script = [*UNSURE[:-1], ("done", "again"), ("ask again", None), ("done", "again"), ("ask again", DONE)]
    counter = await played(
        JOURNEY, [*script, ("done", "copy"), ("preview", "print"), ("print", PRINTED), ("done", "finish")]
    )
    assert len(counter.acts) == 1
    assert [slip.state for slip in counter.receipts] == ["还不确定有没有办成", "已办结"]
    assert counter.copies == [1]
    changed = [page for page in counter.pages if isinstance(page, Done) and page.question == "已办结"]
    assert changed[0].paper == "刚才那张凭条还不知道结果，可以补打一张"
    assert changed[-1].actions[-1].value == "finish"


@pytest.mark.parametrize("at", ["card", "social-cards", "submit"])
async def test_without_central_nothing_is_recorded(at: str) -> None:
    """Before the card, at the question, or in the last moment."""
    place = next(place for place, (name, _answer) in enumerate(ONLINE) if name == at)
    counter = ScriptedCounter([*ONLINE[:place], (at, Unavailable("offline"))])
    with pytest.raises(Unavailable):
        await played(JOURNEY, counter.script)
    assert counter.acts == []


@pytest.mark.parametrize("reason", ["cancelled", "idle", "card"])
@pytest.mark.parametrize("at", ["card", "confirm"])
async def test_whoever_leaves_has_done_nothing(at: str, reason: str) -> None:
    place = next(place for place, (name, _answer) in enumerate(TO_CONFIRM) if name == at)
    counter = ScriptedCounter([*TO_CONFIRM[:place], (at, Left(reason))])  # type: ignore[arg-type] # one of the three
    with pytest.raises(Left):
        await played(JOURNEY, counter.script)
    assert counter.acts == []


async def test_back_from_the_confirmation_leaves() -> None:
    with pytest.raises(Left):
        await played(JOURNEY, [*TO_CONFIRM[:2], ("confirm", Back())])


@pytest.mark.parametrize("reason", ["no printer", "no paper", "not there"])
async def test_without_paper_there_are_number_and_code(reason: str) -> None:
    script = [*TO_CONFIRM, ("submit", (DONE, Paper(outcome="not printed", reason=reason))), ("done", "finish")]
    done = (await played(JOURNEY, script)).page("done")
    assert isinstance(done, Done)
    assert done.qr
    assert "K001-26-000317-7Q4X" in done.qr_caption


async def test_another_language_on_the_last_page_does_nothing_again() -> None:
    counter = await played(JOURNEY, [*ONLINE[:-1], ("done", ENGLISH), ("done", "finish")])
    assert len(counter.acts) == 1


async def test_surname_and_the_last_four_alone_are_on_paper() -> None:
    for script in (ONLINE, UNSURE):
        printed = " ".join(texts_of((await played(JOURNEY, script)).receipts))
        assert LIN.name not in printed
        assert LIN.number not in printed
        assert "林＊＊  尾号 002X" in printed
