"""Lines are broken as a reader would, and every character is drawn by some font or as a box with its code."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from devices.glyphs import in_box, primary, runs
from kiosk.manner import Manner
from screens.gallery.samples import SAMPLES
from screens.icons import icon_character, is_icon
from screens.lines import NOT_FIRST, NOT_LAST, break_lines, whole_words
from screens.text import CODE, CODE_BOX, Text, _CodeBox, _pieces, _Run
from screens.theme import USUAL, Rect, Style, StyleName, Theme


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


@pytest.mark.parametrize("text", ["请看一看，对不对？", "没收到，再发一次"])
def test_a_short_clause_is_a_line_of_its_own(text: str) -> None:
    """Rather than 请看一 and 看，对不对？"""
    for width in range(6, 8):
        first, second = break_lines(text, width, _em)
        assert first.endswith("，")
        assert second in text


def test_what_is_wider_than_a_line_is_cut() -> None:
    """A word without an end does not leave the glass."""
    assert all(_em(line) <= 5 for line in break_lines("K" * 40, 5, _em))


@pytest.mark.parametrize("name", ["José", "Jose\u0301", "Đặng"])
def test_a_name_in_letters_with_marks_stays_whole(name: str) -> None:
    """However its marks are written."""
    for width in range(6, 14):
        assert any(name in line for line in break_lines(f"您好，{name}，请把证件放到读卡区", width, _em))


def test_a_word_with_a_hyphen_breaks_there() -> None:
    assert break_lines("For self-employed people", 9, len) == ["For self-", "employed", "people"]


def test_words_of_letters_are_told_from_codes() -> None:
    """A number, an address or a code may be cut, a word may not; of a word with a hyphen its parts."""
    text = "请 Print it (charging), José: self-employed, see www.a-b.cn/foo or K-001, 12393, AB12."
    assert whole_words(text) == ["Print", "it", "(charging),", "José:", "self-", "employed,", "see", "or"]


def test_a_word_that_has_no_room_is_written_smaller() -> None:
    """Rather than cut; where there is room again, as large as it was to be."""
    text = Text(_look(Manner(language="en", care=True, larger=True)), "Very dissatisfied", "strong")
    given = text.style
    for width in (text.widest_word(), text.widest_word() * 0.9):
        text.fit(width)
        assert "dissatisfied" in text.lines
    assert text.is_smaller
    assert text.height == 2 * text.style.line < 2 * given.line
    text.fit(text.natural_width())
    assert text.style == given


def test_a_word_that_has_no_room_at_all_is_cut() -> None:
    """Type is never smaller than body text."""
    look = _look()
    text = Text(look, "dissatisfied", "title")
    text.fit(look.style("body").em * 2)
    assert text.style == look.style("title")
    assert len(text.lines) > 1


def test_a_mark_stays_on_its_letter_when_a_word_is_cut() -> None:
    assert all(line[0] != "\u0301" for line in break_lines("e\u0301" * 40, 5, _em))


def _look(manner: Manner = USUAL) -> Theme:
    return Theme(Rect(x=0, y=0, width=1080, height=1920), 21.5, manner)


@pytest.mark.parametrize("character", ["𠮷", "䶮", "㐂", "𬴂", "𫘦", "\U00030000", "\U0003134a", "\U000323aa"])
def test_rare_characters_are_as_wide_as_any(character: str) -> None:
    em = _look().style("body").em
    assert Text(_look(), character).natural_width() == pytest.approx(em + 1, abs=em * 0.1)
    assert Text(_look(), f"欧阳{character}").natural_width() == pytest.approx(3 * em + 1, abs=em * 0.1)


@pytest.mark.parametrize("character", ["\ue863", "\U000f1234", "\U0010fffd", "\U0002ebf0", "\x1b"])
@pytest.mark.parametrize("style", ["title", "body"])
def test_a_character_without_a_glyph_is_a_box_that_holds_its_code(character: str, style: StyleName) -> None:
    """In two rows that stand within the frame, each as high as can be."""
    look = _look()
    em = look.style(style).em
    assert Text(look, f"王{character}", style).natural_width() == pytest.approx((1 + CODE_BOX) * em + 1, abs=em * 0.1)
    (box,) = _pieces(character, look.style(style))
    assert isinstance(box, _CodeBox)
    assert "".join(box.rows) == in_box(character)[0]
    widest = max(row.width for row in box.drawn_rows)
    assert widest <= (CODE_BOX - 2 * 0.07) * em
    assert em * CODE >= look.mm(4)


def test_below_the_code_stands_how_the_character_is_said() -> None:
    look = _look()
    style = look.style("body")
    (box,) = _pieces("\U00031f9d", style)
    assert isinstance(box, _CodeBox)
    assert box.rows == ("31F9D", "zhuī")
    assert max(row.width for row in box.drawn_rows) + 2 * 0.07 * style.em <= box.width
    assert Text(look, "王\U00031f9d").natural_width() == pytest.approx(style.em + box.width + 1, abs=style.em * 0.1)


def test_what_has_no_ink_takes_no_place_and_breaks_no_line() -> None:
    """A variation selector or a direction mark from a card: what stands on the glass is the name alone."""
    look = _look()
    plain, marked = Text(look, "请葛城明天来，"), Text(look, "请葛\U000e0100城\u202e明\u200b天\u2069来\ufe00，")
    assert marked.natural_width() == plain.natural_width()
    for width in range(40, 400, 20):
        plain.fit(width)
        marked.fit(width)
        assert marked.lines == plain.lines


SHAPES = "王永𠮷䶮㐂𬴂𫘦𪚥𡃁𤭢\U0002a6d0\U0002b740\U0002ceb0\U00030000\U0003134a\U00031350\U000323aa\ufa0e\U0002f800"
"""A character or two of every block, of all four fonts."""


@pytest.mark.parametrize("character", SHAPES)
def test_the_texture_is_the_glyph_that_the_font_has(character: str) -> None:
    """Drawn by another hand (Pillow, FreeType) from the same file: beyond the first plane too."""
    (run,) = runs(character)
    assert run.font is not None
    drawn = _ink_of_texture(character, str(run.font.path))
    meant = _ink_by_pillow(character, str(run.font.path))
    assert _unlikeness(drawn, meant) < 0.12
    other = _ink_by_pillow("龘" if run.font == primary("regular") else "\U0010ffff", str(run.font.path))
    assert _unlikeness(drawn, other) > 0.2


BIG = 96
"""Pixels of an em, at which one glyph is plainly another."""


def _ink_of_texture(character: str, font: str) -> Image.Image:
    texture = _Run(character, font, Style(em=BIG, line=BIG, weight="regular"))._texture
    # A texture of text has its first row at the top, and its ink in the alpha.
    return _cropped(Image.frombytes("RGBA", texture.size, texture.pixels).getchannel("A"))


def _ink_by_pillow(character: str, font: str) -> Image.Image:
    canvas = Image.new("L", (2 * BIG, 2 * BIG))
    face = ImageFont.truetype(font, BIG, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(canvas).text((BIG / 2, BIG / 2), character, font=face, fill=255)
    return _cropped(canvas)


def _cropped(ink: Image.Image) -> Image.Image:
    box = ink.getbbox()
    assert box is not None, "nothing is drawn"
    return ink.crop(box).resize((48, 48), Image.Resampling.BOX)


def _unlikeness(one: Image.Image, other: Image.Image) -> float:
    """0 for the same picture; what differs, of the ink that both have."""
    ink = ImageStat.Stat(one).sum[0] + ImageStat.Stat(other).sum[0]
    return float(ImageStat.Stat(ImageChops.difference(one, other)).sum[0] / ink)


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


def test_marks_that_follow_each_other_stand_close() -> None:
    """按“返回”，再来: the comma stands where the quotation mark's ink ends, half a character earlier."""
    style = Style(em=40, line=48, weight="regular")
    for plain, close in (("返回”再", 0), ("返回”，再", 1), ("返回。”，再", 2), ("返回，“再", 1), ("“再”", 0)):
        pieces = _pieces(plain, style)
        assert len(pieces) == 1 + close
        assert sum(piece.width for piece in pieces) == 40 * len(plain) - 20 * close
        text = Text(_look(), plain)
        text.style = style
        assert text.measure(plain) == 40 * len(plain) - 20 * close
