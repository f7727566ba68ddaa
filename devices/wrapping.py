"""Lines of paper: how wide a text is in columns, where a line may end, and what the printer's own font can print.

A column is half as wide as a Han character. Widths are those of the printer's font ROM: what GBK writes in one byte
takes one column, what it writes in two takes two. Lines keep the rules of Chinese setting (GB/T 15834, 5.1): no closing
mark begins a line and no opening mark ends one; words and numbers stay whole where they fit. Chinese writes no spaces
between its words: which characters make one that a receipt says is a table (`WORDS`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from devices import glyphs

Repertoire = Literal["gb2312", "gbk", "gb18030"]
"""What a printer's font ROM holds. Many sold as GB 18030 hold its two-byte part, which is GBK."""

CLOSING = frozenset("，。、：；？！”’）》〉】」』〕］｝…—～·％℃,.:;?!)]}%>")
OPENING = frozenset("“‘（《〈【「『〔［｛￥$([{<#")
_MARKS = CLOSING | OPENING | {" "}
ENDS, PAUSES = frozenset("。；？！.;?!"), frozenset("，、：）”》」』,:)·")
WORDS = """
    党群 服务中心 社区 街道 服务台 自助 终端 工作人员 公共服务 平台 国家 税务 总局 部门 窗口 银行 示范 医院 驿站 小哥
    单位 城乡 居民 职工 医保 社保 社会 保险 社保卡 医保码 养老 待遇 资格 认证 异地 就医 备案 挂失 解挂 临时 家庭 共济
    参保 缴费 暂停 正常 最低 生活 保障 生育 退休 工伤 失业 残疾 证明 凭条 凭证 回执 指南 依据 材料 户口本 身份证
    居住证 出生 医学 门诊 病历 出院 小结 诊断 检查 报告 预防 接种 接种本 申请 申请人 代办人 持卡人 家里人 家人 孩子
    大人 学生 新生儿 监护人 子女 姓名 名字 联系 电话 手机 短信 密码 验证码 核对码 屏幕 账户 登记 登记号 受理 受理号
    提交 审核 办理 办成 办结 办事 办件 报销 查询 结果 记录 预约 签到 取消 通过 确认 转账 补办 停用 恢复 期限 期间 时间
    日期 长期 年底 以前 以后 最近 最好 现在 网络 联网 系统 机器 自动 热敏纸 褪色 重要 内容 拍照 保存 打开 提示 清楚
    注意 安全 着急 住院 正在 看病 照样 直接 回音 有没有 没有 还没有 知道 不知道 确定 不确定 还要 才能 可以 需要 不能
    不会 不用 不要 一次 一声 扫一扫 看一看 眨眨眼 我们 怎么 什么 哪里 这里 这台 这张 那部分 或者 为准 下去 再来 具体
    条件 其他 范围 情况 属实 告诉 舒服 那一页 机器上 这个码 不在 自己 信息 开好 银行卡 任何一台 给您 替您 今年 过了年
    一段时间 出生后
"""
"""Of up to four characters, so that each fits the largest line of the narrowest paper."""
_QUOTATION = re.compile('“[^“”]{1,6}”|"[^"]{1,12}"')
"""A short one stays whole where it fits: it names what somebody looks for."""
_WORD = re.compile(
    r"(?:尾号|no\. ends) ?[0-9X]{4}|(?:第 ?)?(?:[0-9]+ ?[年月日天元次岁点分]内?)+|"
    + "|".join(sorted(WORDS.split(), key=len, reverse=True))
)
"""A number is read with what it is of, or what it counts."""
RAGGED, IN_SENTENCE, IN_CLAUSE, SHORT, LONE = 3.0, 0.3, 2.0, 1.5, 100.0
"""How ugly: an empty line (by the square of what is empty of it), one that ends after a comma, one that ends where
nothing pauses, a last line that fills less than a third, one of a single character."""
_AS = str.maketrans({"¥": "￥", "✓": "√", "✔": "√", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"})


@dataclass(frozen=True)
class Cluster:
    """What stands in one place: a character with the combining marks on it. `columns` at normal size."""

    text: str
    columns: int
    boxed: bool = False
    """No font has it: a box with its code and sound, as large as any text, stands for it."""
    held: Literal[0, 1, 2] = 0
    """How firmly it keeps the next one on its line: 1 as part of a quotation, 2 as part of a word."""


def printable(text: str) -> str:
    """`text` in the characters that receipts use: one kind of line end, of space, of yuan sign and of tick.

    Invisible format characters go. Control characters stay: they become boxes, never commands.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_AS).expandtabs(4)
    return "".join(
        " " if character != "\u3000" and unicodedata.category(character) == "Zs" else character
        for character in glyphs.visible(text)
    )


def clusters(text: str) -> list[Cluster]:
    """The places of a line of `printable` text, in order."""
    found: list[Cluster] = []
    for character in text:
        if unicodedata.combining(character) and found and not found[-1].boxed and glyphs.has_glyph(character):
            whole = unicodedata.normalize("NFC", found[-1].text + character)
            found[-1] = Cluster(whole, _columns(whole[0]))
        elif in_rom(character, "gbk") or glyphs.has_glyph(character):
            found.append(Cluster(character, _columns(character)))
        else:
            found.append(Cluster(character, len(" ".join(glyphs.in_box(character)).rstrip()) + 1, boxed=True))
    return found


def columns_of(text: str) -> int:
    """The width of a line of `printable` text at normal size."""
    return sum(cluster.columns for cluster in clusters(text))


def in_rom(text: str, repertoire: Repertoire) -> bool:
    """Whether a printer whose ROM holds `repertoire` prints all of `text` itself."""
    return all(_in_rom(character, repertoire) for character in text)


def encoded(text: str) -> bytes:
    """The bytes of text that is `in_rom`: GB 18030, of which GBK and GB 2312 are parts."""
    return text.encode("gb18030")


def wrap(text: str, columns: int) -> list[str]:
    """One line of `printable` text in as few lines of at most `columns` as it takes; an empty text is one empty line.

    They end after punctuation where that costs no line, and the last has more than one character. Spaces at a break go,
    those at the start of the text stay. A box wider than `columns` stands alone.
    """
    return _set(text, columns, even=False)


def balanced(text: str, columns: int) -> list[str]:
    """Like `wrap` for titles and lists: the last line is about as long as the others."""
    return _set(text, columns, even=True)


def widest_part(text: str) -> int:
    """The columns of the widest word, number or other part of `printable` text: a narrower line tears it."""
    return max(_width(part) for part in _split(_with_words_held(clusters(text)), RULES[0]))


def inside_words(text: str) -> set[int]:
    """Where a break tears a word: the place in the text of each of its signs but the first."""
    return {at for word in _WORD.finditer(text) for at in range(word.start() + 1, word.end())}


def _set(text: str, columns: int, *, even: bool) -> list[str]:
    """Of all ways to set the text in the fewest lines, that which reads best."""
    parts = _parts(_with_words_held(clusters(text)), columns, RULES)
    best: list[tuple[int, float, list[str]]] = [(0, 0.0, [])]  # of the first so many parts: lines, ugliness, the lines
    for end in range(1, len(parts) + 1):
        ways: list[tuple[int, float, list[str]]] = []
        line: list[Cluster] = []
        for start in reversed(range(end)):
            line = parts[start] + line
            if ways and _width(line) > columns:
                break
            count, ugly, before = best[start]
            ugly += _ugliness(line, columns, alone=not start, last=end == len(parts), even=even)
            whole = "".join(place.text for place in line)
            ways.append((count + 1, ugly, [*before, whole.strip(" ") if start else whole.rstrip(" ")]))
        best.append(min(ways, key=lambda way: way[:2]))
    # spaces before a word that fills the line make no line of their own
    return [line for line in best[-1][2] if line] or [""]


def _ugliness(line: list[Cluster], columns: int, *, alone: bool, last: bool, even: bool) -> float:
    """How badly a line reads; `alone` where it is the first, `last` where no other follows."""
    if last and alone:
        return 0.0
    empty = 1 - _width(line) / columns
    ragged = RAGGED * empty * empty
    if not last:
        mark = "".join(place.text for place in line).rstrip(" ")[-1:]
        return ragged + (0.0 if mark in ENDS else IN_SENTENCE if mark in PAUSES else IN_CLAUSE)
    lone = LONE if sum(place.text not in _MARKS for place in line) == 1 else 0.0
    return lone + (ragged if even else SHORT if 3 * _width(line) < columns else 0.0)


def _with_words_held(places: list[Cluster]) -> list[Cluster]:
    """The same places, of which those of a quotation or a word hold on to each other."""
    text = "".join(place.text for place in places)
    held: dict[int, Literal[1, 2]] = {}
    for whole in _QUOTATION.finditer(text):
        held |= dict.fromkeys(range(whole.start() + 1, whole.end()), 1)
    held |= dict.fromkeys(inside_words(text), 2)
    ends = accumulate(len(place.text) for place in places)
    return [replace(place, held=held[end]) if end in held else place for place, end in zip(places, ends, strict=True)]


Rule = Callable[[Cluster, Cluster], bool]
"""Whether a line may end between two places."""


def _parts(places: list[Cluster], columns: int, rules: Sequence[Rule]) -> list[list[Cluster]]:
    """What lines are made of: what the first rule does not part; of that which is wider than a line, what the next does
    not part, and at last single places."""
    if not rules:
        return [[place] for place in places]
    parts: list[list[Cluster]] = []
    for part in _split(places, rules[0]):
        parts += [part] if _width(part) <= columns else _parts(part, columns, rules[1:])
    return parts


def _split(places: list[Cluster], rule: Rule) -> list[list[Cluster]]:
    parts: list[list[Cluster]] = [[]]
    for place in places:
        if parts[-1] and rule(parts[-1][-1], place):
            parts.append([])
        parts[-1].append(place)
    return parts


def _width(places: list[Cluster]) -> int:
    """The columns that places take in a line of their own: spaces at its end go."""
    count = len(places)
    while count and places[count - 1].text == " ":
        count -= 1
    return sum(place.columns for place in places[:count])


def _between_all(before: Cluster, after: Cluster) -> bool:
    return not before.held and _may_break(before, after)


def _between_words(before: Cluster, after: Cluster) -> bool:
    return before.held < 2 and _may_break(before, after)


def _may_break(before: Cluster, after: Cluster) -> bool:
    if before.text == " " or after.text == " ":
        return before.text == " " and _keeps_marks(before, after)
    return _keeps_marks(before, after) and not (_in_word(before) and _in_word(after))


def _after_hyphen(before: Cluster, after: Cluster) -> bool:
    """Where a number is broken that is longer than a line."""
    return before.text == "-" and _keeps_marks(before, after)


def _keeps_marks(before: Cluster, after: Cluster) -> bool:
    return after.text not in CLOSING and after.text != " " and before.text not in OPENING


def _in_word(place: Cluster) -> bool:
    return place.columns == 1


RULES: Sequence[Rule] = (_between_all, _between_words, _may_break, _after_hyphen, _keeps_marks)
"""What is wider than a line by one is parted by the next."""


def _columns(character: str) -> int:
    if _in_rom(character, "gbk"):
        return len(character.encode("gbk"))
    if _is_marked_latin(character):
        return 1
    wide = unicodedata.east_asian_width(character) in "WFA" or "\U00020000" <= character <= "\U0003fffd"
    return 2 if wide else 1


def _in_rom(character: str, repertoire: Repertoire) -> bool:
    if (not character.isprintable() and character != "\u3000") or _is_marked_latin(character):
        return False
    try:
        code = character.encode("gbk")
    except UnicodeEncodeError:
        return repertoire == "gb18030" and _is_han_of_gb18030(character)
    if repertoire != "gb2312" or len(code) == 1:
        return True
    try:
        code.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _is_marked_latin(character: str) -> bool:
    """é and its like: the ROM has them for pinyin, as wide as a Han character, which tears José apart."""
    return "\u00c0" <= character <= "\u024f" and character.isalpha()


def _is_han_of_gb18030(character: str) -> bool:
    """Extension A and the twenty-five thousand further Han characters; other signs of four bytes differ by model."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0002a6df"
