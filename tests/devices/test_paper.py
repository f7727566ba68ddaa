from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from devices import paper, wrapping
from devices.models import MODELS
from devices.paper import (
    INK,
    LONGEST,
    USUAL,
    Align,
    Barcode,
    Block,
    Gap,
    Pair,
    Qr,
    QrLine,
    Rule,
    Size,
    Space,
    Text,
    TextLine,
    from_text,
    layout,
    to_escpos,
    to_picture,
)
from devices.printer import _NOTHING
from devices.simulated.paper_roll import MARGIN
from tests.devices.receipts import FILING, RARE_NAME
from tests.paper import codes_on, printed


def texts(blocks: list[Block], columns: int = 48, *, large_print: bool = False) -> list[str]:
    return [line.text for line in layout(blocks, columns, large_print=large_print) if isinstance(line, TextLine)]


# ---- The bytes


def test_a_job_is_reset_text_feed_and_cut() -> None:
    assert to_escpos([Text("您好")], 48) == (
        b"\x1b@" + b"\x1c&"  # reset, Chinese characters on
        + b"\x1b3\x20" + "您好\n".encode("gb18030")
        + b"\x1b3\x20" + b"\x1bd\x06" + b"\x1dV\x01"  # feed, partial cut
    )  # fmt: skip


def test_sizes_weights_and_places_are_commands_around_the_text() -> None:
    job = to_escpos([Text("题", size="large", bold=True, align="center"), Text("文")], 48)
    assert b"\x1ba\x01\x1bE\x01\x1d!\x11" + "题\n".encode("gb18030") in job
    assert b"\x1ba\x00\x1bE\x00\x1d!\x00" + "文\n".encode("gb18030") in job


@pytest.mark.parametrize("text", ["￥20.00", "¥20.00", "，。：“”", "①②", "√", "支付 ✓", "㎡ № ℃"])
def test_signs_without_a_han_character_are_printed_as_text(text: str) -> None:
    """python-escpos' own text prints ? for most of these, and four bytes of garbage for ¥ and ✓."""
    [line] = printed(to_escpos([Text(text)], 48)).lines
    assert (line.kind, line.text) == ("text", text.replace("¥", "￥").replace("✓", "√"))


@pytest.mark.parametrize("text", ["䶮", "𠮷野家", "🙂", "José", "\ue000"])
def test_a_line_beyond_the_font_rom_is_a_bitmap(text: str) -> None:
    job = to_escpos([Text("上"), Text("名" + text), Text("下")], 48)
    assert [line.kind for line in printed(job).lines] == ["text", "bitmap", "text"]
    assert b"\x1dv0\x00" in job


@pytest.mark.parametrize(("repertoire", "bitmaps"), [("gb2312", 2), ("gbk", 1), ("gb18030", 0)])
def test_what_is_beyond_depends_on_the_printer(repertoire: wrapping.Repertoire, bitmaps: int) -> None:
    job = to_escpos([Text("㎡"), Text("䶮𠮷")], 48, model=replace(USUAL, repertoire=repertoire))
    assert job.count(b"\x1dv0\x00") == bitmaps


@pytest.mark.parametrize("columns", [32, 48])
def test_a_name_of_fifteen_rare_characters_is_drawn_whole(columns: int) -> None:
    ticket = printed(to_escpos([Pair("姓名", RARE_NAME)], columns), columns)
    name = ticket.lines[-1]
    assert name.kind == "bitmap"
    line = ticket.picture.crop((columns * 12 - 15 * 24, MARGIN + name.top, columns * 12, MARGIN + name.top + 24))
    for place in range(15):
        dark = sum(line.crop((24 * place, 0, 24 * place + 24, 24)).histogram()[:128])
        assert dark > 30, f"cell {place} is empty"


def test_a_character_without_a_glyph_is_a_box_with_its_code() -> None:
    drawn = {code: to_picture([Text(chr(code))], 32) for code in (0x2EBF0, 0x2EBF1, 0xE000)}
    box = drawn[0x2EBF0].crop((0, MARGIN, 36, MARGIN + 24))
    assert all(box.getpixel((x, 0)) == 0 for x in range(1, 35)), "a frame"
    assert ImageChops.difference(drawn[0x2EBF0], drawn[0x2EBF1]).getbbox(), "the code is readable in it"


