from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.wrapping import (
    CLOSING,
    OPENING,
    WORDS,
    Repertoire,
    balanced,
    clusters,
    columns_of,
    encoded,
    in_rom,
    printable,
    widest_part,
    wrap,
)

SENTENCE = "网络恢复后我们替您提交，由医保部门审核。结果在任何一台自助终端“我的办件”里看。着急住院，请打12393。"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("AB 12", 5),
        ("您好", 4),
        ("￥20", 4),
        ("“①”", 6),
        ("𠮷", 2),
        ("José", 4),
        ("\U0002ebf0", 6),
        ("\U00031f55", 10),
        ("\ue863", 5),
        ("\U00101234", 7),
        ("\x1b", 3),
    ],
)
def test_a_han_character_is_two_columns_wide(text: str, columns: int) -> None:
    assert columns_of(text) == columns


def test_a_mark_above_a_letter_takes_no_column() -> None:
    assert [cluster.text for cluster in clusters("x\u0301y")] == ["x\u0301", "y"]
    assert columns_of("x\u0301y") == 2
    assert [cluster.text for cluster in clusters("e\u0301")] == ["é"]


def test_a_character_of_a_name_is_never_exchanged_for_another() -> None:
    """Unicode's canonical composition would turn the compatibility ideograph 﨑 into another one."""
    assert "".join(cluster.text for cluster in clusters("\ufa11\uf900")) == "\ufa11\uf900"


def test_a_box_wider_than_the_line_stands_alone() -> None:
    assert wrap("王\ue863明", 4) == ["王", "\ue863", "明"]
    assert wrap("\ue863", 4) == ["\ue863"]


def test_a_line_ends_after_punctuation_where_that_costs_no_line() -> None:
    assert wrap(SENTENCE, 48) == [
        "网络恢复后我们替您提交，由医保部门审核。",
        "结果在任何一台自助终端“我的办件”里看。",
        "着急住院，请打12393。",
    ]
    assert wrap("社保那部分，现在就打 12333 停用。", 32) == ["社保那部分，", "现在就打 12333 停用。"]


@pytest.mark.parametrize(
    ("text", "columns", "last"),
    [
        ("对方系统没有回音，还不知道办成没有。", 32, "还不知道办成没有。"),
        ("卡真的找不到了，请在这之前补办新卡。", 32, "请在这之前补办新卡。"),
        ("先登记，联网后我们替您提交。", 24, "联网后我们替您提交。"),
        ("这位家人可以用您的医保钱了。", 24, "医保钱了。"),
        ("要办，请再来一次。", 16, "请再来一次。"),
        ("我们会一直问下去。", 16, "下去。"),
        ("结果在任何一台自助终端“我的办件”里看。", 16, "里看。"),
        ("甲乙丙丁戊己庚。", 14, "己庚。"),
    ],
)
def test_no_text_ends_in_a_line_of_one_character(text: str, columns: int, last: str) -> None:
    """On paper it looks like the leftover of a torn slip, and it is the word that matters: 停用, 提交, 没有."""
    assert wrap(text, columns)[-1] == last


@given(
    st.lists(
        st.sampled_from(["卡", "用，", "没有", "服务中心", "“我的办件”", "去 ", "12333 停", "（补）"]), min_size=1
    ),
    st.sampled_from(["", "。", "。”", " "]),
    st.integers(24, 48),
)
def test_it_never_does_whatever_the_text(pieces: list[str], mark: str, columns: int) -> None:
    text = "".join(pieces) + mark
    for lines in (wrap(text, columns), balanced(text, columns)):
        assert len(lines) == 1 or len([letter for letter in lines[-1] if letter.isalnum()]) > 1


@pytest.mark.parametrize("columns", range(10, 40))
def test_no_word_is_parted(columns: int) -> None:
    text = "，请到".join(WORDS.split())
    for lines in (wrap(text, columns), balanced(text, columns)):
        assert [word for word in WORDS.split() if not any(word in line for line in lines)] == []


def test_the_longest_word_fits_the_largest_line_of_the_narrowest_paper() -> None:
    """Five characters of 9 mm."""
    assert max(len(word) for word in WORDS.split()) <= 5


@pytest.mark.parametrize("mark", "，。、：；？！”’）》")
def test_a_closing_mark_never_begins_a_line(mark: str) -> None:
    assert wrap("一二三四" + mark + "五", 8) == ["一二三", "四" + mark + "五"]


def test_an_opening_mark_never_ends_a_line() -> None:
    assert wrap("一二三“四五”", 8) == ["一二三", "“四五”"]


def test_a_short_quotation_stays_whole_where_it_fits() -> None:
    """“我的办件” is what the reader looks for on the screen."""
    assert wrap("结果在“我的办件”里看", 16) == ["结果在", "“我的办件”里看"]
    assert wrap("选“城乡居民医保”。", 13) == ["选“城乡居民", "医保”。"]
    assert wrap("在“我的办件”里看", 8) == ["在“我的", "办件”", "里看"]


