"""听读: the page is read aloud, the first touch speaks and lights, the second chooses; keys do the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kivy.core.window import Window

from kiosk.desk import Left
from kiosk.manner import Manner
from kiosk.pages import Done, Result, Search, Wait
from screens.gallery.samples import SAMPLES
from screens.listening import Caption, count_in_words, place_in_words
from screens.listening_characters import in_a_word
from screens.text import Text
from screens.touch import DOUBLE_TOUCH, Target
from screens.widgets import COVERED, FactRow, ListRow
from tests.face.rules import judge
from tests.screens.glass import Glass
from tests.screens.keyboard import key_down, key_up, press, type_slowly

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def listen(glass: Glass, name: str) -> list[str]:
    """Shows a page to somebody who has listened before; what is said of it."""
    glass.stage.dress(Manner(listen=True))
    await glass.show(*SAMPLES["home" if name != "home" else "notice"])
    glass.clock.ahead += 1
    await glass.sample(name, listen=True)
    glass.clock.ahead += 1
    return glass.voice.last


async def touch(glass: Glass, means: object) -> None:
    """Touches the target, long after the touch before."""
    glass.clock.ahead += 1
    where = glass.finger.find(means)
    await glass.finger.touch(where.x + where.width / 2, where.y + where.height / 2)


async def touch_text(glass: Glass, words: str) -> None:
    text = next(w for w in glass.stage.walk() if isinstance(w, Text) and w.text == words)
    await glass.finger.touch(text.center_x, text.center_y)


def lit(glass: Glass) -> object:
    widget = glass.stage.focus.lit
    return widget.means if isinstance(widget, Target) else None


async def test_a_page_is_read_from_its_top(glass: Glass) -> None:
    assert await listen(glass, "choose-list") == [
        "异地就医备案", "读好了，请先把身份证收好", "您是哪种情况？",
        "急诊抢救不用先备案。", "有五个选择。",
    ]  # fmt: skip


async def test_the_title_is_said_only_when_it_is_another(glass: Glass) -> None:
    await listen(glass, "choose-list")
    await glass.sample("confirm", listen=True)
    assert glass.voice.last[0] == SAMPLES["confirm"][0].question


async def test_how_to_listen_is_said_with_the_first_page_and_once(glass: Glass) -> None:
    how = ["点一下听，再点一下选。", "用按键的：按“下一个”听，按“确定”选。"]
    await glass.sample("home")
    assert glass.voice.last == []
    await glass.sample("home", listen=True)
    assert glass.voice.last[-2:] == how
    await glass.sample("choose-list", listen=True)
    assert how[1] not in glass.voice.last
    glass.stage.wipe()
    await glass.sample("home", listen=True)
    assert glass.voice.last[-2:] == how, "the next person has not heard it"


@pytest.mark.parametrize("care", [False, True])
async def test_what_is_said_stands_on_the_screen(glass: Glass, care: bool) -> None:
    """The caption has what is said besides the page; with it, every page still fits the glass."""
    captioned = 0
    for name, (page, head) in SAMPLES.items():
        if name == "attract":
            continue  # nobody listens in an empty hall
        if name == "home":
            glass.stage.wipe()
        for first in (True, False) if name == "home" else (False,):
            glass.stage.dress(Manner(listen=True, care=care))
            await glass.show(page, head)
            drawn = [w.text for w in glass.stage.walk() if isinstance(w, Text)]
            captions = [w for w in glass.stage.walk() if isinstance(w, Caption)]
            shown = [sentence for caption in captions for sentence in caption.sentences]
            assert all(sentence in caption.text for caption in captions for sentence in caption.sentences)
            for said in glass.voice.last:
                assert said in (*drawn, *shown, "按住看", head.title), (name, said)
            captioned += len(captions)
            assert judge(glass.stage).violations == [], (name, first)
    assert captioned >= len(SAMPLES) - 3, "only the tightest pages go without"


async def test_the_first_touch_speaks_and_lights_the_second_chooses(glass: Glass) -> None:
    await listen(glass, "choose-list")
    await touch(glass, "long-stay")
    assert glass.voice.last == ["长期住在外地", "比如帮带孩子、跟儿女住"]
    assert lit(glass) == "long-stay"
    await touch(glass, "posted")
    assert glass.voice.last == ["单位派到外地工作", "在那边上班，社保还在这边"]
    assert not glass.answered
    await touch(glass, "posted")
    assert await glass.answer() == "posted"


async def test_a_touch_that_bounces_does_not_choose(glass: Glass) -> None:
    await listen(glass, "choose-list")
    glass.clock.freeze()
    await touch(glass, "long-stay")
    where = glass.finger.find("long-stay")
    glass.clock.ahead += DOUBLE_TOUCH / 2
    await glass.finger.touch(where.x + 30, where.y + 30)
    assert not glass.answered
    glass.clock.ahead += DOUBLE_TOUCH
    await glass.finger.touch(where.x + 30, where.y + 30)
    assert await glass.answer() == "long-stay"


async def test_a_touch_elsewhere_reads_what_is_there(glass: Glass) -> None:
    await listen(glass, "result")
    await touch_text(glass, "您的医保个人账户")
    assert glass.voice.last == ["您的医保个人账户"]
    await touch_text(glass, "福建省 宁德市")
    assert glass.voice.last == ["参保地", "福建省 宁德市"]
    await touch_text(glass, "网络正常")
    assert glass.voice.last == ["网络正常"]
    before = list(glass.voice.said)
    await glass.finger.touch(3, Window.height / 2)
    assert glass.voice.said == before


async def test_what_cannot_be_chosen_says_so(glass: Glass) -> None:
    await listen(glass, "tick")
    off = next(w for w in glass.stage.walk() if isinstance(w, Target) and not w.enabled)
    for _touch in range(2):
        glass.clock.ahead += 1
        await glass.finger.touch(off.center_x, off.center_y)
        assert glass.voice.last[-1] == "现在不能选"
    assert not glass.answered


async def test_a_tick_is_said(glass: Glass) -> None:
    await listen(glass, "tick")
    means = next(t.means for t in glass.stage.focus.stops() if not t.ticked)
    await touch(glass, means)
    label = glass.voice.last
    await touch(glass, means)
    assert glass.voice.last == [*label, "选上了"]
    assert lit(glass) == means
    await touch(glass, means)
    assert glass.voice.last == [*label, "取消了"]


async def test_tab_speaks_and_enter_chooses(glass: Glass) -> None:
    whole = await listen(glass, "choose-list")
    await press("tab")
    assert glass.voice.last == ["退休后定居外地", "退休了，户口也迁过去了"]
    await press("tab", shift=True)
    assert glass.voice.last == whole, "on the way round comes the question"
    await press("tab", "tab", "enter")
    assert await glass.answer() == "long-stay"


async def test_the_arrows_go_through_all_that_can_be_read(glass: Glass) -> None:
    await listen(glass, "result")
    heard: list[str] = []
    for _step in range(7):
        await press("down")
        heard += glass.voice.last
    assert heard[:9] == [
        "读好了，请先把身份证收好", "您的医保个人账户", "有四个选择。", "点一下听，再点一下选。",
        "职工医保", "正常参保", "还有多少", "按住看", "参保地",
    ]  # fmt: skip
    await press("up")
    assert glass.voice.last == ["还有多少", "按住看"]


async def test_f1_says_the_page_again(glass: Glass) -> None:
    whole = await listen(glass, "choose-list")
    await press("tab", "tab", "f1")
    assert glass.voice.last == whole
    assert lit(glass) == "long-stay"


async def test_plus_and_minus_turn_the_volume(glass: Glass) -> None:
    await listen(glass, "home")
    before = glass.voice.volume
    await type_slowly("+=-")
    assert glass.voice.volume == before + 10


async def test_a_covered_value_is_only_said_while_it_is_uncovered(glass: Glass) -> None:
    """And by nothing else: neither when the page comes nor when it is read again."""
    said = await listen(glass, "result")
    assert "按住看" in said
    assert not any(COVERED in text for text in said)
    row = next(w for w in glass.stage.walk() if isinstance(w, FactRow) and w.covered)
    await touch_text(glass, COVERED)
    assert glass.voice.last == [row.label.text, "按住看"]
    await press("f1")
    page, _head = SAMPLES["result"]
    assert isinstance(page, Result)
    secret = next(r.value for section in page.sections for r in section.rows if r.private)
    assert not any(secret in text for saying in glass.voice.said if saying for text in saying)
    for _step in range(20):
        if lit(glass) == "hold":
            break
        await press("tab")
    key_down("enter")
    assert glass.voice.last == [row.label.text, secret]
    before = len(glass.voice.said)
    key_up("enter")
    assert not any(secret in text for saying in glass.voice.said[before:] if saying for text in saying)


async def test_digits_are_said_by_their_place_and_apart_from_it(glass: Glass) -> None:
    """The place is a fixed sentence; the digit is a text of its own, which only an earphone may hear."""
    await listen(glass, "digits-code")
    assert glass.voice.last[-1] == "请按下面的键。"
    await touch(glass, "key:7")
    assert glass.voice.last == ["7"]
    await touch(glass, "key:7")
    assert glass.voice.last == ["第一位", "7"]
    await touch(glass, "key:7")
    assert glass.voice.last == ["第二位", "7"]
    await press("backspace")
    assert glass.voice.last == ["删掉了一位"]
    glass.clock.ahead += 1
    await press("backspace")
    assert glass.voice.last == ["都删掉了"]
    await type_slowly("123456")
    assert glass.voice.last == ["第六位", "6"]
    assert lit(glass) == "action", "what comes next is under the finger"
    await press("enter")
    assert await glass.answer() == "123456"


async def test_digits_that_stand_there_are_not_read(glass: Glass) -> None:
    """A telephone number that was entered before is a person's."""
    glass.stage.dress(Manner(listen=True))
    page, head = SAMPLES["digits-phone"]
    await glass.show(page, head, "13800001234")
    said = glass.voice.last
    assert not any(text.isdigit() for text in said)