def test_a_qr_code_is_the_printers_own_and_in_the_middle() -> None:
    job = to_escpos([Qr("K001-26-000317")], 48)
    assert b"\x1ba\x01\x1d(k\x04\x001A2\x00" in job
    assert b"\x1d(k\x11\x001P0K001-26-000317" in job
    bitmap = to_escpos([Qr("K001-26-000317")], 48, model=replace(USUAL, qr="bitmap"))
    one, other = printed(job).picture, printed(bitmap).picture
    assert ImageChops.difference(one.crop((0, 0, 576, 200)), other.crop((0, 0, 576, 200))).getbbox() is None


@pytest.mark.parametrize("data", ["", "x" * 513, "中" * 171, "a\nb", "\x1b", "\ud800"])
def test_a_qr_code_of_anything_else_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="QR code"):
        Qr(data)


def test_a_bar_code_is_the_printers_own_and_in_the_middle() -> None:
    blocks: list[Block] = [Text("一"), Barcode("K001-26-{317}")]
    native, bitmap = to_escpos(blocks, 48), to_escpos(blocks, 48, model=replace(USUAL, barcode="bitmap"))
    assert b"\x1dkI\x10{BK001-26-{{317}" in native
    assert b"\x1dk" not in bitmap
    one, other = printed(native), printed(bitmap)
    assert [line.text for line in one.lines] == ["一", "[bars K001-26-{317}]", "K001-26-{317}"]
    high = to_picture(blocks, 48).height
    assert ImageChops.difference(one.picture, other.picture).getbbox() is None
    assert ImageChops.difference(one.picture.crop((0, 0, 576, high)), to_picture(blocks, 48)).getbbox() is None


@pytest.mark.parametrize(("columns", "most"), [(48, 21), (32, 12)])
def test_a_bar_code_that_is_wider_than_the_paper_is_refused(columns: int, most: int) -> None:
    layout([Barcode("K" * most)], columns)
    with pytest.raises(ValueError, match="wider than the paper"):
        layout([Barcode("K" * (most + 1))], columns)


@pytest.mark.parametrize("data", ["", "K" * 41, "登记号", "a\nb", "\x7f"])
def test_a_bar_code_of_anything_else_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="bar code"):
        Barcode(data)


@pytest.mark.parametrize("codes", ["native", "bitmap"])
@pytest.mark.parametrize("columns", [32, 48])
def test_codes_are_read_from_the_paper(columns: int, codes: Literal["native", "bitmap"], tmp_path: Path) -> None:
    """By zbar, from the picture: the printer's own codes and those drawn here."""
    blocks: list[Block] = [Qr("https://kiosk.example.cn/q/K001-26-000317"), Text("一"), Barcode("K-{317}")]
    job = to_escpos(blocks, columns, model=replace(USUAL, qr=codes, barcode=codes))
    assert sorted(codes_on(printed(job, columns), tmp_path)) == [
        ("CODE-128", "K-{317}"),
        ("QR-Code", "https://kiosk.example.cn/q/K001-26-000317"),
    ]


def test_no_command_is_longer_than_what_ends_it() -> None:
    """The driver ends a command that was cut short with so many bytes of nothing."""
    blocks: list[Block] = [Text("𠮷" * 10, size="huge"), Text("𠮷" * 32), Qr("x" * 512), Barcode("K" * 12)]
    for model in MODELS.values():
        job = to_escpos(blocks, model.columns, large_print=True, model=model)
        lengths = [
            int.from_bytes(size[1], "little") * int.from_bytes(size[2], "little")
            for size in re.finditer(rb"\x1dv0\x00(..)(..)", job, re.DOTALL)
        ]
        assert max(lengths) + 8 <= LONGEST
    assert len(_NOTHING) >= LONGEST


