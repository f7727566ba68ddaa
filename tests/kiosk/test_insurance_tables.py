"""The rules of remote-care filing and the words of insurance codes."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import pytest

from kiosk.contract.acts import FilingKind, Promise
from kiosk.contract.queries import Insurance
from kiosk.insurance_words import InsuranceWords, Scheme, load_insurance_words
from kiosk.regions import place_name
from kiosk.remote_care import RemoteCare, load_remote_care
from kiosk.tables import CATALOG, CatalogError

AUTHORITY_S_WORDS = re.compile("受理|办结|通过|有效")


@pytest.fixture(scope="module")
def rules() -> RemoteCare:
    return load_remote_care()


@pytest.fixture(scope="module")
def words() -> InsuranceWords:
    return load_insurance_words()


def test_five_kinds_under_their_official_names(rules: RemoteCare) -> None:
    """医保发〔2022〕22号: three long-term kinds without an end, two temporary ones of at least six months."""
    assert [(kind.code, kind.official, kind.min_months) for kind in rules.kinds] == [
        (FilingKind.RETIRED, "异地安置退休人员", None),
        (FilingKind.LONG_STAY, "异地长期居住人员", None),
        (FilingKind.POSTED, "常驻异地工作人员", None),
        (FilingKind.REFERRED, "异地转诊人员", 6),
        (FilingKind.TEMPORARY, "其他临时外出就医人员", 6),
    ]
    assert [kind.code for kind in rules.kinds if not kind.may_promise] == [FilingKind.REFERRED]
    assert rules.kind("long-stay").label == "长期住在外地"
    assert all(kind.begin_within_days >= 30 for kind in rules.kinds)


def test_the_commonest_places_and_insured_places_are_known(rules: RemoteCare, words: InsuranceWords) -> None:
    """Six each; the centre's own insured place comes first and is no place to file for."""
    assert [place_name(code) for code in rules.common_places[:2]] == ["福建省 福州市", "福建省 厦门市"]
    assert len(set(rules.common_places)) == len(set(words.insured_places)) == 6
    assert place_name(words.insured_places[0]) == "福建省 宁德市"
    assert words.insured_places[0] not in rules.common_places
    assert rules.hotline == "12393"


def test_the_promise_is_marked_as_a_sample_and_pinned_by_its_hash(rules: RemoteCare) -> None:
    """What a record carries names exactly this text; a changed text under the same version fails here."""
    promise = rules.promise
    assert "示例文本" in promise.paragraphs[0]
    assert promise.sha256 == sha256("\n".join(promise.paragraphs).encode("utf-8")).hexdigest()
    released = {"sandbox-2026-1": "6fa148b70fb90d157b05d00a558d277caa56bff736f7767d59455975159d1cfa"}
    assert released[promise.version] == promise.sha256
    assert Promise(version=promise.version, sha256=promise.sha256).sha256 == promise.sha256


def test_our_own_words_are_not_the_authority_s(rules: RemoteCare) -> None:
    """These texts stand on pages and paper before anybody has accepted anything."""
    texts = [text for kind in rules.kinds for text in (kind.label, kind.example, kind.papers)]
    assert not [text for text in (*texts, *rules.promise.paragraphs) if AUTHORITY_S_WORDS.search(text)]


@pytest.mark.parametrize(
    ("scheme", "insutype", "name"),
    [
        ("medical", "310", "职工医保"),
        ("medical", "390", "居民医保"),
        ("medical", "410", "长期护理保险"),
        ("injury", "410", "工伤保险"),
        ("pension", "110", "职工养老保险"),
        ("pension", "170", "居民养老保险"),
        ("maternity", "510", "生育保险"),
        ("unemployment", "999", "失业保险"),  # a code that nobody told us of
    ],
)
def test_each_kind_of_insurance_has_a_name(
    words: InsuranceWords,
    scheme: Literal["pension", "medical", "unemployment", "injury", "maternity"],
    insutype: str,
    name: str,
) -> None:
    """The same code means different things in different schemes; an unknown one keeps its scheme's name."""
    assert words.scheme(Insurance(scheme=scheme, insutype=insutype, status="1", begin=date(2025, 1, 1))) == name


def test_the_medical_codes_are_complete(words: InsuranceWords) -> None:
    """services.md 2.1, insutype."""
    assert set(words.schemes["medical"].insutype) == {
        "310", "320", "330", "340", "350", "360", "370", "380", "390", "391", "392", "399", "410",
    }  # fmt: skip