async def test_what_changes_in_place_is_said(glass: Glass) -> None:
    await listen(glass, "place")
    await touch(glass, "place:other")
    await touch(glass, "place:other")
    assert glass.voice.last[0] == "是哪个省？"
    assert glass.voice.last[-1].startswith("有")
    assert lit(glass) is None, "a new choice begins at its question"
    await press("tab")
    assert lit(glass) == glass.stage.focus.stops()[0].means


async def heard(glass: Glass, *keys: str) -> list[list[str]]:
    """What is said from the first of these keys on; one that has no name is a letter."""
    before = len(glass.voice.said)
    for key in keys:
        glass.clock.ahead += 1
        await (press(key) if len(key) > 1 else type_slowly(key))
    return [saying for saying in glass.voice.said[before:] if saying is not None]


async def test_what_letters_find_is_counted(glass: Glass) -> None:
    """Each letter is said, and how much is left; taking it back says what there was before."""
    await listen(glass, "search")
    [[letter, count]] = await heard(glass, "y")
    assert letter == "y"
    assert count.startswith("有")
    assert count.endswith("个选择。")
    [saying] = await heard(glass, "d")
    assert saying[0] == "d"
    [saying] = await heard(glass, "backspace")
    assert (saying[0], saying[-1]) == ("删掉了一个", count)
    assert (await heard(glass, "backspace"))[0][0] == "都删掉了"