def test_a_printer_without_a_cutter_only_feeds() -> None:
    assert b"\x1dV" not in to_escpos([Text("一")], 48, model=replace(USUAL, cut="none"))
    assert to_escpos([Text("一")], 48, model=replace(USUAL, cut="full")).endswith(b"\x1dV\x00")


def test_a_usual_receipt_is_small() -> None:
    for columns in (32, 48):
        job = to_escpos(FILING, columns)
        assert len(job) <= 1500
        assert b"\x1dv0" not in job


# ---- The layout, and that bytes and picture follow it


@pytest.mark.parametrize("large_print", [False, True])
@pytest.mark.parametrize("columns", [32, 48])
def test_paper_and_picture_show_the_layout_line_by_line(columns: int, large_print: bool) -> None:
    ticket = printed(to_escpos(FILING, columns, large_print=large_print), columns)
    wanted = [line for line in layout(FILING, columns, large_print=large_print) if not isinstance(line, Gap)]
    assert len(ticket.lines) == len(wanted)
    for line, want in zip(ticket.lines, wanted, strict=True):
        match want:
            case TextLine():
                bold = "".join(span.text for span in want.spans if span.bold)
                assert (line.text, line.size, line.bold) == (want.text, (want.size, want.size), bold)
                assert line.align == want.align
            case QrLine():
                assert line.text == f"[QR {want.data}]"
    picture = to_picture(FILING, columns, large_print=large_print)
    assert picture.width == columns * 12
    assert picture.height - 2 * MARGIN <= ticket.picture.height - 2 * MARGIN
    torn = ticket.picture.crop((0, 0, *picture.size))
    assert ImageChops.difference(picture, torn).getbbox() is None, "dot by dot"


@pytest.mark.parametrize("line", [line for line in layout(FILING, 48) if isinstance(line, TextLine)])
def test_text_reaches_the_wire_byte_for_byte(line: TextLine) -> None:
    commands = rb"(?:\x1bE.|\x1ba.|\x1d!.)*"
    spans = commands.join(re.escape(span.text.encode("gb18030")) for span in line.spans)
    assert re.search(spans + rb"\n", to_escpos(FILING, 48), re.DOTALL)


@pytest.mark.parametrize("columns", [32, 48])
def test_a_pair_stands_at_both_edges(columns: int) -> None:
    [line] = texts([Pair("类型", "长期住在外地")], columns)
    assert line.startswith("类型  ")
    assert line.endswith("  长期住在外地")
    assert wrapping.columns_of(line) == columns


@pytest.mark.parametrize("large_print", [False, True])
def test_what_follows_a_mark_stands_under_its_first_line(large_print: bool) -> None:
    """A list is read by its marks: nothing else begins where they stand."""
    first, *others = texts([Text("还没上户口的，带出生医学证明到服务台办", mark="□ ")], 32, large_print=large_print)
    assert first.startswith("□ 还没上户口")
    assert others
    assert all(line.startswith("   ") and line[3] != " " for line in others)


def test_a_long_value_wraps_beside_its_label() -> None:
    lines = texts([Pair("地址", "临漪市望湖区青石桥路十八号五百零二室（西门进）")], 32)
    assert lines == ["地址  临漪市望湖区青石桥路十八号", "      五百零二室（西门进）"]


def test_a_value_that_fits_a_line_but_not_its_labels_goes_below() -> None:
    assert texts([Pair("您这次选的参保所在地", "临漪市望湖区青石桥路")], 32) == [
        "您这次选的参保所在地",
        "临漪市望湖区青石桥路",
    ]


@pytest.mark.parametrize("number", ["K001-26-000317-7Q4X7", "MT35090020261122000123"])
def test_in_large_print_on_narrow_paper_a_number_stays_whole_and_high(number: str) -> None:
    """It is dictated on the telephone: 登记号, 受理号. Half as wide, but 6 mm high like what stands around it."""
    label, value = layout([Pair("登记号", number, bold=True)], 32, large_print=True)
    assert isinstance(label, TextLine)
    assert isinstance(value, TextLine)
    assert (label.text, label.size) == ("登记号", 2)
    assert (value.text, value.size, value.high, value.align) == (number, 1, 2, "right")