def test_words_and_numbers_stay_whole_where_they_fit() -> None:
    assert wrap("请打 12393 转 4", 9) == ["请打", "12393", "转 4"]
    assert wrap("123456789012", 5) == ["12345", "67890", "12"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("林＊＊  尾号 002X", ["林＊＊", "尾号 002X"]),
        ("林＊＊  no. ends 002X", ["林＊＊", "no. ends 002X"]),
        ("2026年1月到2026年10月", ["2026年1月到", "2026年10月"]),
        ("新生儿，出生后 90 天内", ["新生儿，", "出生后 90 天内"]),
    ],
)
def test_a_number_stays_with_what_it_is_or_counts(text: str, lines: list[str]) -> None:
    assert wrap(text, 16) == lines


def test_the_widest_part_is_what_a_narrower_line_tears() -> None:
    assert [widest_part(text) for text in ("", "您好", "到服务中心。", "请打 12393")] == [0, 2, 10, 5]


def test_a_number_longer_than_a_line_is_broken_after_a_hyphen() -> None:
    assert wrap("K001-26-000317-7Q4X", 16) == ["K001-26-", "000317-7Q4X"]
    assert wrap("尾号000317-7Q4X", 8) == ["尾号", "000317-", "7Q4X"]


def test_spaces_go_at_a_break_and_stay_at_the_start() -> None:
    assert wrap("  一二三   四五", 8) == ["  一二三", "四五"]
    assert wrap("    ", 2) == [""]
    assert wrap("", 2) == [""]


def test_even_lines_end_with_a_phrase_where_that_costs_no_line() -> None:
    assert balanced("已登记，还没有提交", 16) == ["已登记，", "还没有提交"]
    assert balanced("服务台 000-00000000 · 终端 K-001", 32) == ["服务台 000-00000000 ·", "终端 K-001"]
    assert balanced("有事打服务台电话，报登记号", 24) == ["有事打服务台电话，", "报登记号"]
    assert balanced("一行", 16) == ["一行"]


@pytest.mark.parametrize(
    "title",
    [
        "环城路社区／党群服务中心",
        "领取养老待遇／资格认证",
        "还不确定／有没有办成",
        "社保卡临时／挂失与解挂",
    ],
)
def test_a_title_breaks_between_words(title: str) -> None:
    assert "／".join(balanced(title.replace("／", ""), 16)) == title


TEXTS = st.text(st.one_of(st.sampled_from(SENTENCE + " ab-（）《》🙂\u0301𠮷"), st.characters()), max_size=80)


@given(TEXTS, st.integers(12, 60))
def test_no_line_is_too_wide_and_nothing_but_spaces_is_lost(text: str, columns: int) -> None:
    text = printable(text).replace("\n", " ")
    for lines in (wrap(text, columns), balanced(text, columns)):
        assert max(columns_of(line) for line in lines) <= columns
        whole = "".join(cluster.text for cluster in clusters(text))
        assert "".join(lines).replace(" ", "") == whole.replace(" ", "")


@given(
    st.lists(st.sampled_from(["一", "二三", "ab12", "（四）", "五，", "“六。”", " "]), max_size=40), st.integers(12, 40)
)
@example([" ", "二三", "二三", "二三"], 12)
@example([" ", "ab12", "ab12", "ab12"], 12)
def test_lines_keep_the_rules_of_setting(pieces: list[str], columns: int) -> None:
    for lines in (wrap("".join(pieces), columns), balanced("".join(pieces), columns)):
        assert not any(line[0] in CLOSING for line in lines[1:])
        assert not any(line[-1] in OPENING for line in lines[:-1])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("¥20\u00a0元", "￥20 元"),
        ("支付 ✓✔", "支付 √√"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("a\tb", "a   b"),
        ("\ufeff葛\U000e0100城\u200b", "葛城"),
        ("\x1b@", "\x1b@"),
    ],
)
def test_text_is_brought_to_the_characters_of_receipts(text: str, plain: str) -> None:
    assert printable(text) == plain


@pytest.mark.parametrize(
    ("character", "repertoires"),
    [
        ("好", {"gb2312", "gbk", "gb18030"}),
        ("￥", {"gb2312", "gbk", "gb18030"}),
        ("·", {"gb2312", "gbk", "gb18030"}),
        ("—", {"gb2312", "gbk", "gb18030"}),
        ("㎡", {"gbk", "gb18030"}),
        ("镕", {"gbk", "gb18030"}),
        ("䶮", {"gb18030"}),
        ("𠮷", {"gb18030"}),
        ("🙂", set()),
        ("é", set()),
        ("\x1b", set()),
        ("\ue000", set()),
        ("\n", set()),
    ],
)
def test_what_the_font_of_a_printer_holds(character: str, repertoires: set[Repertoire]) -> None:
    known: tuple[Repertoire, ...] = ("gb2312", "gbk", "gb18030")
    assert {repertoire for repertoire in known if in_rom(character, repertoire)} == repertoires


def test_all_of_gbk_is_written_in_the_bytes_of_gbk() -> None:
    characters = [chr(code) for code in range(0x20, 0x10000) if in_rom(chr(code), "gbk")]
    assert len(characters) > 21_000
    assert [character for character in characters if encoded(character) != character.encode("gbk")] == []
    assert all(columns_of(character) == len(encoded(character)) for character in characters)
