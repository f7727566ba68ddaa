"""登记、申请 from the catalogue, as their scripts say: each item, whatever authority, network and printer do."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar, cast

import pytest

from kiosk import texts
from kiosk.catalog import Catalog, load_catalog
from kiosk.contract.acts import FieldAnswer
from kiosk.contract.filing_basis import FilingBasis, InsuredRow, OpenFiling
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.identity import Agent, PersonReference, Witness
from kiosk.contract.messages import Matter
from kiosk.contract.records import decode_act, encode_act
from kiosk.desk import NO_PAPER, NO_PRINTER, Left, Paper
from kiosk.errors import Unavailable
from kiosk.items import FILING, Item
from kiosk.journeys.filing import filing
from kiosk.manner import Back
from kiosk.pages import Choose, Confirm, Digits, Done, Notice, Page
from kiosk.serving import serving
from kiosk.settings import Services, Site
from kiosk.station import load_station
from kiosk.tables import CATALOG, CatalogError
from kiosk.tour import PERSONS, ScriptedPerson, way_of
from kiosk.visit import Journey, Visit
from tests.kiosk.people import LIN, LIN_OWED
from tests.kiosk.scripted import ENGLISH, NOW, PRINTED, ScriptedCounter, played

A = TypeVar("A")
CATALOGUE = load_catalog()
FILINGS = [item for item in CATALOGUE.items if item.journey == FILING]
AT = datetime(2026, 11, 22, tzinfo=UTC)
CLEAR = FilingBasis(rows=(), open=(), telephone="138＊＊＊＊0000")
INSURED = FilingBasis(
    rows=(InsuredRow(place="350900", insutype="390", status="1", by_employer=False),),
    open=(),
    telephone="138＊＊＊＊0000",
)
SENT = Matter(state="sent", number="MT35090020261122000123", text="等宁德市医保部门审核，办理期限到12月12日", at=AT)
DECLINED = Matter(state="declined", text="在别的地方已经有医保了，不能重复参保。", at=AT)
PAPERS = Matter(state="papers wanted", number="MT1", text="诊断证明要医院盖章，请在12月22日前补齐", at=AT)
NOT_CONFIRMED = Matter(
    state="declined", code="not-confirmed", text="没有您留的手机号，没法问您本人，这件事没有提交。请再办一次。", at=AT
)
DECIDED = Matter(state="decided", number="MT1", text="登记好了，从下个月开始交", at=AT)
CHILD = PersonReference(number="33990220261101122X", name="沈小满")
FORBIDDEN = ("受理", "办结", "通过", "有效")
ILLNESS = (
    "慢特病",
    "慢病",
    "高血压",
    "糖尿病",
    "心脏",
    "中风",
    "肾",
    "肿瘤",
    "pressure",
    "diabetes",
    "illness",
    "disease",
)
Script = list[tuple[str, object]]

ANSWERS: dict[str, Script] = {
    "self-paid": [("field-scheme", "both"), ("field-level", "p60")],
    "rural-pension": [("field-level", "y500")],
    "resident-enrolment": [],
    "chronic": [("field-scheme", "two"), ("field-two", "hypertension")],
}
"""Item → the answers to its fields, after the place."""
BACKED: dict[str, Script] = {"chronic": [("backing", "desk")]}


def journey(code: str, catalog: Catalog = CATALOGUE) -> Journey:
    item = catalog.item(code)
    assert item.filing is not None
    return partial(filing, item=item, rules=item.filing, places=("350900", "350200"))


def to_confirm(code: str, *, offline: bool = False) -> Script:
    """A person who files for themselves, up to the confirmation."""
    first: Script = [("field-who", "adult")] if code == "resident-enrolment" else []
    basis = INSURED if code == "chronic" else CLEAR
    return [
        *first,
        *for_whom(code, "self"),
        ("card", LIN_OWED if offline else LIN),
        ("insured-place", "350900"),
        ("filing-basis", Unavailable("offline") if offline else basis),
        *ANSWERS[code],
        *BACKED.get(code, []),
        *([("telephone", "13800000000")] if offline else [("confirm-telephone", "keep")]),
        ("confirm", None),
    ]


def for_whom(code: str, whom: str) -> Script:
    """The first question of what may be done for another."""
    rules = CATALOGUE.item(code).filing
    return [("for-whom", whom)] if rules is not None and rules.for_another else []


FORTUNES: dict[str, object] = {
    "online": SENT,
    "offline": None,
    "declined": DECLINED,
    "not confirmed": NOT_CONFIRMED,
    "papers wanted": PAPERS,
    "decided": DECIDED,
    "no printer": (SENT, Paper(outcome="not printed", reason=NO_PRINTER)),
    "paper out": (SENT, Paper(outcome="not printed", reason=NO_PAPER)),
    "line lost": (None, Paper(outcome="unknown", reason="line lost")),
}


async def filed(code: str, fortune: str = "online") -> ScriptedCounter:
    script: Script = [
        *to_confirm(code, offline=fortune == "offline"),
        ("submit", FORTUNES[fortune]),
        ("done", "finish"),
    ]
    return await played(journey(code), script, can_print=fortune != "no printer")


# ---- Every item, whatever happens ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fortune", FORTUNES)
@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_no_item_and_no_fortune_leads_to_a_dead_end(item: Item, fortune: str) -> None:
    """The last page says what became of it in the one set of words, gives the number and what stands in for paper."""
    counter = await filed(item.code, fortune)
    done = counter.page("done")
    assert isinstance(done, Done)
    says = {
        "declined": "没有通过", "papers wanted": "需要补材料", "decided": "已办结", "offline": "已登记，还没有提交",
        "line lost": "已登记，还没有提交", "not confirmed": "没有提交",
    }  # fmt: skip
    assert done.question == says.get(fortune, "已提交，等审核")
    looks = {"decided": "done", "declined": "trouble", "not confirmed": "trouble", "papers wanted": "trouble"}
    assert done.mood == looks.get(fortune, "wait")
    assert "K001-26-000317-7Q4X" in [row.value for row in done.rows]
    assert done.actions[-1].value == "finish"
    assert bool(done.qr) == (fortune in ("no printer", "paper out", "line lost"))
    if fortune in ("declined", "papers wanted", "decided", "online"):
        matter = cast(Matter, FORTUNES[fortune])
        assert (matter.text or "").rstrip("。") in done.lines[0], "the authority's words"
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.item, act.person, act.insured_place) == (item.code, LIN.reference, "350900")
    assert decode_act(act.kind, act.version, encode_act(act)) == act


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_what_is_kept_never_sounds_accepted(item: Item) -> None:
    """受理, 办结, 通过 and 有效 come from the authority alone; the urgent way is shown before it is confirmed."""
    assert item.filing is not None
    for fortune in ("offline", "line lost"):
        counter = await filed(item.code, fortune)
        after = [text for kept in (counter.page("done"), *counter.receipts) for text in texts_of(kept)]
        assert [text for text in after for word in FORBIDDEN if word in text] == []
        assert counter.receipts[0].sort == "登记凭条"
        assert item.filing.urgent in cast(Done, counter.page("done")).next_steps
    offline = await filed(item.code, "offline")
    confirm = cast(Confirm, offline.page("confirm"))
    assert item.filing.urgent in confirm.notes
    assert confirm.action == "没错，登记"
    assert [text for page in offline.pages for text in texts_of(page) for word in FORBIDDEN if word in text] == []
    (act,) = offline.acts
    assert isinstance(act, ServiceFiling)
    assert (act.check, act.telephone) == ("owed", "13800000000")


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_what_central_declined_itself_never_sounds_decided(item: Item) -> None:
    """No authority had it: page, receipt and the family's say that it was not submitted; nobody is sent to a hotline
    that knows nothing of it, and the urgent way stands there."""
    script = [*to_confirm(item.code, offline=True), ("submit", NOT_CONFIRMED), ("done", "family"), ("print", PRINTED)]
    counter = await played(journey(item.code), [*script, ("done", "finish")])
    done, (own, family) = cast(Done, counter.page("done")), counter.receipts
    assert [text for kept in (done, own, family) for text in texts_of(kept) for word in FORBIDDEN if word in text] == []
    assert (done.question, own.state, family.state) == ("没有提交",) * 3
    assert own.sort == "登记凭条"
    assert item.filing is not None
    assert list(done.next_steps) == ["不明白的，请到服务台问一下，看还能怎么办。", item.filing.urgent]


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_no_illness_no_full_name_and_no_full_number_on_paper(item: Item) -> None:
    """In whatever language, and not on the last page either."""
    secret = (LIN.name, LIN.number, "13800000000", "138 0000 0000", *ILLNESS)
    for fortune in ("online", "offline", "papers wanted"):
        counter = await filed(item.code, fortune)
        said = [*texts_of(counter.receipts), *texts_of(replace(cast(Done, counter.page("done")), lines=()))]
        assert [text for text in said for word in secret if word in text] == []
        assert any("林＊＊" in text for text in said)


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_at_most_eight_answers_by_touch(item: Item) -> None:
    """After the card: with the code, without the last page."""
    counter = await played(journey(item.code), [*to_confirm(item.code), ("submit", SENT), ("done", "finish")])
    code = 1
    assert len(counter.pages) - 1 + code <= 8


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_whoever_leaves_before_the_end_has_recorded_nothing(item: Item) -> None:
    """Cancelled, idle, or the card taken, at any page."""
    whole = to_confirm(item.code)
    for end, (name, _answer) in enumerate(whole):
        reasons: tuple[Literal["cancelled", "idle", "card"], ...] = ("cancelled", "idle", "card")
        for reason in reasons:
            counter = ScriptedCounter([*whole[:end], (name, Left(reason))])
            with pytest.raises(Left):
                await Visit(counter, now=NOW, change=lambda _anew: None).run(journey(item.code))
            assert counter.acts == []


# ---- What is known before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "rows", "page", "words", "goes_on"),
    [
        ("self-paid", [("350900", "110", True)], "found-by-employer", "单位正在给您交社保", True),
        ("self-paid", [("350200", "110", False)], "found-elsewhere", "厦门市", True),
        ("rural-pension", [("350200", "170", False)], "found-has-one", "厦门市", False),
        ("rural-pension", [("350900", "110", True)], "found-employees", "职工养老", True),
        ("resident-enrolment", [("350900", "310", True)], "found-has-one", "不能重复参保", False),
        ("resident-enrolment", [("350200", "390", False)], "found-elsewhere", "厦门市", True),
        ("chronic", [("350200", "310", True)], "found-not-insured", "没有查到", True),
        ("chronic", [], "found-not-insured", "宁德市", True),
    ],
)
async def test_what_speaks_against_it_is_told_before_anything_is_asked(
    code: str, rows: list[tuple[str, str, bool]], page: str, words: str, goes_on: bool
) -> None:
    """Insured already, insured elsewhere, not insured: an honest page; whether it is granted says the authority."""
    basis = FilingBasis(
        rows=tuple(
            InsuredRow(place=place, insutype=insutype, status="1", by_employer=unit) for place, insutype, unit in rows
        ),
        open=(),
    )
    start = [entry for entry in to_confirm(code) if entry[0] in ("for-whom", "card", "field-who", "insured-place")]
    counter = ScriptedCounter([])
    script: Script = [*start, ("filing-basis", basis), (page, "leave")]
    with pytest.raises(Left):
        counter = await played(journey(code), script)
    assert counter.acts == []
    rest = [
        entry
        for entry in to_confirm(code)
        if entry not in start and entry[0] not in ("filing-basis", "confirm-telephone")
    ]
    if goes_on:
        tail: Script = [
            *rest[:-1],
            ("telephone", "13800000000"),
            ("confirm", None),
            ("submit", SENT),
            ("done", "finish"),
        ]
        counter = await played(journey(code), [*script[:-1], (page, "go-on"), *tail])
        assert len(counter.acts) == 1
        notice = counter.page(page)
        assert isinstance(notice, Notice)
        assert words in "".join((notice.question, *notice.lines))


async def test_rows_that_ended_say_nothing() -> None:
    ended = FilingBasis(rows=(InsuredRow(place="350900", insutype="110", status="4", by_employer=True),), open=())
    script = [entry if entry[0] != "filing-basis" else ("filing-basis", ended) for entry in to_confirm("rural-pension")]
    at = [name for name, _answer in script].index("confirm-telephone")
    script[at] = ("telephone", "13800000000")
    await played(journey("rural-pension"), [*script, ("submit", SENT), ("done", "finish")])


async def test_what_lies_there_already_is_told_first() -> None:
    lying = INSURED.model_copy(update={"open": (OpenFiling(number="K001-26-000001-AAAA", at=AT, state="sent"),)})
    script = to_confirm("chronic")
    script[3] = ("filing-basis", lying)
    with pytest.raises(Left):
        await played(journey("chronic"), [*script[:4], ("filed-already", "leave")])
    counter = await played(
        journey("chronic"), [*script[:4], ("filed-already", "go-on"), *script[4:], ("submit", SENT), ("done", "finish")]
    )
    notice = cast(Notice, counter.page("filed-already"))
    assert notice.lines[0] == "2026年11月22日登记的，已提交，等审核。"
    assert "K001-26-000001-AAAA" in notice.lines[1]


async def test_the_insured_place_is_asked_and_another_is_no_dead_end() -> None:
    start = to_confirm("rural-pension")
    elsewhere: Script = [*start[:2], ("insured-place", "elsewhere")]
    with pytest.raises(Left):
        await played(journey("rural-pension"), [*elsewhere, ("not-from-here", "leave")])
    script: Script = [*elsewhere, ("not-from-here", "choose"), *start[2:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("rural-pension"), script)
    assert "12333" in "".join(cast(Notice, counter.page("not-from-here")).lines)


# ---- Fields, papers, a child -----------------------------------------------------------------------------------------


async def test_a_field_is_asked_only_where_it_is_called_for() -> None:
    """Medical insurance alone has no level; the levels are those of the place."""
    start = to_confirm("self-paid")
    script: Script = [*start[:3], ("field-scheme", "medical"), *start[5:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("self-paid"), script)
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert act.answers == (FieldAnswer(field="scheme", field_kind="choice", value="medical"),)
    assert act.backing == "none"


async def test_back_from_a_level_asks_what_it_belongs_to() -> None:
    start = to_confirm("self-paid")
    script: Script = [*start[:4], ("field-level", Back()), *start[3:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("self-paid"), script)
    assert len(counter.acts) == 1


async def test_the_two_kinds_of_chronic_diseases_are_kept_apart() -> None:
    """高血压 and 糖尿病 first, and what was chosen stands on the page where it is checked, not on the last one."""
    start = to_confirm("chronic")
    two = await played(journey("chronic"), [*start, ("submit", SENT), ("done", "finish")])
    other: Script = [("field-scheme", "chronic"), ("field-disease", "hypertension")]
    chronic = await played(journey("chronic"), [*start[:4], *other, *start[6:], ("submit", SENT), ("done", "finish")])
    pages = [cast("Choose[str]", two.page("field-two")), cast("Choose[str]", chronic.page("field-disease"))]
    assert [[option.label for option in page.options][:2] for page in pages] == [["高血压", "糖尿病"]] * 2
    assert len(pages[0].options) == 2
    answered = [
        [(answer.field, answer.value) for answer in cast(ServiceFiling, its.acts[0]).answers] for its in (two, chronic)
    ]
    assert answered == [
        [("scheme", "two"), ("two", "hypertension")], [("scheme", "chronic"), ("disease", "hypertension")],
    ]  # fmt: skip
    assert "高血压" in [row.value for row in cast(Confirm, two.page("confirm")).rows]


async def test_papers_are_a_list_to_tick_off() -> None:
    """On the receipt as long as they are to be brought."""
    counter = await filed("chronic")
    (slip,) = counter.receipts
    assert slip.service == "医保待遇认定"
    (part,) = slip.parts
    assert (part.title, part.mark) == ("要带的东西", "□ ")
    assert part.lines == ("诊断证明：医院开的，盖了章", "门诊病历或出院小结：最近一年的", "检查报告：最近做的")
    assert counter.page("field-scheme").hint == "也可以在医院医保办直接办。", "said before the way is chosen"
    assert (await filed("chronic", "declined")).receipts[0].parts == ()


async def test_a_promise_stands_for_papers_where_the_place_takes_one() -> None:
    """Its version and hash are recorded; whose papers are the proof of who they are cannot promise."""
    rules = CATALOGUE.item("resident-enrolment").filing
    assert rules is not None
    assert rules.promise is not None
    start = to_confirm("resident-enrolment")
    student: Script = [("field-who", "student"), *start[1:4], ("backing", "promise"), *start[4:]]
    counter = await played(journey("resident-enrolment"), [*student, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert act.promise is not None
    assert (act.promise.version, act.promise.sha256) == (rules.promise.version, rules.promise.sha256)
    asked = cast("Choose[str]", counter.page("backing"))
    assert asked.question == "有学生证或在读证明吗？"
    assert [option.value for option in asked.options] == ["promise", "upload", "desk"]
    assert counter.receipts[0].parts == ()


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_the_family_has_a_slip_of_its_own(item: Item) -> None:
    """Large, with what is to be brought, and as little of an illness as the receipt itself."""
    script: Script = [*to_confirm(item.code), ("submit", SENT), ("done", "family"), ("print", PRINTED)]
    counter = await played(journey(item.code), [*script, ("done", "finish")])
    own, theirs = counter.receipts
    assert (theirs.large, theirs.state, theirs.parts) == (True, "已提交，等审核", own.parts)
    secret = (LIN.name, LIN.number, *ILLNESS)
    assert [text for text in texts_of(theirs) for word in secret if word in text] == []


FOR_A_CHILD: Script = [
    ("field-who", "newborn"),
    ("card", LIN),
    ("child-number", CHILD.number),
    ("child-name", CHILD.name),
    ("insured-place", "350900"),
    ("filing-basis", CLEAR),
    ("backing", "desk"),
    ("confirm-telephone", "keep"),
    ("confirm", None),
    ("submit", SENT),
    ("done", "finish"),
]


async def test_a_guardian_enrols_a_newborn() -> None:
    """The child is the person, the guardian the agent; the number that was typed is checked whole, printed masked."""
    counter = await played(journey("resident-enrolment"), FOR_A_CHILD)
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.person, act.shown, act.backing) == (CHILD, "papers", "desk")
    assert act.agent == Agent(person=LIN.reference, relation="parent", shown="id-card")
    checked = [row.value for row in cast(Confirm, counter.page("confirm")).rows]
    assert {"沈小满", "3399 0220 2611 01122X"} <= set(checked)
    slip = [row.value for row in counter.receipts[0].rows]
    assert slip[:2] == ["沈＊＊  尾号 122X", "林＊＊  尾号 002X"]
    assert CHILD.number not in "".join(texts_of(counter.receipts))
    assert "登记好了还要缴费才能报销。怎么交，看“交居民医保”。" in cast(Done, counter.page("done")).next_steps
    assert [option.value for option in cast("Choose[str]", counter.page("backing")).options] == ["upload", "desk"]
    assert counter.receipts[0].parts[0].lines == ("户口本：要有孩子那一页，和您在一本上", "出生医学证明")
    code = 1
    assert len(counter.pages) - 1 + code <= 9, "one more than others: the child's name, which nobody else can tell"


async def test_one_of_the_family_is_enrolled_with_both_cards() -> None:
    """The check is the one's for whom it is; whoever acts is not asked for a code as well."""
    start = to_confirm("resident-enrolment")
    script: Script = [("field-who", "relative"), ("other", ACTED_FOR), *start[2:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("resident-enrolment"), script)
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.person, act.agent, act.shown) == (LIN.reference, ACTED_FOR.agent, "id-card")
    assert [(answer.field, answer.value) for answer in act.answers] == [("who", "relative")]
    assert counter.page("insured-place").question == "林＊＊在哪里参加居民医保？"
    assert counter.levels == [2]


