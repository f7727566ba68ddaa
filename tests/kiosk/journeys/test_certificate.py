"""开证明 as its script says: an authority's certificate, to the telephone, on A4, and a slip that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path

import pytest

from kiosk.catalog import load_catalog
from kiosk.certificate_entry import CertificateEntry, Kind, Purpose
from kiosk.contract.certificates import CertificateAnswer, CertificateFetched, IssuedCertificate
from kiosk.desk import Paper
from kiosk.errors import Unavailable
from kiosk.items import Item
from kiosk.journeys.certificate import certificate
from kiosk.journeys.proxy_request import Centre
from kiosk.manner import Back
from kiosk.pages import Choose, Done, Notice, Result
from kiosk.serving import serving
from kiosk.settings import Services, Site
from kiosk.station import load_station
from kiosk.tables import CATALOG, CatalogError
from kiosk.visit import Journey
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, NOW, PRINTED, ScriptedCounter, played

ITEMS = {item.code: item for item in load_catalog().items}
CENTRE = Centre(phone="000-00000000", places=("350900", "350200"))
PROVEN = replace(LIN, level=2, check="code")
TOKEN = "A" * 43
FETCHED, NOT_YET = CertificateFetched(times=1), CertificateFetched(times=0)
JAM = Paper(outcome="unknown", reason="jam")


def journey(code: str = "insured-proof") -> Journey:
    return journey_of(ITEMS[code])


def journey_of(item: Item) -> Journey:
    assert item.certificate is not None
    return partial(certificate, item=item, entry=item.certificate, centre=CENTRE)


def given(this_month: int = 1, title: str = "社会保险参保证明") -> CertificateAnswer:
    issued = IssuedCertificate(
        title=title,
        number="YZ3509000000000000000001",
        pages=1,
        size=31_000,
        sha256="3f2a91c0" + "0" * 56,
        token=TOKEN,
        url=f"http://public/d/{TOKEN}",
        until=(NOW + timedelta(minutes=10)).astimezone(UTC),
        this_month=this_month,
    )
    return CertificateAnswer(outcome="issued", issued=issued)


def not_given(outcome: str, text: str) -> CertificateAnswer:
    return CertificateAnswer.model_validate({"outcome": outcome, "text": text})


BEGIN: list[tuple[str, object]] = [("card", PROVEN), ("insured-place", "350900")]
TO_HOUSE = [*BEGIN, ("purpose", "house"), ("ask-months", 24)]


def done(counter: ScriptedCounter) -> Done:
    page = counter.page("certificate")
    assert isinstance(page, Done)
    return page


def values(counter: ScriptedCounter) -> list[str]:
    return [str(option.value) for option in done(counter).actions]


async def test_the_purpose_chooses_the_kind() -> None:
    """People know whom it is for, not what it is called; the kind is asked of the authority, at level 2."""
    counter = await played(journey(), [*TO_HOUSE, ("certificate", given()), ("certificate", "finish")])
    (wanted,) = counter.certificates
    assert (wanted.kind, wanted.place, wanted.months, wanted.year) == ("insured-proof", "350900", 24, None)
    assert counter.levels == [2]
    purpose = counter.page("purpose")
    assert isinstance(purpose, Choose)
    assert purpose.question == "这份证明给谁看？"
    assert {option.value: option.note for option in purpose.options}["transfer"] == "参保缴费凭证"


async def test_it_is_handed_over_by_a_code_with_its_end_and_its_first_figures() -> None:
    """What the phone's page shows too, so that anybody can tell that it is the same file."""
    counter = await played(journey(), [*TO_HOUSE, ("certificate", given(this_month=2)), ("certificate", "finish")])
    page = done(counter)
    assert page.question == "参保证明开好了"
    assert page.qr == f"http://public/d/{TOKEN}"
    assert {row.label: row.value for row in page.rows} == {
        "参保地": "福建省 宁德市",
        "时间范围": "最近 2 年",
        "核对码": "3f2a 91c0",
        "这个月开过": "2 次",
    }
    assert "09:56" in page.qr_caption
    assert values(counter) == ["print", "finish"]