async def test_a_letter_that_is_touched_says_what_it_finds(glass: Glass) -> None:
    """The first touch says the letter, the second writes it."""
    await listen(glass, "search")
    await touch(glass, "key:y")
    assert glass.voice.last == ["Y"]
    await touch(glass, "key:y")
    assert glass.voice.last[0] == "y"
    assert glass.voice.last[-1].endswith("个选择。")


async def test_that_nothing_is_found_is_said(glass: Glass) -> None:
    page, _head = SAMPLES["search"]
    assert isinstance(page, Search)
    await listen(glass, "search")
    assert (await heard(glass, *"qqq"))[-1][:2] == ["q", page.nothing]
    assert await heard(glass, "q") == [["q", page.nothing]], "no character is offered in its place"


async def test_what_is_found_comes_after_the_letters(glass: Glass) -> None:
    """From the count the next key leads to what was found, and to choose it."""
    await listen(glass, "search")
    await heard(glass, *"kdl")
    [[label, *_notes]] = await heard(glass, "tab")
    widget = glass.stage.focus.lit
    assert isinstance(widget, ListRow)
    assert label in glass.stage.focus.words_of(widget)
    await press("enter")
    assert await glass.answer() == widget.means


async def test_another_of_the_found_is_said(glass: Glass) -> None:
    """On a page that is broad and low one stands there at a time."""
    glass.on_panel(21.5, landscape=True)
    try:
        glass.stage.dress(Manner(listen=True, care=True))
        await glass.show(*SAMPLES["search"])
        await heard(glass, "y")
        await touch(glass, "found:other")
        await touch(glass, "found:other")
        row = next(target for target in glass.stage.focus.stops() if isinstance(target, ListRow))
        assert glass.voice.last == list(glass.stage.focus.words_of(row))
    finally:
        glass.on_panel(21.5)