def test_each_status_says_what_it_means(words: InsuranceWords) -> None:
    """psn_insu_stas 0 to 4; nothing found is never called 未参保."""
    said = [words.status(row_of("110", code)) for code in "01234"]
    assert [status.label for status in said] == [
        "没有查到",
        "正常参保",
        "暂停缴费",
        "这条不算数",
        "已停保",
    ]
    assert [status.mood for status in said] == ["plain", "done", "wait", "wait", "plain"]
    assert said[2].meaning == "换单位时常见。要自己接着交，请看“灵活就业参保登记”。"
    assert not any("未参保" in status.label + status.meaning for status in said)


def test_who_has_no_employer_does_not_change_one(words: InsuranceWords) -> None:
    """Residents pay by the year; of 410, which is two schemes' code, each scheme says its own."""
    for kind in ("380", "390", "391", "392"):
        assert words.status(row_of(kind, "2", "medical")).meaning == "今年的可能还没交。怎么交，请看“交居民医保”。"
    assert words.status(row_of("170", "2")).meaning == "可能这一年还没交。请打 12333 问一下。"
    employers: tuple[tuple[str, Scheme], ...] = (("210", "unemployment"), ("410", "injury"), ("510", "maternity"))
    for kind, scheme in employers:
        meaning = words.status(row_of(kind, "2", scheme)).meaning
        assert "由单位交" in meaning
        assert "灵活就业" not in meaning, "only pension and medical insurance can be paid by oneself"
    assert "12393" in words.status(row_of("410", "3", "medical")).meaning
    assert "12333" in words.status(row_of("410", "3", "injury")).meaning


def row_of(insutype: str, status: str, scheme: Scheme = "pension") -> Insurance:
    return Insurance(scheme=scheme, insutype=insutype, status=status)


def test_a_status_that_nobody_told_us_of_is_shown_as_its_code(
    words: InsuranceWords, caplog: pytest.LogCaptureFixture
) -> None:
    """With whom to ask, and a line in the log; of what is no code the log has nothing."""
    unknown = words.status(row_of("110", "7"))
    words.status(row_of("110", "陈建国"))
    assert [record.message.rpartition(": ")[2] for record in caplog.records] == ["7", "that is no code"]
    assert "7" in unknown.label
    assert "服务台" in unknown.meaning


@pytest.mark.parametrize(
    ("name", "right", "wrong", "says"),
    [
        ("remote_care.toml", 'code = "posted"', 'code = "retired"', 'kind "retired": must stand there once'),
        ("remote_care.toml", 'code = "posted"', 'code = "holiday"', 'kind "holiday", code'),
        ("remote_care.toml", "min_months = 6", "min_months = 0", 'kind "referred", min_months'),
        ("remote_care.toml", 'places = ["350900"]', 'places = ["350999"]', 'places: there is no place "350999"'),
        ("remote_care.toml", '"330300"', '"330399"', 'common_places: there is no place "330399"'),
        ("remote_care.toml", 'hotline = "12393"', 'hotline = "call us"', "hotline"),
        ("remote_care.toml", 'papers = "那边的户口本"\n', "", 'kind "retired", papers'),
        ("insurance_words.toml", '"350900"', '"350999"', 'insured_places: there is no place "350999"'),
        ("insurance_words.toml", 'code = "injury"', 'code = "pets"', 'scheme "pets", code'),
        ("insurance_words.toml", 'mood = "done"', 'mood = "happy"', 'status "1", mood'),
        ("insurance_words.toml", 'insutype = ["170"]', 'insutype = ["390"]', 'of: pension has no kind "390"'),
        ("insurance_words.toml", 'insutype = ["170"]', 'kinds = ["170"]', 'status "2", of'),
        ("insurance_words.toml", "310 = ", "31 = ", 'scheme "medical", insutype, 31'),
    ],
)
def test_a_mistake_names_file_entry_and_field(tmp_path: Path, name: str, right: str, wrong: str, says: str) -> None:
    """One line, for whoever edits the tables."""
    text = (CATALOG / name).read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / name
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    load = load_remote_care if name == "remote_care.toml" else load_insurance_words
    with pytest.raises(CatalogError) as refused:
        load(file)
    assert str(refused.value).startswith(f"{name}: ")
    assert says in str(refused.value)
