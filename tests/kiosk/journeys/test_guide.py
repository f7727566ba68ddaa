"""Guides and matters handed to a worker, as their scripts say; and every item of the catalogue, from home to end."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from kiosk import texts
from kiosk.catalog import Catalog, load_catalog
from kiosk.contract.acts import ProxyRequest
from kiosk.contract.messages import Matter
from kiosk.contract.records import decode_act, encode_act
from kiosk.desk import NO_PRINTER, Left, Paper
from kiosk.items import GUIDE, Item
from kiosk.journeys.guide import guide
from kiosk.journeys.proxy_request import Centre
from kiosk.manner import Back
from kiosk.pages import Choose, ChooseDay, ChoosePlace, Confirm, Digits, Done, Page, Result, Words
from kiosk.serving import serving
from kiosk.settings import Services, Site
from kiosk.station import load_station
from kiosk.tables import CATALOG
from kiosk.tour import way_of
from kiosk.visit import Journey, Visit
from tests.kiosk.people import LIN
from tests.kiosk.scripted import NOW, PRINTED, ScriptedCounter, played

AT = datetime(2026, 11, 22, tzinfo=UTC)
SENT = Matter(state="sent", at=AT)
CENTRE = Centre(phone="000-00000000", places=("350900", "350200"))
CATALOGUE = load_catalog()
GUIDES = [item for item in CATALOGUE.items if item.journey == GUIDE]
TO_CONFIRM: list[tuple[str, object]] = [
    ("guide", "hand-over"), ("card", LIN), ("wish", "explain"), ("telephone", "13800000000"), ("call", "morning"),
    ("confirm", None),
]  # fmt: skip
FORBIDDEN = ("受理", "办结", "通过", "有效")
ILLNESS = ("慢特病", "慢病", "高血压", "糖尿病", "残疾", "肿瘤", "精神")


async def looked_at(code: str, *script: tuple[str, object]) -> ScriptedCounter:
    """Somebody reads the guide, does what the script says, and leaves."""
    counter = ScriptedCounter([*script, ("guide", "finish")])
    with pytest.raises(Left), texts.spoken("zh"):
        await Visit(counter, now=NOW, change=lambda _anew: None).run(journey(code))
    assert counter.script == []
    return counter


def journey(code: str, catalog: Catalog = CATALOGUE, centre: Centre = CENTRE) -> Journey:
    item = catalog.item(code)
    return partial(guide, item=item, about=catalog.guide(item), centre=centre)


async def test_a_guide_says_all_that_is_to_be_known_and_asks_nobody() -> None:
    counter = await looked_at("minimum")
    page = counter.page("guide")
    assert isinstance(page, Result)
    assert page.question == "低保"
    assert [section.title for section in page.sections] == ["谁能办", "要带什么", "在哪里、什么时候办", "依据"]
    assert "户口本" in page.sections[1].meaning
    assert page.notes == ("服务台电话：000-00000000",)
    assert not page.personal, "it may be read as long as any page"
    assert counter.acts == []


async def test_what_cannot_wait_stands_first_and_a_lost_card_is_not_handed_over() -> None:
    counter = await looked_at("card-lost")
    page = cast(Result, counter.page("guide"))
    assert "12333" in page.sections[0].meaning
    assert [option.value for option in page.actions] == ["print", "finish"]


async def test_the_guide_can_be_taken_along() -> None:
    counter = await looked_at("minimum", ("guide", "print"), ("print", PRINTED))
    (leaflet,) = counter.receipts
    assert (leaflet.service, leaflet.sort, leaflet.qr, leaflet.rows) == ("最低生活保障", "办事指南", "", ())
    assert leaflet.parts[2].lines == ("身份证或社保卡", "户口本")
    assert leaflet.parts[2].rest == ("其他材料以服务台为准",), "nothing to be ticked off"
    assert "还没有办" in leaflet.closing[0]
    page = cast(Result, counter.page("guide"))
    assert (page.hint, page.notes[0]) == ("一家人收入低，过日子有困难，可以申请。", "请取走凭条")


async def test_a_leaflet_leaves_the_way_back_open() -> None:
    """Whoever takes paper along that is about nobody can still put right what they type afterwards."""
    script = [("guide", "print"), ("print", PRINTED), *TO_CONFIRM, ("submit", SENT), ("done", "finish")]
    counter = await played(journey("minimum"), script)
    asked = dict(zip((page.name for page in counter.pages), counter.backs, strict=True))
    assert counter.numbered == [0, 0, 2, 3, 4, 5, 0], "neither the guide nor its paper is a step"
    assert asked == {"guide": False, "wish": True, "telephone": True, "call": True, "confirm": True, "done": False}


async def test_who_leaves_word_is_not_asked_what_for() -> None:
    """The key says what it is, and nobody asks whether the papers are ready."""
    counter = await looked_at("complaint", ("guide", "print"), ("print", PRINTED))
    labels = [option.label for option in cast(Result, counter.page("guide")).actions]
    assert "我要反映" in labels
    counter = await played(
        journey("complaint"), [*script_of(CATALOGUE.item("complaint"), "online"), ("done", "finish")]
    )
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert act.wish == "pass-on"
    assert "怎么帮" not in texts_of(counter.page("confirm"))


async def test_a_matter_is_handed_over_in_six_answers() -> None:
    """Recorded whole, sealed for central; the receipt is the 登记凭条."""
    counter = await played(journey("minimum"), [*TO_CONFIRM, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert (act.item, act.wish, act.call, act.telephone) == ("minimum", "explain", "morning", "13800000000")
    assert act.person.number == LIN.number
    confirm, done = counter.page("confirm"), counter.page("done")
    assert isinstance(confirm, Confirm)
    assert "138 0000 0000" in [row.value for row in confirm.rows], "what was typed is checked whole"
    assert isinstance(done, Done)
    assert (done.question, done.mood) == ("已转给工作人员", "wait")
    assert done.lines == ("工作人员会打电话给您。",)
    (slip,) = counter.receipts
    assert (slip.service, slip.sort, slip.state) == ("最低生活保障", "登记凭条", "已转给工作人员")
    assert slip.qr == "K001-26-000317-7Q4X"


async def test_without_central_it_is_kept_and_says_so() -> None:
    counter = await played(journey("minimum"), [*TO_CONFIRM, ("submit", None), ("done", "finish")])
    done = counter.page("done")
    assert (done.question, cast(Done, done).mood) == ("已登记，还没有提交", "wait")
    assert cast(Done, done).lines == ("联网后自动交给工作人员。工作人员会打电话给您。",)
    (slip,) = counter.receipts
    assert (slip.sort, slip.state) == ("登记凭条", "已登记，还没有提交")
    said = [*texts_of(done), *texts_of(slip)]
    assert [text for text in said for word in FORBIDDEN if word in text] == []


async def test_a_time_is_named_only_where_the_centre_promises_one() -> None:
    promised = journey("minimum", centre=replace(CENTRE, call_back_days=3))
    counter = await played(promised, [*TO_CONFIRM, ("submit", SENT), ("done", "finish")])
    assert cast(Done, counter.page("done")).lines == ("3 个工作日内，工作人员打电话给您。",)
    assert "3 个工作日内" in counter.receipts[0].next_steps


async def test_who_has_no_telephone_comes_to_the_desk() -> None:
    script = [("guide", "hand-over"), ("card", LIN), ("wish", "hand-in"), ("telephone", "no-telephone")]
    counter = await played(journey("minimum"), [*script, ("confirm", None), ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert act.telephone is None
    assert "请带凭条到服务台" in counter.receipts[0].next_steps


async def test_a_number_that_no_mobile_telephone_has_is_asked_for_again() -> None:
    script = [*TO_CONFIRM[:3], ("telephone", "11111111111"), *TO_CONFIRM[3:], ("submit", SENT), ("done", "finish")]
    counter = await played(journey("minimum"), script)
    assert isinstance(page := counter.page("telephone"), Digits)
    assert page.problem


async def test_back_leads_to_the_guide_again() -> None:
    counter = await looked_at("minimum", ("guide", "hand-over"), ("card", LIN), ("wish", Back()))
    assert counter.acts == []


async def test_no_illness_no_full_name_and_no_full_number_on_paper() -> None:
    """Where the name of a matter tells of an illness, paper calls it something else."""
    for item in (item for item in GUIDES if CATALOGUE.guide(item).proxy):
        script = [*script_of(item, "online"), ("done", "finish")]
        counter = await played(journey(item.code), script)
        slip = texts_of(counter.receipts[0])
        assert [word for word in (*ILLNESS, LIN.name, LIN.number, "13800000000") for text in slip if word in text] == []
        assert any("林＊＊" in text for text in slip)
    chronic = await looked_at("chronic", ("guide", "print"), ("print", PRINTED))
    assert [word for word in ILLNESS for text in texts_of(chronic.receipts[0]) if word in text] == []


# ---- Fields ----------------------------------------------------------------------------------------------------------


async def test_what_the_item_asks_is_recorded_and_read_back_but_not_printed() -> None:
    asked: list[tuple[str, object]] = [("guide", "hand-over"), ("field-what", "楼道灯不亮"), ("field-place", "3 号楼")]
    to_confirm = [TO_CONFIRM[1], *TO_CONFIRM[3:]]
    counter = await played(journey("complaint"), [*asked, *to_confirm, ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert [(answer.field, answer.value) for answer in act.answers] == [("what", "楼道灯不亮"), ("place", "3 号楼")]
    assert decode_act(act.kind, act.version, encode_act(act)) == act
    assert "楼道灯不亮" in texts_of(counter.page("confirm"))
    assert "楼道灯不亮" not in texts_of(counter.receipts[0])


NEW_ITEM = """
[[item]]
code = "bicycles"
label = "借自行车"
official = "便民自行车借用"
icon = "bicycle"
journey = "guide"
level = 0
offline = "queue"
accepts_expired_card = true
needs = { id_card = "optional", printer = "optional" }
aliases = ["单车", "骑车"]
[item.guide]
what = "借一辆自行车。"
who = ["住在这里的人"]
bring = ["身份证"]
[[item.field]]
code = "day"
kind = "date"
label = "哪天"
ask = "哪天借？"
within_days = 7
[[item.field]]
code = "usual"
kind = "month-range"
label = "以前借过"
ask = "以前什么时候借过？"
months = [6, 12]
[[item.field]]
code = "to"
kind = "region"
label = "去哪里"
ask = "骑到哪里？"
[[item.field]]
code = "other"
kind = "phone"
label = "家人电话"
ask = "家里人的手机号？"
[[item.field]]
code = "size"
kind = "choice"
label = "多大"
ask = "要多大的车？"
choices = [{ code = "small", label = "小车" }, { code = "large", label = "大车" }]
[[item.field]]
code = "deposit"
kind = "money"
label = "押金"
ask = "带了多少押金？"
most = 500
[[item.field]]
code = "wishes"
kind = "text"
label = "还要什么"
ask = "还要什么？"
longest = 20
example = "车筐"
[[item.field]]
code = "lamp"
kind = "yes-no"
label = "要车灯"
ask = "要车灯吗？"
"""


@pytest.fixture
def with_one_more(tmp_path: Path) -> Catalog:
    """The catalogue with an entry that nobody wrote code for."""
    shutil.copytree(CATALOG, tmp_path / "catalog")
    with (tmp_path / "catalog" / "services" / "everyday.toml").open("a", encoding="utf-8") as file:
        file.write(NEW_ITEM)
    return load_catalog(tmp_path / "catalog")


def test_the_entry_in_the_readme_is_one(tmp_path: Path) -> None:
    """Word by word, added to a category's file."""
    readme = (CATALOG.parents[1] / "README.md").read_text(encoding="utf-8")
    (entry,) = [block for block in re.findall(r"```toml\n(.+?)```", readme, re.DOTALL) if "[[item]]" in block]
    shutil.copytree(CATALOG, tmp_path / "catalog")
    with (tmp_path / "catalog" / "services" / "everyday.toml").open("a", encoding="utf-8") as file:
        file.write(entry)
    catalog = load_catalog(tmp_path / "catalog")
    assert [field.kind for field in catalog.item("bicycles").field] == ["date"]
    assert "bicycles" in serving(catalog, load_station(), Site(), Services()).journeys