async def test_characters_that_sound_alike_are_told_apart(glass: Glass) -> None:
    """By a common word each: 张 and 章 are one sound."""
    await listen(glass, "words-name")
    said = await heard(glass, *"zhang")
    assert [texts[0] for texts in said] == [*"zhang"]
    first = said[-1][1:]
    assert first[1] == f"{first[1][:2]}的{first[0]}", "what is likeliest is offered at once"
    for character, words in (("张", "紧张的张"), ("章", "文章的章")):
        key = next(t for t in glass.stage.focus.stops() if glass.stage.focus.words_of(t) == (character,))
        await touch(glass, key.means)
        assert glass.voice.last == [character, words]


async def test_a_character_that_is_chosen_is_said(glass: Glass) -> None:
    """Another has its place then: it has to be heard before it is chosen."""
    await listen(glass, "words-name")
    await heard(glass, *"zhangwei")
    key = next(t for t in glass.stage.focus.stops() if glass.stage.focus.words_of(t) == ("张",))
    await touch(glass, key.means)
    await touch(glass, key.means)
    assert glass.voice.last[0] == "张"
    assert len(glass.voice.last) > 1, "the next letters offer something"
    assert lit(glass) is None
    assert "张" in (await heard(glass, "f1"))[0]


async def test_the_pages_of_characters_are_said(glass: Glass) -> None:
    await listen(glass, "words-name")
    await heard(glass, *"yi")
    for means in ("candidates:more", "candidates:next"):
        before = {glass.stage.focus.words_of(t) for t in glass.stage.focus.stops()}
        await touch(glass, means)
        await touch(glass, means)
        assert (glass.voice.last[0],) not in before
    await touch(glass, "candidates:less")
    await touch(glass, "candidates:less")
    first = next(t for t in glass.stage.focus.stops() if t.means == "candidate:0")
    assert (glass.voice.last[0],) == glass.stage.focus.words_of(first)


async def test_signs_are_said_one_by_one(glass: Glass) -> None:
    """A number that stands there is not read all over again with each of them."""
    await listen(glass, "number")
    assert (await heard(glass, "7"))[-1] == ["7"]
    assert (await heard(glass, "backspace"))[-1][0] == "删掉了一个"


async def test_keys_find_the_next_character_where_one_was_chosen(glass: Glass) -> None:
    """Who works by keys and sees goes on from the candidate in the same place."""
    await glass.sample("words-name")
    await press("tab")
    await type_slowly("zhangwei")
    while not str(lit(glass)).startswith("candidate:"):
        await press("tab")
    await press("enter")
    assert glass.stage.focus.lit in glass.stage.focus.stops()


async def test_the_next_page_of_a_list_is_said(glass: Glass) -> None:
    glass.stage.dress(Manner(listen=True, care=True))
    await glass.show(*SAMPLES["choose-list"])
    await touch(glass, "page:next")
    await touch(glass, "page:next")
    there = [t for t in glass.stage.focus.stops() if isinstance(t, ListRow)]
    assert glass.voice.last == ["第 2 页，共 2 页", count_in_words(there)]


async def test_what_is_awaited_is_said_when_it_takes_long(glass: Glass) -> None:
    await listen(glass, "wait")
    view, (page, _head) = glass.stage._view, SAMPLES["wait"]
    assert view is not None
    assert isinstance(page, Wait)
    view.passed(60)
    assert glass.voice.last == [page.slow]


async def test_the_idle_warning_is_said_and_any_touch_lifts_it(glass: Glass) -> None:
    await listen(glass, "choose-list")
    await touch(glass, "long-stay")
    glass.stage._warn(15)
    assert glass.voice.last == ["还在看吗？", "再看一会儿"]
    await touch(glass, "long-stay")
    assert glass.stage._panes.warning is None
    assert not glass.answered, "somebody who only wants to stay has chosen nothing"


