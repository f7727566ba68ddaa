"""The authorities' codes in words: each table whole, and what becomes of a code that none has."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.code_words import CodeWords, load_code_words
from kiosk.insurance_words import load_insurance_words
from kiosk.tables import CATALOG, CatalogError

INSURANCE = load_insurance_words()


@pytest.fixture(scope="module")
def words() -> CodeWords:
    return load_code_words(INSURANCE)


NATIONAL = {
    "insutype": "310 320 330 340 350 360 370 380 390 391 392 399 410 510",
    "psn_insu_stas": "0 1 2 3 4",
    "psn_clct_stas": "1 2 3",
    "psn_cert_type": "01 02 03 04 05 06 07 08 09 16 17 90 91 99",
    "psn_type": "11 12 13 14 15 16",
    "surv_stas": "1 2 3 4 9",
    "gend": "1 2 9",
    "med_type": "11 12 13 14 21 51 52",
    "clct_type": "10",
    "clct_flag": "0 1",
}
"""Of the national medical insurance platform; 510 is maternity, which it collects too."""

SOCIAL = {
    "aae140": "110 120 170 210 410 510",
    "aac008": "1 2 3",
    "cb_state": "0 1 2 4",
    "jf_state": "1 2 3",
    "jf_type": "10 31",
}
"""Of social security; the residents' pension has states of its own."""


@pytest.mark.parametrize("table", [*NATIONAL, *SOCIAL])
def test_each_table_has_every_code_and_no_other(words: CodeWords, table: str) -> None:
    assert set(words.tables[table]) == set((NATIONAL | SOCIAL)[table].split())


def test_two_tables_of_states_are_kept_apart(words: CodeWords) -> None:
    """3 is ended for social security and void for the platform, which has 4 for ended."""
    assert words.word("aac008", "3").label == "终止参保"
    assert words.word("psn_insu_stas", "3").label == "这条不算数"
    assert words.word("cb_state", "4").label == "终止参保"


def test_nobody_is_called_uninsured(words: CodeWords) -> None:
    """On one authority's word."""
    assert [text for text in every_text(words) if "未参保" in text] == []


def test_what_the_authority_alone_may_say_is_not_said(words: CodeWords) -> None:
    """受理, 办结, 通过, 有效 stand on no page before they came from upstream; codes have words of ours."""
    assert [text for text in every_text(words) for word in ("受理", "办结", "通过", "有效") if word in text] == []


def every_text(words: CodeWords) -> list[str]:
    known = [word for table in words.tables.values() for word in table.values()]
    return [text for word in known for text in (word.label, word.meaning, *word.of.values())]


def test_what_a_state_means_may_be_another_of_a_kind(words: CodeWords) -> None:
    """Of residents' medical insurance nobody changes employers."""
    assert "换单位" in words.word("psn_insu_stas", "2", "310").meaning
    assert "交居民医保" in words.word("psn_insu_stas", "2", "390").meaning
    assert words.word("psn_insu_stas", "2") == words.word("psn_insu_stas", "2", "999")


def test_a_code_without_words_is_told_as_one(words: CodeWords) -> None:
    unknown = words.word("clct_flag", "7")
    assert (unknown.label, unknown.mood) == ("代码 7", "plain")
    assert "服务台" in unknown.meaning
    with pytest.raises(KeyError):
        words.word("no such table", "7")


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('code = "clct_flag"', 'code = "insutype"', 'table "insutype", code: is taken already'),
        ('5 = "done"', '7 = "done"', 'table "card_stage", moods: there are no words for "7"'),
        ('0 = "wait"', '0 = "happy"', "moods"),
        ('1 = "已到账"', '1 = ""', 'table "clct_flag", words, 1'),
        ('01 = "居民', '"0 1" = "居民', 'table "psn_cert_type", words'),
    ],
)  # fmt: skip
def test_a_mistake_names_file_table_and_field(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    text = (CATALOG / "code_words.toml").read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "code_words.toml"
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_code_words(INSURANCE, file)
    assert str(refused.value).startswith("code_words.toml: ")
    assert says in str(refused.value)