async def test_the_page_turns_when_the_telephone_has_it() -> None:
    """The counter says so (``kiosk.fetching``): the page then says where the file is, and waits for it no more."""
    counter = await played(
        journey(), [*TO_HOUSE, ("certificate", given()), ("certificate", "fetched"), ("certificate", "finish")]
    )
    before, after = (page for page in counter.pages if isinstance(page, Done))
    assert (before.question, before.fetches) == ("参保证明开好了", TOKEN)
    assert (after.question, after.fetches) == ("参保证明已发到您的手机", "")
    assert after.qr == before.qr


async def test_a_year_is_one_that_is_over() -> None:
    """The last one first; where there is one purpose nobody is asked for it."""
    counter = await played(
        journey("rights-statement"), [*BEGIN, ("ask-year", 2025), ("certificate", given()), ("certificate", "finish")]
    )
    years = counter.page("ask-year")
    assert isinstance(years, Choose)
    assert [option.value for option in years.options] == [2025, 2024, 2023, 2022, 2021]
    assert (counter.certificates[0].year, counter.certificates[0].months) == (2025, None)


async def test_the_medical_proof_needs_neither() -> None:
    """Place, and there it is."""
    counter = await played(journey("medical-proof"), [*BEGIN, ("certificate", given()), ("certificate", "finish")])
    assert counter.certificates[0].authority == "medical"


@pytest.mark.parametrize(
    ("fetched", "sheet", "words"),
    [
        (FETCHED, None, "参保证明已发到您的手机"),
        (NOT_YET, PRINTED, "参保证明已打在 A4 纸上"),
        (NOT_YET, None, "参保证明开好了。离开前没有存到手机的，要再开一次。"),
        (Unavailable("offline"), None, "参保证明开好了。离开前没有存到手机的，要再开一次。"),
    ],
    ids=["on the phone", "on A4", "nowhere yet", "not known"],
)
async def test_the_slip_says_where_it_is_and_that_it_is_none(
    fetched: CertificateFetched | Unavailable, sheet: Paper | None, words: str
) -> None:
    """Nothing that is not known; surname and last four alone, and nothing that opens the certificate."""
    on_a4: list[tuple[str, object]] = [] if sheet is None else [("certificate", "on-a4"), ("document", sheet)]
    counter = await played(
        journey(),
        [
            *TO_HOUSE,
            ("certificate", given()),
            *on_a4,
            ("certificate", "print"),
            ("certificate-fetched", fetched),
            ("print", PRINTED),
            ("certificate", "finish"),
        ],
        can_print_documents=True,
    )
    (slip,) = counter.receipts
    assert (slip.state, slip.next_steps) == ("这张凭条不是证明", words)
    assert slip.rows[0].value == "林＊＊  尾号 002X"
    assert slip.qr == ""
    for secret in (LIN.name, LIN.number, TOKEN, "YZ35"):
        assert secret not in repr(slip)


async def test_the_slip_is_named_after_what_was_given() -> None:
    """The item gives several kinds."""
    to_print: list[tuple[str, object]] = [
        ("certificate", "print"),
        ("certificate-fetched", NOT_YET),
        ("print", PRINTED),
    ]
    for purpose, title in (("transfer", "参保缴费凭证"), ("none", "未参保证明")):
        script = [*BEGIN, ("purpose", purpose), ("certificate", given()), *to_print, ("certificate", "finish")]
        (slip,) = (await played(journey(), script)).receipts
        assert slip.service == title
        assert slip.next_steps.startswith(title)


@pytest.mark.parametrize(
    ("sheet", "again", "words"),
    [
        (PRINTED, False, "请到打印机取走"),
        (JAM, False, "可能没有打全"),
        (Paper(outcome="not printed", reason="no paper"), True, "没有打出来"),
    ],
)
async def test_a4_is_never_printed_twice(sheet: Paper, again: bool, words: str) -> None:
    """An authority's file cannot be marked as a copy: what may have come out is not printed again."""
    counter = await played(
        journey(),
        [
            *TO_HOUSE,
            ("certificate", given()),
            ("certificate", "on-a4"),
            ("document", sheet),
            ("certificate", "finish"),
        ],
        can_print_documents=True,
    )
    assert ("on-a4" in values(counter)) is again
    assert words in done(counter).lines[0]