@pytest.mark.parametrize(("name", "patience"), [("choose-list", 120), ("result", 30)])
async def test_whoever_listens_has_the_time_of_care_mode_after_the_last_word(
    glass: Glass, name: str, patience: int
) -> None:
    """What takes a minute to be read is not idleness."""
    glass.clock.freeze()
    said = "".join(await listen(glass, name))
    assert glass.stage.focus.speaks_until - glass.clock.now() > len(said) / 5 - 1
    glass.clock.ahead += glass.stage.focus.speaks_until - glass.clock.now()
    for seconds, warned in ((patience - 2, False), (4, True)):
        glass.clock.ahead += seconds
        glass.stage.tick()
        assert (glass.stage._panes.warning is not None) is warned


async def test_the_warning_keeps_nobodys_time(glass: Glass) -> None:
    """It is said, and the page is left when its time is over all the same."""
    glass.clock.freeze()
    await listen(glass, "choose-list")
    glass.clock.ahead += glass.stage.focus.speaks_until - glass.clock.now()
    for _second in range(149):
        glass.clock.ahead += 1
        glass.stage.tick()
    assert glass.voice.last == ["还在看吗？", "再看一会儿"]
    assert not glass.answered
    glass.clock.ahead += 2
    glass.stage.tick()
    with pytest.raises(Left):
        await glass.answer()


async def test_minutes_that_are_told_keep_nobodys_time(glass: Glass) -> None:
    """A code for a telephone says each minute how long it holds."""
    glass.clock.freeze()
    await listen(glass, "send-papers")
    until = glass.stage.focus.speaks_until
    glass.clock.ahead += 70
    glass.stage.tick()
    assert any("分钟" in text for text in glass.voice.last)
    assert glass.stage.focus.speaks_until == until


async def test_a_page_that_closes_by_itself_waits_until_it_is_read(glass: Glass) -> None:
    glass.stage.dress(Manner(listen=True))
    page, head = SAMPLES["done-rider"]
    assert isinstance(page, Done)
    await glass.show(replace(page, closes_after=3.0), head)
    glass.clock.freeze()
    glass.clock.ahead += 30
    glass.stage.tick()
    assert not glass.answered
    glass.clock.ahead += 30
    glass.stage.tick()
    assert await glass.answer() == page.actions[-1].value


async def test_nothing_is_said_where_nobody_listens(glass: Glass) -> None:
    before = list(glass.voice.said)
    await glass.sample("choose-list")
    await press("tab", "down", "f1")
    await touch(glass, "posted")
    await glass.answer()
    glass.stage.wipe()
    assert glass.voice.said == before


async def test_the_wipe_ends_it(glass: Glass) -> None:
    await listen(glass, "result")
    glass.stage.wipe()
    assert glass.voice.said[-1] is None, "what is being said stops"
    assert not glass.stage.focus.listens
    assert glass.stage.focus.lit is None


async def test_counts_and_places_are_whole_sentences(glass: Glass) -> None:
    """So that each has its own sound; beyond the last there is one for all."""
    await glass.sample("choose-list")
    options = [t for t in glass.stage.focus.stops() if not str(t.means).startswith("foot:")]
    assert count_in_words([]) == ""
    assert count_in_words(options[:1]) == "有一个选择。"
    assert count_in_words(options[:2]) == "有两个选择。"
    assert count_in_words(options * 4) == "有很多选择。"
    assert (place_in_words(1), place_in_words(18), place_in_words(19)) == ("第一位", "第十八位", "")


async def test_words_said_besides_the_page_are_translated(glass: Glass) -> None:
    from kiosk import texts

    with texts.spoken("en"):
        glass.stage.dress(Manner(listen=True, language="en"))
        await glass.show(*SAMPLES["choose-list"])
    assert "There are 5 choices." in glass.voice.last


async def test_the_word_goes_with_the_letters() -> None:
    """One character may be read in two ways; one that no common word has stands alone."""
    assert [in_a_word("行", letters) for letters in ("hang", "xing")] == ["银行的行", "进行的行"]
    assert in_a_word("𡟓", "ai") == ""