def test_the_picture_of_a_number_half_as_wide_is_the_paper_dot_by_dot() -> None:
    blocks: list[Block] = [Pair("登记号", "K001-26-000317-7Q4X7", bold=True), Text("完")]
    job = to_escpos(blocks, 32, large_print=True)
    assert b"\x1d!\x01K001-26-000317-7Q4X7\n" in job
    ticket, picture = printed(job, 32), to_picture(blocks, 32, large_print=True)
    assert [line.size for line in ticket.lines] == [(2, 2), (1, 2), (2, 2)]
    assert ImageChops.difference(picture, ticket.picture.crop((0, 0, *picture.size))).getbbox() is None
    rare = to_picture([Pair("登记号", "𠮷K001-26-000317-7Q4X7")], 32, large_print=True)
    bitmap = printed(to_escpos([Pair("登记号", "𠮷K001-26-000317-7Q4X7")], 32, large_print=True), 32).picture
    dots = rare.point(lambda level: 255 if level < INK else 0)
    torn = bitmap.crop((0, 0, *rare.size)).point(lambda level: 255 if level < INK else 0)
    assert ImageChops.difference(dots, torn).getbbox() is None


def test_a_value_is_wrapped_beside_its_label_where_that_saves_the_line_of_the_label() -> None:
    assert texts([Pair("持卡人", "林＊＊  尾号 002X")], 32, large_print=True) == ["持卡人 林＊＊", "       尾号 002X"]
    assert texts([Pair("原来约的", "11月24日周二 8:30 到 10:00")], 48, large_print=True) == [
        "原来约的   11月24日周二",
        "           8:30 到 10:00",
    ]


def test_label_and_value_keep_as_much_paper_between_them_in_large_print_as_in_normal() -> None:
    assert texts([Pair("申请人", "林＊＊  尾号 002X")], 48, large_print=True) == ["申请人 林＊＊  尾号 002X"]


def test_line_ends_in_values_do_not_tear_a_pair() -> None:
    assert texts([Pair("类型", "一\n二")], 32) == ["类型" + " " * 23 + "一 二"]


def test_bold_values_have_plain_labels() -> None:
    [line] = layout([Pair("登记号", "K001", bold=True)], 32)
    assert isinstance(line, TextLine)
    assert [(span.text.strip(), span.bold) for span in line.spans] == [("登记号", False), ("K001", True)]


def test_large_print_is_at_least_six_millimetres_high() -> None:
    """8 dots are a millimetre. 4.5 mm is asked for, and 6 mm for the state; a font ROM has 3, 6 and 9."""
    blocks = [block for block in FILING if not isinstance(block, Rule)]
    sizes = [line.size for line in layout(blocks, 48, large_print=True) if isinstance(line, TextLine)]
    assert min(sizes) * 24 / 8 >= 6
    assert max(sizes) == 3


def test_no_normal_text_is_lower_than_three_millimetres() -> None:
    assert min(line.size for line in layout(FILING, 32) if isinstance(line, TextLine)) * 24 / 8 >= 3


def test_a_title_that_does_not_fit_breaks_at_a_phrase() -> None:
    assert texts([Text("已登记，还没有提交", size="large")], 32) == ["已登记，", "还没有提交"]


@pytest.mark.parametrize("columns", [32, 48])
@pytest.mark.parametrize(
    "title",
    [
        "已登记，／还没有提交",
        "还不确定／有没有办成",
        "已提交，／等审核",
        "这张凭条／不是证明",
        "没有通过",
        "社保卡临时／挂失与解挂",
    ],
)
def test_in_large_print_a_title_is_rather_set_in_two_lines_than_smaller(title: str, columns: int) -> None:
    """Bad news takes more words than good news, and is not to be the quieter for it."""
    lines = [
        line
        for line in layout([Text(title.replace("／", ""), size="large")], columns, large_print=True)
        if isinstance(line, TextLine)
    ]
    assert {line.size for line in lines} == {3}
    assert "".join(line.text for line in lines) == title.replace("／", "")
    assert len(lines) == 1 or "／".join(line.text for line in lines) == title