async def test_without_an_a4_printer_it_is_not_offered() -> None:
    """And without a receipt printer there is no slip; the code is there all the same."""
    counter = await played(journey(), [*TO_HOUSE, ("certificate", given()), ("certificate", "finish")], can_print=False)
    assert values(counter) == ["finish"]
    assert done(counter).qr


async def test_a_second_slip_is_a_copy_and_looked_at_first() -> None:
    """As of every receipt; the A4 printer in between changes nothing."""
    counter = await played(
        journey(),
        [
            *TO_HOUSE,
            ("certificate", given()),
            ("certificate", "print"),
            ("certificate-fetched", NOT_YET),
            ("print", PRINTED),
            ("certificate", "on-a4"),
            ("document", PRINTED),
            ("certificate", "copy"),
            ("certificate-fetched", FETCHED),
            ("preview", "print"),
            ("print", PRINTED),
            ("certificate", "finish"),
        ],
        can_print_documents=True,
    )
    assert counter.copies == [0, 1]


async def test_another_language_asks_for_nothing_again() -> None:
    """Neither the authority nor a printer."""
    counter = await played(
        journey(),
        [
            *TO_HOUSE,
            ("certificate", given()),
            ("certificate", "on-a4"),
            ("document", PRINTED),
            ("certificate", "print"),
            ("certificate-fetched", FETCHED),
            ("print", PRINTED),
            ("certificate", ENGLISH),
            ("certificate", "finish"),
        ],
        can_print_documents=True,
    )
    assert len(counter.certificates) == 1
    assert done(counter).question == "Proof of insurance: sent to your phone"


async def test_nothing_there_is_never_called_uninsured() -> None:
    """Another place, or the authority's own word that there is nothing; from there the way goes on."""
    nothing = not_given("not insured", "没有查到您在宁德市的参保记录。")
    counter = await played(
        journey(),
        [
            *TO_HOUSE,
            ("certificate", nothing),
            ("nothing-there", "elsewhere"),
            ("insured-place", "350200"),
            ("certificate", nothing),
            ("nothing-there", "not-insured"),
            ("certificate", given(title="社会保险未参保证明")),
            ("certificate", "finish"),
        ],
    )
    first = counter.page("nothing-there")
    assert isinstance(first, Result)
    assert first.question == "在福建省厦门市没有查到您的参保记录"
    assert [asked.kind for asked in counter.certificates] == ["insured-proof", "insured-proof", "not-insured"]
    first_span, other_place, not_insured = (asked.months for asked in counter.certificates)
    assert first_span == other_place
    assert not_insured is None
    assert done(counter).question == "未参保证明开好了"


async def test_a_certificate_that_has_no_such_opposite() -> None:
    """Of the medical one there is none: another place, or the end."""
    counter = await played(
        journey("medical-proof"),
        [*BEGIN, ("certificate", not_given("not insured", "没有查到")), ("nothing-there", "finish")],
    )
    page = counter.page("nothing-there")
    assert isinstance(page, Result)
    assert [option.value for option in page.actions] == ["elsewhere", "finish"]
    assert "12393" in page.notes[0]


@pytest.mark.parametrize(
    ("outcome", "text", "question"),
    [
        ("too many", "本月已开过三次。下个月可以再开。", "这个月不能再开参保证明了"),
        ("refused", "这个人的参保已经结束。", "这次没有开出参保证明"),
    ],
)
async def test_what_is_refused_is_said_in_the_authority_s_words(outcome: str, text: str, question: str) -> None:
    """With whom to ask."""
    counter = await played(
        journey(), [*TO_HOUSE, ("certificate", not_given(outcome, text)), ("certificate-refused", "finish")]
    )
    page = counter.page("certificate-refused")
    assert isinstance(page, Notice)
    assert (page.question, page.hint) == (question, text)
    assert page.lines == ("可以打 12333 问，服务台 000-00000000",)


