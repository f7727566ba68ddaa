"""Lines are broken as a reader would, and every character is drawn by some font or as a box with its code."""

from __future__ import annotations

import pytest

from screens.icons import icon_character, is_icon
from screens.lines import NOT_FIRST, NOT_LAST, break_lines
from screens.text import Text
from screens.theme import Rect, Theme
from tests.screens.samples import SAMPLES


def _em(text: str) -> float:
    return float(sum(1 if ord(character) > 0x2E80 or character in "“”" else 0.5 for character in text))


LONG = (
    "本人承诺：所填内容真实，确在就医地长期居住；情况有变化时会及时变更或取消备案。如不属实，愿意退回多报的费用，并承担相应责任。"
    "结果在任何一台自助终端“我的办件”里看，或打 12393（周一至周五，8:00-17:30）。"
)


@pytest.mark.parametrize("width", range(8, 40))
def test_no_line_begins_or_ends_wrongly(width: int) -> None:
    """No line begins with a closing mark or ends with an opening one, nothing is lost, nothing is too wide."""
    lines = break_lines(LONG, width, _em)
    assert "".join(lines).replace(" ", "") == LONG.replace(" ", "")
    for line in lines:
        assert _em(line) <= width
        assert line[0] not in NOT_FIRST
        assert line[-1] not in NOT_LAST


def test_numbers_stay_whole() -> None:
    """A telephone number is never cut while it fits a line."""
    for width in range(7, 30):
        assert any("12393" in line for line in break_lines("着急住院的现在就打 12393 这个电话", width, _em))


def test_a_masked_telephone_stays_whole() -> None:
    lines = break_lines("用这个号码 138＊＊＊＊0002？", 14, _em)
    assert any("138＊＊＊＊0002？" in line for line in lines)


def test_short_texts_break_after_punctuation() -> None:
    """A question of two lines breaks where it breathes."""
    assert break_lines("陈师傅，您好。要用点什么？", 12, _em) == ["陈师傅，您好。", "要用点什么？"]


def test_what_is_wider_than_a_line_is_cut() -> None:
    """A word without an end does not leave the glass."""
    assert all(_em(line) <= 5 for line in break_lines("K" * 40, 5, _em))


def test_rare_characters_are_drawn() -> None:
    """Characters of the extensions are as wide as any; one that no font has becomes a box of the same width."""
    look = Theme(Rect(x=0, y=0, width=1080, height=1920), 21.5)
    em = look.style("body").em
    for text in ("𠮷", "䶮", "㐂", "\U0003134a", "\ue863", "\U000323af"):
        assert Text(look, text).natural_width() == pytest.approx(em + 1, abs=em * 0.1)
    assert Text(look, "欧阳𠮷䶮").natural_width() == pytest.approx(4 * em + 1, abs=em * 0.1)


def test_a_name_is_never_markup() -> None:
    """What looks like markup is text like any other."""
    look = Theme(Rect(x=0, y=0, width=1080, height=1920), 21.5)
    text = Text(look, "[b]阿[/b]&amp;{x}")
    text.fit(1000)
    text.place(0, 1000)
    assert text.lines == ["[b]阿[/b]&amp;{x}"]


def test_all_icons_exist() -> None:
    """A sample names no icon that the font does not have; one that is unknown is drawn as a question mark."""
    from kiosk.pages import Choose, Done, Home, Tick

    names = [
        option.icon
        for page, _head in SAMPLES.values()
        if isinstance(page, Choose | Tick)
        for option in page.options
        if option.icon
    ]
    names += [o.icon for page, _head in SAMPLES.values() if isinstance(page, Home) for o in (*page.large, *page.small)]
    names += [o.icon for page, _head in SAMPLES.values() if isinstance(page, Done) for o in page.actions if o.icon]
    assert [name for name in names if not is_icon(name)] == []
    assert icon_character("no-such-icon") == icon_character("help-circle-outline")