@pytest.mark.parametrize(
    "title", ["领取养老待遇资格认证", "已转给工作人员，等电话", "Registered, not yet submitted", "甲\n乙\n丙"]
)
def test_a_title_of_more_lines_or_wider_words_is_one_size_smaller(title: str) -> None:
    lines = layout([Text(title, size="large")], 32, large_print=True)
    assert {line.size for line in lines if isinstance(line, TextLine)} == {2}


@pytest.mark.parametrize("columns", [0, 31, 65])
def test_paper_of_an_impossible_width_is_refused(columns: int) -> None:
    with pytest.raises(ValueError, match="32 to 64 columns"):
        layout([], columns)


def test_space_is_empty_paper() -> None:
    one, three = (to_picture([Text("一"), Space(lines), Text("二")], 32).height for lines in (1, 3))
    assert three - one == 2 * 32
    high = printed(to_escpos([Text("一"), Space(50), Text("二")], 32), 32)
    assert [line.top for line in high.lines] == [0, 32 + 50 * 32]
    with pytest.raises(ValueError, match="0 to 50"):
        Space(51)


def test_plain_text_keeps_its_lines() -> None:
    assert texts(from_text("一\r\n\n  二\n"), 32) == ["一", "", "  二"]


# ---- Whatever is printed


LINES = st.text(
    st.one_of(st.characters(), st.sampled_from("您好，。（）“”\x1b\x1d\x10\x04\x14\x1c@!a𠮷\u0301 \n")), max_size=40
)
SIZES: st.SearchStrategy[Size] = st.sampled_from(["normal", "large", "huge"])
ALIGNS: st.SearchStrategy[Align] = st.sampled_from(["left", "center", "right"])
BLOCKS: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, LINES, SIZES, st.booleans(), ALIGNS), st.builds(Pair, LINES, LINES, st.booleans()), st.just(Rule())
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BLOCKS, min_size=1, max_size=4), st.sampled_from([32, 48]), st.booleans())
def test_any_text_prints_and_none_becomes_a_command(blocks: list[Block], columns: int, large_print: bool) -> None:
    """The interpreter knows the commands that receipts use; a byte of text taken for another would be reported."""
    job = to_escpos([*blocks, Text("完")], columns, large_print=large_print)
    assert not re.search(rb"\x10[\x04\x05\x14]", job), "no real-time command, not even by chance in a bitmap"
    ticket = printed(job, columns)
    lines = [
        line for line in layout([*blocks, Text("完")], columns, large_print=large_print) if not isinstance(line, Gap)
    ]
    assert len(ticket.lines) == len(lines)
    for line, want in zip(ticket.lines, lines, strict=True):
        assert isinstance(want, TextLine)
        assert line.text == want.text or line.kind == "bitmap"
    assert to_picture(blocks, columns, large_print=large_print).width == columns * 12


@pytest.mark.parametrize(
    "name", ["王\x1b@小明", "\x1dV\x00", "\x10\x04\x01", "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", "\x1c."]
)
def test_a_command_in_a_name_is_drawn_instead_of_obeyed(name: str) -> None:
    ticket = printed(to_escpos([Pair("姓名", name), Text("后")], 48))
    assert [line.kind for line in ticket.lines] == ["bitmap", "text"]


def test_no_bitmap_holds_a_real_time_command() -> None:
    """DLE DC4 would switch a printer off, in the middle of a picture too."""
    for command in (b"\x10\x04\x01", b"\x10\x05\x01", b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"):
        safe = paper._without_real_time_commands(b"\0" + command)
        assert command[:2] not in safe
        assert len(safe) == len(command) + 1


# ---- The library behind it


def test_importing_the_library_leaves_no_trace(tmp_path: Path) -> None:
    """It would leave a folder in the temporary folder, and add a handler to the root logger."""
    script = (
        "import logging, sys; from devices.paper import Text, to_escpos; assert 'escpos' not in sys.modules; "
        "to_escpos([Text('一')], 48); assert 'escpos' in sys.modules; assert logging.getLogger().handlers == []"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_rendering_says_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        to_escpos(FILING, 48)
    assert not [record for record in caplog.records if record.name.startswith("devices")]