async def test_with_the_check_owed_there_is_none() -> None:
    """Nobody is let see anything for a promise to be checked later: it is as if there were no network."""
    with pytest.raises(Unavailable):
        await played(journey(), [("card", replace(LIN, level=1, check="owed"))])


async def test_offline_there_is_none() -> None:
    """Nothing old, nothing made here."""
    with pytest.raises(Unavailable):
        await played(journey(), [*TO_HOUSE, ("certificate", Unavailable("offline"))])


async def test_back_asks_again_for_what_was_chosen() -> None:
    """Until the authority was asked; then the code is there and stays."""
    counter = await played(
        journey(),
        [
            *BEGIN,
            ("purpose", "house"),
            ("ask-months", Back()),
            ("purpose", "transfer"),
            ("certificate", given()),
            ("certificate", "finish"),
        ],
    )
    assert [asked.kind for asked in counter.certificates] == ["transfer-proof"]


async def test_another_certificate_is_another_entry() -> None:
    """Nothing is written in code for it: an entry, and it runs."""
    entry = CertificateEntry(
        authority="social",
        ask_place="失业保险在哪里交？",
        hotline="12333",
        kind=(Kind(code="unemployment-statement", name="失业金领取证明", months=(12, 6)),),
        purpose=(Purpose(code="any", label="办别的事", icon="file", kind="unemployment-statement"),),
    )
    item = replace(ITEMS["rights-statement"], code="unemployment", official="失业金领取证明", certificate=entry)
    counter = await played(
        journey_of(item), [*BEGIN, ("ask-months", 6), ("certificate", given()), ("certificate", "finish")]
    )
    assert counter.certificates[0].kind == "unemployment-statement"
    assert done(counter).question == "失业金领取证明开好了"


def catalogue_with(tmp_path: Path, old: str, new: str) -> Path:
    """The catalogue with one file changed."""
    for file in CATALOG.rglob("*.toml"):
        copy = tmp_path / file.relative_to(CATALOG)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    changed = tmp_path / "services" / "social-insurance.toml"
    text = changed.read_text(encoding="utf-8")
    assert old in text
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


ENTRY = """
[[item]]
code = "injury-proof"
label = "开工伤证明"
official = "工伤保险参保证明"
icon = "file-certificate"
group = "social-insurance-join"
journey = "certificate"
level = 2
offline = "never"
accepts_expired_card = false
needs = { id_card = "required" }
[item.guide]
what = "由社保部门开。"
who = ["本人"]
bring = ["身份证"]
[item.certificate]
authority = "social"
ask_place = "您的社保在哪里交？"
hotline = "12333"
purpose = [{ code = "any", label = "办别的事", icon = "file", kind = "injury-proof" }]
kind = [{ code = "injury-proof", name = "工伤保险参保证明" }]
"""


def test_an_entry_alone_adds_a_certificate_to_the_machine(tmp_path: Path) -> None:
    """In the file of its category; the machine serves it."""
    folder = catalogue_with(tmp_path, '[[item]]\ncode = "card-lost"', f'{ENTRY}\n[[item]]\ncode = "card-lost"')
    catalog = load_catalog(folder)
    assert "injury-proof" in serving(catalog, load_station(), Site(), Services()).journeys


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "yearly-statement" }]', 'kind = "monthly-statement" }]', 'there is no kind "monthly-statement"'),
        ('journey = "certificate"\nlevel = 2', 'journey = "certificate"\nlevel = 1', "level"),
        ('level = 2\noffline = "never"', 'level = 2\noffline = "queue"', "offline"),
        ("years = 5 },", "years = 5, months = [1] },", "of months or of a year"),
        ('hotline = "12333"', 'hotline = "call us"', "hotline"),
    ],
)
def test_a_mistake_in_an_entry_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    """File, entry and field."""
    with pytest.raises(CatalogError, match=r"social-insurance\.toml") as wrong:
        load_catalog(catalogue_with(tmp_path, old, new))
    assert says in str(wrong.value)