async def test_adding_an_item_is_adding_an_entry(with_one_more: Catalog) -> None:
    """It stands in its list, is found, and asks fields of all eight kinds; an answer against a rule is asked again."""
    category = with_one_more.category("everyday")
    page = with_one_more.list_page(category, "")
    assert isinstance(page, Choose)
    assert "bicycles" in [option.value for option in page.options]
    assert "bicycles" in [option.value for option in with_one_more.search_page().options]
    runs = serving(with_one_more, load_station(), Site(), Services()).journeys["bicycles"]
    answers: list[tuple[str, object]] = [
        ("field-day", date(2026, 11, 25)), ("field-usual", "2025-12/2026-11"), ("field-to", "350200"),
        ("field-other", "123"), ("field-other", "13900000000"), ("field-size", "large"), ("field-deposit", "000"),
        ("field-deposit", "501"), ("field-deposit", "500"), ("field-wishes", "车筐"), ("field-lamp", "no"),
    ]  # fmt: skip
    counter = await played(runs, [TO_CONFIRM[0], *answers, *TO_CONFIRM[1:], ("submit", SENT), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, ProxyRequest)
    assert [answer.value for answer in act.answers] == [
        "2026-11-25", "2025-12/2026-11", "350200", "13900000000", "large", "500", "车筐", "no",
    ]  # fmt: skip
    kinds = {type(page).__name__ for page in counter.pages if page.name.startswith("field-")}
    assert kinds == {"ChooseDay", "Choose", "ChoosePlace", "Digits", "Words"}
    assert cast(ChooseDay, counter.page("field-day")).last == date(2026, 11, 29)
    assert [row.value for row in cast(Confirm, counter.page("confirm")).rows[1:9]] == [
        "2026年11月25日", "2025-12 到 2026-11", "福建省 厦门市", "139 0000 0000", "大车", "500 元", "车筐", "不是",
    ]  # fmt: skip


# ---- Every item, whatever happens ------------------------------------------------------------------------------------

FORTUNES = {
    "online": (SENT, PRINTED),
    "offline": (None, PRINTED),
    "no printer": (SENT, Paper(outcome="not printed", reason=NO_PRINTER)),
    "paper out": (SENT, Paper(outcome="not printed", reason="paper out")),
    "line lost": (None, Paper(outcome="unknown", reason="line lost")),
    "declined": (Matter(state="declined", text="请到服务台办", at=AT), PRINTED),
    "decided": (Matter(state="decided", at=AT), PRINTED),
    "unsure": (Matter(state="unsure", at=AT), PRINTED),
}


def script_of(item: Item, fortune: str) -> list[tuple[str, object]]:
    """A person who hands the matter over, up to its last page."""
    asked = [(f"field-{field.code}", answer_to(item, field.code)) for field in item.field]
    confirmed = [step for step in TO_CONFIRM[1:] if step[0] != "wish" or CATALOGUE.guide(item).wish is None]
    return [TO_CONFIRM[0], *asked, *confirmed, ("submit", FORTUNES[fortune])]


def answer_to(item: Item, code: str) -> object:
    """An answer that keeps the field's rule."""
    field = next(field for field in item.field if field.code == code)
    return {
        "date": date(2026, 11, 24),
        "month-range": "2025-12/2026-11",
        "region": "350200",
        "phone": "13900000000",
        "choice": field.choices[0].code if field.choices else "",
        "money": "1000",
        "text": "3-501",
        "yes-no": "yes",
    }[field.kind]


@pytest.mark.parametrize("fortune", FORTUNES)
async def test_no_item_and_no_fortune_leads_to_a_dead_end(fortune: str) -> None:
    """Each page can be answered; the last says what became of it, gives a number, and lets go."""
    for item in (item for item in GUIDES if CATALOGUE.guide(item).proxy):
        script = [*script_of(item, fortune), ("done", "finish")]
        counter = await played(journey(item.code), script, can_print=fortune != "no printer")
        for page in counter.pages:
            assert can_be_answered(page), (item.code, page)
        done = counter.page("done")
        assert isinstance(done, Done)
        assert done.question
        assert "K001-26-000317-7Q4X" in [row.value for row in done.rows]
        assert done.actions[-1].value == "finish"
        if fortune in ("no printer", "paper out", "line lost"):
            assert done.qr, "what stands in for the paper"
        if fortune != "decided":
            assert "办结" not in done.question


@pytest.mark.parametrize("item", GUIDES, ids=lambda item: item.code)
async def test_whoever_leaves_a_guide_at_any_page_has_recorded_nothing(item: Item) -> None:
    """Until it is confirmed."""
    whole = script_of(item, "online")[:-1] if CATALOGUE.guide(item).proxy else [("guide", "finish")]
    for end in range(len(whole)):
        script = [*whole[:end], (whole[end][0], Left("cancelled"))]
        with pytest.raises(Left):
            await played(journey(item.code), script)


@pytest.mark.parametrize("item", [item for item in CATALOGUE.items if item.category is not None], ids=lambda i: i.code)
def test_each_item_is_reached_from_home_by_the_scripted_person(item: Item) -> None:
    """Home, category, sometimes a group: two or three touches."""
    way = way_of(item.code, CATALOGUE)
    home = CATALOGUE.home(())
    chosen = way["home"]
    assert chosen in [option.value for option in (*home.large, *home.small)]
    listed = CATALOGUE.list_page(CATALOGUE.category(str(chosen)), "")
    assert isinstance(listed, Choose)
    chosen = way["items"]
    assert chosen in [option.value for option in listed.options]
    groups = {group.code: group for group, _category in CATALOGUE.groups}
    if chosen in groups:
        inside = CATALOGUE.group_page(groups[str(chosen)])
        chosen = way["group"]
        assert chosen in [option.value for option in inside.options]
    assert chosen == item.code


@pytest.mark.parametrize("item", GUIDES, ids=lambda item: item.code)
async def test_the_scripted_person_of_the_tour_comes_to_the_end(item: Item) -> None:
    """The answers of ``kiosk.tour`` are answers to the pages of every item."""
    way = dict(way_of(item.code, CATALOGUE))
    assert way["guide"] == ("hand-over" if CATALOGUE.guide(item).proxy else "finish")
    script: list[tuple[str, object]] = [("guide", way["guide"])]
    if way["guide"] == "finish":
        await looked_at(item.code)
    else:
        script += [(f"field-{field.code}", answer_to(item, field.code)) for field in item.field]
        asked = [
            name
            for name in ("wish", "telephone", "call", "confirm")
            if name != "wish" or CATALOGUE.guide(item).wish is None
        ]
        script += [("card", LIN), *((name, way[name]) for name in asked)]
        script += [("submit", SENT), ("done", way["done"])]
        await played(journey(item.code), script)


def can_be_answered(page: Page[object]) -> bool:
    match page:
        case Result() | Done():
            return len(page.actions) > 0
        case Choose():
            return len(page.options) > 1
        case ChoosePlace():
            return len(page.common) > 0 and len(page.provinces) > 0
        case ChooseDay():
            return page.first <= page.last
        case Digits() | Words() | Confirm():
            return page.action != ""
        case _:
            return False


def texts_of(value: object) -> list[str]:
    """Every string in it, at any depth."""
    return [*_texts_of(value)]


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from _texts_of(inner)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts_of(value.__dict__[field.name])