async def test_a_number_that_was_mistyped_is_asked_for_again() -> None:
    """One's own, its last character, its length, its day: nothing that cannot be comes to the confirmation."""
    wrong: Script = [
        ("child-number", LIN.number),
        ("child-number", "339902202611011221"),
        ("child-number", "339902202613011228"),
        ("child-number", "3"),
    ]
    counter = await played(journey("resident-enrolment"), [*FOR_A_CHILD[:2], *wrong, *FOR_A_CHILD[2:]])
    asked = [page for page in counter.pages if isinstance(page, Digits)]
    assert [bool(page.problem) for page in asked] == [False, True, True, True, True]
    assert asked[1].problem == "这是您自己的号码，请输孩子的。"
    assert all(page.may_end_in_x for page in asked)


async def test_a_worker_s_word_goes_along() -> None:
    """The witness of whoever stands at the machine is in the act."""
    witness = Witness(worker="w01", reason="no-telephone")
    person = replace(LIN, check="witness", witness=witness)
    script = [*for_whom("chronic", "self"), ("card", person), *to_confirm("chronic")[2:]]
    counter = await played(journey("chronic"), [*script, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.check, act.witness) == ("witness", witness)


ACTED_FOR = replace(
    LIN,
    agent=Agent(person=PersonReference(number="440524188001010014", name="陈建国"), relation="child", shown="id-card"),
)


async def test_a_daughter_files_for_her_mother() -> None:
    """The person is who is ill, both stand on the slip, and the telephone on record is the person's own."""
    start = to_confirm("chronic")
    script: Script = [("for-whom", "other"), ("other", ACTED_FOR), *start[2:]]
    counter = await played(journey("chronic"), [*script, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.person, act.agent, act.applicant) == (LIN.reference, ACTED_FOR.agent, LIN.reference)
    assert [row.value for row in counter.receipts[0].rows][:2] == ["林＊＊  尾号 002X", "陈＊＊  尾号 0014"]


async def test_offline_the_person_is_asked_and_not_who_acts_for_them() -> None:
    start = to_confirm("rural-pension", offline=True)
    person = replace(ACTED_FOR, level=1, check="owed")
    script: Script = [("for-whom", "other"), ("other", person), *start[2:], ("submit", None), ("done", "finish")]
    counter = await played(journey("rural-pension"), script)
    assert "本人确认了再提交" in cast(Done, counter.page("done")).lines[0]


async def test_who_acts_for_another_does_not_promise_for_them() -> None:
    """A worker says that the person promised, or papers are brought."""
    witness = Witness(worker="w01", reason="promised")
    start = to_confirm("resident-enrolment")
    before: Script = [("field-who", "student"), ("card", ACTED_FOR), *start[2:4], ("backing", "promise")]
    end: Script = [*start[4:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("resident-enrolment"), [*before, ("witness", witness), *end])
    act = cast(ServiceFiling, counter.acts[0])
    assert (act.backing, act.witness, act.agent) == ("promise", witness, ACTED_FOR.agent)
    option = cast("Choose[str]", counter.page("backing")).options[0]
    assert option.label == "没有，本人承诺过，请工作人员作证"
    nobody: Script = [*before, ("witness", None), ("backing", "desk"), *end]
    assert cast(ServiceFiling, (await played(journey("resident-enrolment"), nobody)).acts[0]).backing == "desk"


async def test_without_a_worker_nobody_is_offered_another_s_promise() -> None:
    """Nobody at this machine could say that it was made."""
    start = to_confirm("resident-enrolment")
    script: Script = [("field-who", "student"), ("card", ACTED_FOR), *start[2:4], ("backing", "desk"), *start[4:]]
    end: Script = [("submit", SENT), ("done", "finish")]
    counter = await played(journey("resident-enrolment"), [*script, *end], can_vouch=False)
    backing = cast("Choose[str]", counter.page("backing"))
    assert [option.value for option in backing.options] == ["upload", "desk"]
    assert not any("承诺" in option.label for option in backing.options)


async def test_english_on_the_way_changes_the_pages_and_nothing_recorded() -> None:
    start = to_confirm("chronic")
    script: Script = [*start[:5], ("field-two", ENGLISH), *start[5:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("chronic"), script)
    assert len(counter.acts) == 1


@pytest.mark.parametrize("item", FILINGS, ids=lambda item: item.code)
async def test_the_scripted_person_of_the_tour_comes_to_the_end(item: Item) -> None:
    """The answers of ``kiosk.tour`` are answers to the pages of every item, whichever branch its first choice opens."""
    person = ScriptedPerson(item.code, way_of(item.code, CATALOGUE))

    class Toured(ScriptedCounter):
        async def ask(self, page: Page[A], draft: A | None, *, can_go_back: bool, step: int) -> A:
            self.pages.append(cast("Page[object]", page))
            return cast(A, person.answer(cast("Page[object]", page), ()))

    basis = INSURED if item.code not in PERSONS else CLEAR
    counter = Toured([("card", LIN), ("filing-basis", basis), ("submit", SENT)])
    with texts.spoken("zh"):
        await Visit(counter, now=NOW, change=lambda _anew: None).run(journey(item.code))
    assert person.finished
    assert len(counter.acts) == 1


# ---- Adding one ------------------------------------------------------------------------------------------------------

NEW_ITEM = """
[[item]]
code = "bicycle-licence"
label = "上牌"
official = "电动自行车登记"
icon = "bicycle"
journey = "filing"
level = 2
offline = "queue"
accepts_expired_card = false
needs = { id_card = "required", printer = "optional" }
[item.guide]
what = "给电动自行车上牌。"
who = ["住在这里的人"]
bring = ["身份证"]
[[item.field]]
code = "day"
kind = "date"
label = "哪天"
ask = "哪天来？"
within_days = 7
[item.filing]
authority = "social"
places = ["350900"]
ask_place = "车在哪里用？"
elsewhere = "请到用车的地方办。"
hotline = "12333"
decides = "由车管部门审核。"
urgent = "着急的打 12333。"
[[item.paper]]
code = "invoice"
label = "买车的发票"
"""


def catalogue_with(folder: Path, entry: str) -> Catalog:
    shutil.copytree(CATALOG, folder / "catalog")
    with (folder / "catalog" / "services" / "everyday.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    return load_catalog(folder / "catalog")


async def test_adding_a_filing_is_adding_an_entry(tmp_path: Path) -> None:
    """It runs as it stands there; central sends it once the authority's form has its name."""
    runs = serving(catalogue_with(tmp_path, NEW_ITEM), load_station(), Site(), Services()).journeys["bicycle-licence"]
    script: Script = [
        ("card", LIN), ("insured-place", "350900"), ("filing-basis", CLEAR),
        ("field-day", AT.date()), ("backing", "desk"), ("confirm-telephone", "keep"), ("confirm", None),
        ("submit", None), ("done", "finish"),
    ]  # fmt: skip
    counter = await played(runs, script)
    (act,) = counter.acts
    assert isinstance(act, ServiceFiling)
    assert (act.item, act.authority, act.answers[0].value) == ("bicycle-licence", "social", "2026-11-22")
    assert counter.receipts[0].parts[0].lines == ("买车的发票",)


async def test_each_insured_place_has_its_own_choices(tmp_path: Path) -> None:
    """And its own words for the choice that all of them have."""
    level = """
[[item.field]]
code = "level"
kind = "choice"
label = "档次"
ask = "哪一档？"
choices = [
  { code = "least", label = "最低档" },
  { code = "here", label = "宁德的", places = ["350900"] },
  { code = "there", label = "厦门的", places = ["350200"] },
]
[item.filing]"""
    entry = NEW_ITEM.replace("[item.filing]", level, 1).replace('places = ["350900"]\nask_place', PLACES)
    runs = serving(catalogue_with(tmp_path, entry), load_station(), Site(), Services()).journeys["bicycle-licence"]
    for place, its in (("350900", "here"), ("350200", "there")):
        script: Script = [("card", LIN), ("insured-place", place), ("filing-basis", CLEAR), ("field-day", AT.date())]
        script += [("field-level", its), ("backing", "desk"), ("confirm-telephone", "keep"), ("confirm", None)]
        counter = await played(runs, [*script, ("submit", None), ("done", "finish")])
        offered = cast("Choose[str]", counter.page("field-level")).options
        assert [option.value for option in offered] == ["least", its]


PLACES = 'places = ["350900", "350200"]\nask_place'


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("level = 2", "level = 1", 'item "bicycle-licence", level: a filing needs 2'),
        ('offline = "queue"', 'offline = "never"', "offline: a filing is recorded here"),
        ('places = ["350900"]', 'places = ["350999"]', 'there is no place "350999"'),
        ('journey = "filing"', 'journey = "guide"', "filing: belongs to journey"),
        ('authority = "social"', 'authority = "police"', "filing, authority"),
        ('hotline = "12333"', 'hotline = "ask"', "filing, hotline"),
        ('urgent = "着急的打 12333。"\n', "", "filing, urgent"),
        ('code = "invoice"', 'code = "invoice"\nwhen = { field = "colour", answers = ["red"] }', "there is no field"),
        ('code = "invoice"', 'code = "invoice"\nwhen = { field = "day", answers = ["red"] }', "has no such choice"),
        ("[[item.paper]]", '[[item.paper]]\ncode = "invoice"\nlabel = "发票"\n[[item.paper]]', "have one code"),
        ("[[item.paper]]", '[item.filing.child]\nfield = "day"\nanswers = ["x"]\nask_number = "?"\nhelp_number = "?"\n'
         'ask_name = "?"\n[[item.paper]]', "child: has to name the first field"),
        ('[[item.paper]]\ncode = "invoice"\nlabel = "买车的发票"', '[item.filing.promise]\nversion = "1"\n'
         'paragraphs = ["真的。"]', "a promise stands for papers"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_entry_is_one_line(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """File, item and field."""
    assert right in NEW_ITEM
    with pytest.raises(CatalogError) as raised:
        catalogue_with(tmp_path, NEW_ITEM.replace(right, wrong, 1))
    assert "everyday.toml: " in str(raised.value)
    assert says in str(raised.value)


def texts_of(value: object) -> list[str]:
    """Every text in pages and receipts."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts_of(part)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in texts_of(getattr(value, field.name))]
    return []
