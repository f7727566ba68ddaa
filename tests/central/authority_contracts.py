"""What every adapter of an authority has to do, whatever it speaks: one suite, a subclass for each implementation.

A subclass gives the adapter as a fixture; the people are the register's (``central/demonstration/register.toml``).
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from types import MappingProxyType
from typing import Literal
from uuid import UUID

import pytest

from central.authorities.numbers import message_number
from central.authorities.services import built_in
from central.demonstration.authority import DemonstrationMedicalInsurance
from central.house import INSTITUTION
from central.upstream import (
    CertificateWanted,
    Document,
    Fate,
    FateState,
    MedicalInsurance,
    NotGranted,
    NotInsured,
    NotOffered,
    NumberTaken,
    PaperSent,
    SocialSecurity,
    TakesFilings,
    Wanted,
)
from kiosk.contract.acts import FilingKind, PersonReference, Promise, RemoteCareFiling
from kiosk.contract.beforehand import Family, SocialCard
from kiosk.contract.identity import Agent, Relation
from kiosk.contract.queries import Filing
from kiosk.contract.remote_care import RemoteCareFiling2, RemoteCareFiling3
from tests.central.kiosks import (
    CHEN,
    INSURED_LONG_NAME,
    LIN,
    LONG_NAME,
    OUYANG,
    RARE,
    Clock,
    ending,
    filing,
    loss,
    service,
    sharing,
    withdrawal,
)

HONG_KONG = PersonReference(number="819901198402290022", name="黄咏诗")
FOREIGNER_2017 = PersonReference(number="XAA339988041710", name="IVANOVA, ANNA SERGEYEVNA")
FOREIGNER_2023 = PersonReference(number="933999197908150011", name="何安德")
MINOR = PersonReference(number="339902201704080027", name="沈念一")
DECEASED = PersonReference(number="339902194103120019", name="沈怀远")
NEVER = PersonReference(number="33990319950917004X", name="石小川")

KIOSK = "K-001"
SERIALS = count(1)


def new_number() -> str:
    """A number of ours that no test had before."""
    return message_number(INSTITUTION, Clock()(), next(SERIALS) % 5000)


def asked_for(kind: str, place: str = "350900", span: Mapping[str, int] = MappingProxyType({})) -> CertificateWanted:
    """A certificate asked for, always under the same number."""
    months, year = span.get("months"), span.get("year")
    return CertificateWanted(request=UUID(int=7), kind=kind, place=place, months=months, year=year)


def assert_specimen(document: Document, title: str, person: PersonReference) -> None:
    """It is read back with a reader of somebody else's (poppler)."""
    assert (document.title, document.pages) == (title, 1)
    assert document.content.startswith(b"%PDF-")
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document.content, capture_output=True, check=True)
    words = read.stdout.decode()
    assert all(word in words for word in (title, person.name, person.number, document.number, "样张", "没有效力"))


def for_lin(agent: Agent | None, *, pictures: int = 0, place: str = "310100") -> RemoteCareFiling3:
    """A remote-care filing with papers, for LIN or by her."""
    return RemoteCareFiling3(
        person=LIN,
        filing=FilingKind.LONG_STAY,
        place=place,
        begin=date(2026, 12, 1),
        proof="desk",
        papers=tuple(UUID(int=at) for at in range(pictures)),
        telephone="13800000009",
        shown="id-card",
        check="code",
        agent=agent,
        intent="-",
    )


def changing(number: str) -> RemoteCareFiling2:
    """CHEN's filing under ``number``, to another place."""
    act = filing(CHEN, place="310000").model_dump()
    return RemoteCareFiling2.model_validate(act | {"shown": "id-card", "changes": number})


class FilingsContract:
    """What both authorities do with the catalogue's items. A subclass says which ``desk``, an ``item`` that it takes of
    anybody who is not insured, and who is ``refused``, with a word of the reason."""

    item: str
    refused: tuple[tuple[PersonReference, str], ...]

    def test_an_item_is_taken_with_a_number(self, desk: TakesFilings) -> None:
        """Its number, the place whose time limits hold, and the same when it is asked for by our number."""
        ours = new_number()
        fate = desk.file_service(KIOSK, ours, service(LONG_NAME, self.item))
        assert (fate.state, fate.place) == ("accepted", "350900")
        assert fate.text is not None
        assert fate.text.startswith("等宁德市")
        assert desk.service_fate(KIOSK, ours, service(LONG_NAME, self.item)) == fate
        assert desk.service_fate(KIOSK, ours, service(CHEN, self.item)) is None, "another's is not told"
        assert desk.service_fate(KIOSK, new_number(), service(LONG_NAME, self.item)) is None

    def test_one_number_one_item(self, desk: TakesFilings) -> None:
        """What comes a second time is told as such."""
        ours = new_number()
        desk.file_service(KIOSK, ours, service(LONG_NAME, self.item))
        with pytest.raises(NumberTaken):
            desk.file_service(KIOSK, ours, service(LONG_NAME, self.item))

    def test_who_is_refused_an_item(self, desk: TakesFilings) -> None:
        """Insured already, insured elsewhere, dead: with the authority's reason, and nothing stays behind."""
        for person, words in self.refused:
            ours = new_number()
            with pytest.raises(NotGranted) as refusal:
                desk.file_service(KIOSK, ours, service(person, self.item))
            assert words in refusal.value.text
            assert desk.service_fate(KIOSK, ours, service(person, self.item)) is None

    def test_a_paper_is_taken_once_for_what_was_filed(self, desk: MedicalInsurance | SocialSecurity) -> None:
        """Under a number of its own, which tells that it came before."""
        filed = new_number()
        desk.file_service(KIOSK, filed, service(LONG_NAME, self.item))
        sent = PaperSent(ours=new_number(), filed=filed, person=LONG_NAME, paper="residence", content=b"\xff\xd8\xff")
        desk.add_paper(KIOSK, sent)
        with pytest.raises(NumberTaken):
            desk.add_paper(KIOSK, sent)
        desk.add_paper(KIOSK, replace(sent, ours=new_number()))

    def test_a_paper_for_nothing_is_refused(self, desk: MedicalInsurance | SocialSecurity) -> None:
        """Nor is it taken for what somebody else filed."""
        filed = new_number()
        desk.file_service(KIOSK, filed, service(LONG_NAME, self.item))
        sent = PaperSent(ours=new_number(), filed=filed, person=NEVER, paper="residence", content=b"\xff\xd8\xff")
        for wrong in (sent, replace(sent, person=LONG_NAME, filed=new_number())):
            with pytest.raises(NotGranted):
                desk.add_paper(KIOSK, wrong)

    def test_an_item_that_nobody_told_us_of(self, desk: TakesFilings) -> None:
        """It is no refusal: it waits until somebody does."""
        with pytest.raises(NotOffered):
            desk.file_service(KIOSK, new_number(), service(CHEN, "bicycles", authority="medical"))


class MedicalContract(FilingsContract):
    """A subclass has the fixture ``medical``; ``authority`` is the desk behind it, where filings are decided."""

    item = "resident-enrolment"
    refused = ((MINOR, "已经有医保"), (RARE, "在别的地方已经有医保"), (DECEASED, "请家人"))

    @pytest.fixture
    def desk(self, medical: MedicalInsurance) -> MedicalInsurance:
        return medical

    def test_what_was_answered_reaches_the_desk(self, medical: MedicalInsurance) -> None:
        """In the authority's names and codes and back: a child of nine is no newborn."""
        newborn = service(MINOR, self.item, answers={"who": "newborn"}, insured_place="350100")
        with pytest.raises(NotGranted) as elsewhere:
            medical.file_service(KIOSK, new_number(), newborn)
        assert "在别的地方" in elsewhere.value.text
        unknown = PersonReference(number="339902202605011223", name="沈小满")
        with pytest.raises(NotGranted) as late:
            medical.file_service(KIOSK, new_number(), service(unknown, self.item, answers={"who": "newborn"}))
        assert "90 天" in late.value.text
        taken = medical.file_service(KIOSK, new_number(), service(unknown, self.item, answers={"who": "child"}))
        assert taken.state == "accepted"

    def test_a_guardian_files_for_a_child(self, medical: MedicalInsurance) -> None:
        """Both are told, and the promise or how many papers there are."""
        child = PersonReference(number="33990220261101122X", name="沈小满")
        agent = Agent(person=CHEN, relation="parent", shown="id-card")
        act = service(child, self.item, answers={"who": "newborn"}, agent=agent, shown="papers", backing="desk")
        assert medical.file_service(KIOSK, new_number(), act).state == "accepted"

    @pytest.mark.parametrize(
        ("person", "state"), [(LIN, "accepted"), (HONG_KONG, "papers wanted")], ids=["review", "papers wanted"]
    )
    def test_the_register_says_what_becomes_of_it(
        self, medical: MedicalInsurance, person: PersonReference, state: str
    ) -> None:
        """At once, for some people."""
        assert medical.file_service(KIOSK, new_number(), service(person)).state == state

    def test_an_illness_is_recognised_where_one_is_insured(self, medical: MedicalInsurance) -> None:
        """Suspended, elsewhere, nowhere: the reason is told."""
        for person in (OUYANG, RARE, NEVER, LONG_NAME):
            with pytest.raises(NotGranted) as refusal:
                medical.file_service(KIOSK, new_number(), service(person))
            assert "没有查到正在交的医保" in refusal.value.text

    @pytest.mark.parametrize("state", ["papers wanted", "decided", "declined", "withdrawn", "changed"])
    def test_what_the_desk_decides_of_an_item(
        self, medical: MedicalInsurance, authority: DemonstrationMedicalInsurance, state: FateState
    ) -> None:
        """State and words come back under our number."""
        ours, act = new_number(), service(LIN)
        number = medical.file_service(KIOSK, ours, act).number
        assert number is not None
        authority.services.decide(number, state, "看过了")
        assert medical.service_fate(KIOSK, ours, act) == Fate(state=state, number=number, text="看过了", place="350900")

    def test_every_row_is_told(self, medical: MedicalInsurance) -> None:
        """Two of one kind, the ended one first, with employer, days and the account."""
        rows = medical.insured(KIOSK, CHEN)
        assert [(held.row.insutype, held.row.status, held.place) for held in rows] == [
            ("310", "4", "350900"),
            ("310", "1", "350900"),
        ]
        assert (rows[0].row.begin, rows[0].row.end) == (date(2016, 8, 1), date(2024, 11, 30))
        assert rows[1].row.end is None
        assert rows[1].row.unit == "宁德市快步配送服务有限公司"
        assert [held.balance for held in rows] == [None, Decimal("1286.40")]
        assert {held.row.scheme for held in rows} == {"medical"}

    @pytest.mark.parametrize(
        ("person", "rows"),
        [
            (LIN, [("390", "1", "350900")]),
            (OUYANG, [("310", "2", "350900")]),
            (RARE, [("310", "1", "350200")]),
            (HONG_KONG, [("310", "1", "350900")]),
            (FOREIGNER_2017, [("310", "1", "310000")]),
            (FOREIGNER_2023, [("310", "1", "350200")]),
            (MINOR, [("390", "1", "350900")]),
            (DECEASED, [("310", "4", "350900")]),
            (INSURED_LONG_NAME, [("310", "1", "350900")]),
            (NEVER, []),
            (LONG_NAME, []),
        ],
        ids=["resident", "suspended", "elsewhere, rare characters", "no ethnicity", "foreigner of 2017",
             "foreigner of 2023", "minor", "deceased", "fifteen characters", "never insured",
             "unknown, fifteen characters"],
    )  # fmt: skip
    def test_each_case_of_the_register(
        self, medical: MedicalInsurance, person: PersonReference, rows: list[tuple[str, str, str]]
    ) -> None:
        """Insured, insured elsewhere, not at all: nothing found is an answer."""
        assert [(held.row.insutype, held.row.status, held.place) for held in medical.insured(KIOSK, person)] == rows

    def test_the_name_does_not_matter(self, medical: MedicalInsurance) -> None:
        """A rare character read differently, or a small x, changes nothing."""
        other = PersonReference(number=OUYANG.number.lower(), name="欧□文澜")
        assert medical.insured(KIOSK, other) == medical.insured(KIOSK, OUYANG)

    def test_filings_that_the_authority_holds(self, medical: MedicalInsurance) -> None:
        """In force and ended, with their places and days."""
        assert medical.filings_of(KIOSK, LIN) == (
            Filing(
                number="YD350900202503010017",
                filing=FilingKind.LONG_STAY,
                place="350200",
                begin=date(2025, 3, 1),
                state="in force",
            ),
            Filing(
                number="YD350900202306150203",
                filing=FilingKind.TEMPORARY,
                place="350100",
                begin=date(2023, 6, 15),
                end=date(2023, 12, 31),
                state="ended",
            ),
        )
        assert medical.filings_of(KIOSK, NEVER) == medical.filings_of(KIOSK, LONG_NAME) == ()

    def test_a_filing_is_accepted_with_a_number(self, medical: MedicalInsurance) -> None:
        """Its number, words and place, and it stands before the older ones."""
        ours = new_number()
        fate = medical.file(KIOSK, ours, filing(LIN, place="310100"))
        assert (fate.state, fate.text, fate.place) == ("accepted", "等宁德市医保部门审核", "350900")
        assert fate.number is not None
        assert fate.number.startswith("YD350900")
        assert medical.fate(KIOSK, ours, filing(LIN)) == fate
        listed = medical.filings_of(KIOSK, LIN)
        newest = listed[0]
        assert (newest.number, newest.place, newest.state) == (fate.number, "310100", "under review")
        assert len(listed) == 3

    @pytest.mark.parametrize("kind", list(FilingKind))
    def test_each_kind_comes_back_as_it_went(self, medical: MedicalInsurance, kind: FilingKind) -> None:
        """Kind, place and days."""
        wanted = RemoteCareFiling(
            person=CHEN,
            filing=kind,
            place="350200",
            begin=date(2026, 12, 1),
            end=date(2027, 6, 1) if kind in (FilingKind.REFERRED, FilingKind.TEMPORARY) else None,
            proof="promise" if kind is FilingKind.RETIRED else "desk",
            promise=Promise(version="sandbox-2026-1", sha256="0" * 64) if kind is FilingKind.RETIRED else None,
            telephone="13800000001",
            check="code",
            intent="-",
        )
        medical.file(KIOSK, new_number(), wanted)
        entry = medical.filings_of(KIOSK, CHEN)[0]
        assert (entry.filing, entry.place, entry.begin, entry.end) == (kind, "350200", wanted.begin, wanted.end)

    @pytest.mark.parametrize(
        ("relation", "word"),
        [
            ("child", "子女"), ("spouse", "配偶"), ("parent", "父母"), ("relative", "亲属"), ("carer", "照料人"),
            ("worker", "工作人员"),
        ],
    )  # fmt: skip
    def test_whoever_acts_is_told_with_a_filing_and_its_change(
        self, medical: MedicalInsurance, relation: Relation, word: str
    ) -> None:
        """Who, what they are to the person, and how many pictures came with it."""
        act = for_lin(Agent(person=CHEN, relation=relation, shown="id-card"), pictures=2)
        filed = medical.file(KIOSK, new_number(), act)
        assert filed.text == f"等宁德市医保部门审核（{word}陈＊＊代办，材料 2 张）"
        assert filed.number is not None
        changed = medical.change(KIOSK, new_number(), for_lin(act.agent, place="110000"), filed.number)
        assert changed.text == f"等宁德市医保部门审核（{word}陈＊＊代办）"

    def test_who_comes_for_themselves_has_nobody_who_acts(self, medical: MedicalInsurance) -> None:
        """Pictures are told all the same."""
        filed = medical.file(KIOSK, new_number(), for_lin(None, pictures=1))
        assert filed.text == "等宁德市医保部门审核（材料 1 张）"

    def test_one_number_one_filing(self, medical: MedicalInsurance) -> None:
        """What comes a second time is told as such, whatever it holds, and not filed."""
        ours = new_number()
        fate = medical.file(KIOSK, ours, filing(CHEN))
        with pytest.raises(NumberTaken):
            medical.file(KIOSK, ours, filing(CHEN, place="310100"))
        assert [entry.number for entry in medical.filings_of(KIOSK, CHEN)] == [fate.number]

    def test_nothing_ever_came_under_a_number(self, medical: MedicalInsurance) -> None:
        """Of this person; another's is not told."""
        ours = new_number()
        assert medical.fate(KIOSK, ours, filing(CHEN)) is None
        medical.file(KIOSK, ours, filing(CHEN))
        assert medical.fate(KIOSK, ours, filing(LIN)) is None
        assert medical.fate(KIOSK, ours, filing(LONG_NAME)) is None

    @pytest.mark.parametrize(
        ("person", "words"),
        [(NEVER, "没有查到"), (LONG_NAME, "没有查到"), (OUYANG, "没有在正常缴费"), (DECEASED, "请家人")],
        ids=["never insured", "unknown", "suspended", "deceased"],
    )
    def test_what_is_declined(self, medical: MedicalInsurance, person: PersonReference, words: str) -> None:
        """With the authority's reason, and nothing stays behind."""
        ours = new_number()
        with pytest.raises(NotGranted) as refused:
            medical.file(KIOSK, ours, filing(person))
        assert words in refused.value.text
        assert medical.fate(KIOSK, ours, filing(person)) is None

    @pytest.mark.parametrize("person", [FOREIGNER_2017, MINOR, HONG_KONG], ids=["foreigner", "minor", "hong kong"])
    def test_who_may_file_like_everybody(self, medical: MedicalInsurance, person: PersonReference) -> None:
        """Whoever is insured."""
        assert medical.file(KIOSK, new_number(), filing(person)).state == "accepted"

    @pytest.mark.parametrize(
        ("state", "line"),
        [("papers wanted", "under review"), ("decided", "in force"), ("declined", "ended"), ("changed", "ended")],
    )
    def test_what_the_desk_decides(
        self, medical: MedicalInsurance, authority: DemonstrationMedicalInsurance, state: str, line: str
    ) -> None:
        """State and words come back under our number, and the line says what it means."""
        ours = new_number()
        number = medical.file(KIOSK, ours, filing(CHEN)).number
        assert number is not None
        authority.decide(number, state, "请带居住证")  # type: ignore[arg-type] # parametrised
        assert medical.fate(KIOSK, ours, filing(CHEN)) == Fate(
            state=state,  # type: ignore[arg-type]
            number=number,
            text="请带居住证",
            place="350900",
        )
        assert medical.filings_of(KIOSK, CHEN)[0].state == line

    def test_a_filing_is_withdrawn_once(self, medical: MedicalInsurance) -> None:
        """And a second time declined, as is one that nobody made."""
        ours = new_number()
        number = medical.file(KIOSK, ours, filing(CHEN)).number
        assert number is not None
        under = new_number()
        settled = medical.withdraw(KIOSK, under, withdrawal(number, CHEN))
        assert (settled.done, settled.text) == (True, "这条备案已经撤销")
        assert medical.settled(KIOSK, under, withdrawal(number, CHEN)) == settled
        assert medical.filings_of(KIOSK, CHEN)[0].state == "ended"
        assert medical.fate(KIOSK, ours, filing(CHEN)) == Fate(
            state="withdrawn", number=number, text="这条备案已经撤销", place="350900"
        )
        with pytest.raises(NumberTaken):
            medical.withdraw(KIOSK, under, withdrawal(number, CHEN))
        for what in (number, "YD0"):
            under = new_number()
            with pytest.raises(NotGranted):
                medical.withdraw(KIOSK, under, withdrawal(what, CHEN))
            assert medical.settled(KIOSK, under, withdrawal(what, CHEN)) is None

    def test_an_account_is_shared_and_not_any_more(self, medical: MedicalInsurance) -> None:
        """Who uses it is told masked; what came under one number is done once; what is so already is done."""
        assert medical.family_of(KIOSK, CHEN) == Family(by="here", balance=Decimal("1286.40"))
        ours = new_number()
        settled = medical.family(KIOSK, ours, sharing(LIN))
        assert (settled.done, settled.text) == (True, "这位家人可以用您的医保钱了")
        assert medical.settled(KIOSK, ours, sharing(LIN)) == settled
        with pytest.raises(NumberTaken):
            medical.family(KIOSK, ours, sharing(LIN))
        again = medical.family(KIOSK, new_number(), sharing(LIN))
        assert (again.done, again.text) == (True, "这位家人之前已经在用了")
        (member,) = medical.family_of(KIOSK, CHEN).members
        assert (member.name, member.ends) == ("林＊＊", "0028")
        assert (member.relation, member.since) == ("parent", date(2026, 11, 23))
        assert medical.family(KIOSK, new_number(), ending(member.entry)).done
        assert medical.family_of(KIOSK, CHEN).members == ()
        with pytest.raises(NotGranted):
            medical.family(KIOSK, new_number(), ending(member.entry))

    @pytest.mark.parametrize(
        ("owner", "member", "words"),
        [
            (LIN, CHEN, "个人账户"),
            (OUYANG, CHEN, "个人账户"),
            (NEVER, CHEN, "个人账户"),
            (CHEN, CHEN, "自己"),
            (CHEN, NEVER, "先参保"),
            (CHEN, LONG_NAME, "先参保"),
            (CHEN, DECEASED, "先参保"),
            (FOREIGNER_2017, CHEN, "App"),
        ],
        ids=["a resident", "suspended", "never insured", "himself", "not insured", "unknown", "dead", "by app"],
    )
    def test_who_cannot_share(
        self, medical: MedicalInsurance, owner: PersonReference, member: PersonReference, words: str
    ) -> None:
        """With the authority's reason, and nothing stays behind."""
        ours = new_number()
        with pytest.raises(NotGranted) as refused:
            medical.family(KIOSK, ours, sharing(member, owner))
        assert words in refused.value.text
        assert medical.settled(KIOSK, ours, sharing(member, owner)) is None

    def test_a_city_without_an_interface_says_so(self, medical: MedicalInsurance) -> None:
        """Its people are shown its app."""
        assert medical.family_of(KIOSK, FOREIGNER_2017) == Family(by="app")

    def test_a_change_ends_what_it_changes(self, medical: MedicalInsurance) -> None:
        """And comes back under our number as a filing does; a second one of the same is declined."""
        number = medical.file(KIOSK, new_number(), filing(CHEN)).number
        assert number is not None
        ours = new_number()
        elsewhere = changing(number)
        fate = medical.change(KIOSK, ours, elsewhere, number)
        assert (fate.state, medical.fate(KIOSK, ours, elsewhere)) == ("accepted", fate)
        lines = {line.number: (line.place, line.state) for line in medical.filings_of(KIOSK, CHEN)}
        assert lines[number] == ("350200", "ended")
        assert lines[fate.number or ""] == ("310000", "under review")
        with pytest.raises(NumberTaken):
            medical.change(KIOSK, ours, elsewhere, number)
        for what in (number, "YD0"):
            with pytest.raises(NotGranted):
                medical.change(KIOSK, new_number(), elsewhere, what)

    def test_what_the_authority_had_before_can_be_withdrawn_too(self, medical: MedicalInsurance) -> None:
        """Most filings were never made at a kiosk of ours."""
        (number,) = [line.number for line in medical.filings_of(KIOSK, LIN) if line.state == "in force"]
        assert medical.withdraw(KIOSK, new_number(), withdrawal(number)).done
        assert [line.state for line in medical.filings_of(KIOSK, LIN) if line.number == number] == ["ended"]

    def test_services_are_looked_up_together(self, medical: MedicalInsurance) -> None:
        """Every row of each, in the one form, the newest first where the authority has its own order."""
        wanted = Wanted(services=("insured", "standings", "contributions"))
        assert medical.look_up(KIOSK, CHEN, wanted).rows == {
            "insured": (
                {
                    "kind": "310", "person-kind": "11", "status": "4", "place": "350900", "civil-servant": "0",
                    "unit": "宁德市海岸电子有限公司", "begin": "2016-08-01", "end": "2024-11-30",
                },
                {
                    "kind": "310", "person-kind": "11", "status": "1", "place": "350900", "civil-servant": "0",
                    "unit": "宁德市快步配送服务有限公司", "begin": "2025-01-01",
                },
            ),
            "standings": (),
            "contributions": (
                {"kind": "310", "type": "10", "arrived": "0", "first": "202611", "last": "202611"},
                {
                    "kind": "310", "type": "10", "arrived": "1", "first": "202511", "last": "202610",
                    "paid-on": "2026-10-25",
                },
            ),
        }  # fmt: skip
        assert medical.look_up(KIOSK, LIN, Wanted(services=("standings",))).rows["standings"] == (
            {"kind": "511", "grade": "1", "words": "低保对象", "begin": "2023-01-01"},
        )

    def test_a_certificate_is_a_whole_file(self, medical: MedicalInsurance) -> None:
        """A PDF with its title, its number and its pages; under one number of ours it has one number of theirs."""
        document = medical.certificate(KIOSK, CHEN, asked_for("medical-proof"))
        assert_specimen(document, "基本医疗保险参保凭证", CHEN)
        assert medical.certificate(KIOSK, CHEN, asked_for("medical-proof")).number == document.number

    @pytest.mark.parametrize(
        ("person", "kind", "error", "words"),
        [
            (NEVER, "medical-proof", NotInsured, "没有查到"),
            (LONG_NAME, "medical-proof", NotInsured, "没有查到"),
            (RARE, "medical-proof", NotInsured, "宁德市"),
            (DECEASED, "medical-proof", NotGranted, "请家人"),
            (CHEN, "insured-proof", NotGranted, "没有这种证明"),
        ],
        ids=["never", "unknown", "insured elsewhere", "deceased", "the other authority's"],
    )
    def test_certificates_that_it_does_not_give(
        self, medical: MedicalInsurance, person: PersonReference, kind: str, error: type[NotGranted], words: str
    ) -> None:
        """Not insured there is told from refused, both in the authority's words."""
        with pytest.raises(NotGranted) as refused:
            medical.certificate(KIOSK, person, asked_for(kind))
        assert type(refused.value) is error
        assert words in refused.value.text

    def test_the_account_and_the_sums_of_a_year(self, medical: MedicalInsurance) -> None:
        """Only rows that have an account; sums of the year that was asked for."""
        rows = medical.look_up(KIOSK, CHEN, Wanted(services=("account",))).rows
        assert [(row["kind"], row["status"], row["balance"]) for row in rows["account"]] == [("310", "1", "1286.40")]
        for year, sums in (("2026", ["2310.75"]), ("2025", [])):
            wanted = Wanted(services=("account", "totals"), answers={"year": year})
            rows = medical.look_up(KIOSK, LIN, wanted).rows
            assert (rows["account"], [row["amount"] for row in rows["totals"]]) == ((), sums)

    def test_diseases_and_claims(self, medical: MedicalInsurance) -> None:
        """As the authority calls them; the newest claim first."""
        assert medical.look_up(KIOSK, LIN, Wanted(services=("chronic",))).rows["chronic"] == (
            {"code": "M03900", "disease": "高血压", "begin": "2021-05-01"},
        )
        claims = medical.look_up(KIOSK, CHEN, Wanted(services=("reimbursements",))).rows["reimbursements"]
        assert claims == (
            {
                "number": "BX350900202611180007", "received": "2026-11-18", "state": "3",
                "words": "缺住院发票原件，请补交。",
            },
            {
                "number": "BX350900202610090031", "received": "2026-10-09", "state": "4", "amount": "862.35",
                "paid-on": "2026-11-02",
            },
        )  # fmt: skip

    def test_who_has_paid_residents_insurance(self, medical: MedicalInsurance) -> None:
        """For oneself and for those one registered; of others' numbers only the last four leave central."""
        rows = medical.look_up(KIOSK, LIN, Wanted(services=("resident-payments",))).rows["resident-payments"]
        assert sorted((row["year"], row["own"], row["number"], row["state"], row.get("paid-on")) for row in rows) == [
            ("2026", "1", "0028", "1", "2025-11-20"),
            ("2027", "0", "0027", "1", "2026-11-03"),
            ("2027", "1", "0028", "0", None),
        ]
        assert rows[0]["amount"] == "400.00"

    def test_who_is_not_known_has_no_rows(self, medical: MedicalInsurance) -> None:
        """An answer, whatever was asked."""
        everything = Wanted(services=tuple(built_in().medical), answers={"year": "2026"})
        for person in (LONG_NAME, NEVER):
            looked = medical.look_up(KIOSK, person, everything)
            assert set(looked.rows) == set(built_in().medical)
            assert not any(looked.rows.values())

    def test_money_and_illness_need_a_second_factor(self, medical: MedicalInsurance) -> None:
        """As the authority's settings say; what is not offered is not asked for."""
        levels = {service: medical.level_of(service) for service in built_in().medical}
        assert {service for service, level in levels.items() if level == 2} == {"account", "totals", "chronic"}
        for ask in (lambda: medical.level_of("horoscope"), lambda: medical.look_up(KIOSK, CHEN, HOROSCOPE)):
            with pytest.raises(NotOffered):
                ask()


HOROSCOPE = Wanted(services=("horoscope",), place="350900")


class SocialContract(FilingsContract):
    """A subclass has the fixture ``social``."""

    item = "rural-pension"
    refused = ((LIN, "已经参加了居民养老"), (CHEN, "正在交职工养老"), (MINOR, "16 岁"), (DECEASED, "请家人"))

    @pytest.fixture
    def desk(self, social: SocialSecurity) -> SocialSecurity:
        return social

    @pytest.mark.parametrize(
        ("person", "outcome"),
        [(CHEN, "单位正在给您交"), (RARE, "别的地方"), (NEVER, "decided"), (OUYANG, "accepted")],
        ids=["by an employer", "elsewhere", "decided at once", "between two jobs"],
    )
    def test_who_pays_for_himself(self, social: SocialSecurity, person: PersonReference, outcome: str) -> None:
        """Whoever has no employer who pays, and is not insured elsewhere."""
        act = service(person, "self-paid", answers={"scheme": "pension", "level": "p60"})
        try:
            assert social.file_service(KIOSK, new_number(), act).state == outcome
        except NotGranted as refusal:
            assert outcome in refusal.text  # noqa: PT017 - one table of both outcomes

    def test_what_was_paid_in_some_months(self, social: SocialSecurity) -> None:
        """Of all kinds or of one, at one place, with the amounts of each month."""
        asked = {"months": "2026-01/2026-12", "kind": ""}
        wanted = Wanted(services=("contributions",), place="350900", answers=asked)
        rows = social.look_up(KIOSK, CHEN, wanted).rows["contributions"]
        assert rows[0] == {
            "kind": "110", "type": "10", "first": "202611", "last": "202611", "own": "344.00", "employer": "688.00",
        }  # fmt: skip
        assert sorted((row["kind"], row["first"], row.get("paid-on")) for row in rows[1:]) == [
            ("110", "202601", "2026-10-25"), ("210", "202601", "2026-10-25"),
        ]  # fmt: skip
        one = replace(wanted, answers=asked | {"kind": "210"})
        assert [row["kind"] for row in social.look_up(KIOSK, CHEN, one).rows["contributions"]] == ["210"]

    def test_a_pension_by_the_year(self, social: SocialSecurity) -> None:
        """A row a month, the newest first; only the end of the account leaves central."""
        wanted = Wanted(services=("pension",), place="350900", answers={"year": "2026"})
        rows = social.look_up(KIOSK, LIN, wanted).rows["pension"]
        assert [row["month"] for row in rows] == [f"2026{month:02}" for month in range(11, 0, -1)]
        assert rows[0] == {
            "month": "202611", "amount": "226.40", "state": "0", "bank": "宁德示范银行", "account": "2802",
        }  # fmt: skip
        assert (rows[1]["state"], rows[1]["paid-on"]) == ("1", "2026-10-15")
        assert social.level_of("pension") == 2

    @pytest.mark.parametrize(
        ("person", "row"),
        [
            (LIN, {"state": "1", "until": "2027-03-15", "words": "上次认证：2026年3月15日，电子社保卡"}),
            (OUYANG, {"state": "2", "until": "2026-11-30"}),
            (DECEASED, {"state": "3", "paused": "202604", "resumes": "认证以后，下个月起接着发，停发的一起补。"}),
            (CHEN, None),
        ],
        ids=["certified", "due", "paused", "draws no pension"],
    )
    def test_a_certification(self, social: SocialSecurity, person: PersonReference, row: dict[str, str] | None) -> None:
        """Whether it holds, until when, and what the authority says of it."""
        wanted = Wanted(services=("certification",), place="350900")
        assert social.look_up(KIOSK, person, wanted).rows["certification"] == ((row,) if row else ())

    def test_a_card_is_looked_up_without_a_place(self, social: SocialSecurity) -> None:
        """By the identity number; and how far a new one has come."""
        rows = social.look_up(KIOSK, CHEN, Wanted(services=("card", "card-making"))).rows
        assert rows["card"] == (
            {"number": "0011", "state": "1", "bank": "宁德示范银行", "issued": "2019-04-12", "until": "2029-04-12"},
        )
        assert rows["card-making"] == ({"stage": "3", "since": "2026-11-16", "where": "宁德市社保卡服务中心"},)

    @pytest.mark.parametrize(("person", "elsewhere"), [(RARE, ("350200",)), (NEVER, ()), (LONG_NAME, ()), (CHEN, ())])
    def test_not_here_is_told_from_nowhere(
        self, social: SocialSecurity, person: PersonReference, elsewhere: tuple[str, ...]
    ) -> None:
        """Two steps: whom the place does not know is looked for everywhere; whom it knows is not."""
        answers = {"year": "2026", "months": "2026-01/2026-12", "kind": ""}
        wanted = Wanted(services=("contributions", "pension"), place="350900", answers=answers)
        looked = social.look_up(KIOSK, person, wanted)
        assert looked.elsewhere == elsewhere
        assert any(looked.rows.values()) == (person == CHEN)

    def test_what_is_not_offered_is_not_asked_for(self, social: SocialSecurity) -> None:
        """Whatever the kiosk's catalogue says."""
        for ask in (lambda: social.level_of("horoscope"), lambda: social.look_up(KIOSK, CHEN, HOROSCOPE)):
            with pytest.raises(NotOffered):
                ask()

    @pytest.mark.parametrize(
        ("person", "place", "kind", "span", "title"),
        [
            (CHEN, "350900", "insured-proof", {"months": 24}, "社会保险参保证明"),
            (OUYANG, "350900", "yearly-statement", {"year": 2025}, "社会保险个人权益记录单"),
            (RARE, "350200", "transfer-proof", {}, "社会保险参保缴费凭证"),
            (INSURED_LONG_NAME, "350900", "insured-proof", {"months": 24}, "社会保险参保证明"),
            (LONG_NAME, "350900", "not-insured", {}, "社会保险未参保证明"),
        ],
        ids=["months", "year", "rare characters", "fifteen characters", "nobody's"],
    )
    def test_each_kind_of_certificate(
        self, social: SocialSecurity, person: PersonReference, place: str, kind: str, span: dict[str, int], title: str
    ) -> None:
        """A PDF that names the person as they are written, 样张 across it."""
        assert_specimen(social.certificate(KIOSK, person, asked_for(kind, place, span)), title, person)

    @pytest.mark.parametrize(
        ("person", "kind", "span", "error", "words"),
        [
            (NEVER, "insured-proof", {"months": 24}, NotInsured, "没有查到"),
            (RARE, "insured-proof", {"months": 24}, NotInsured, "没有查到"),
            (DECEASED, "insured-proof", {"months": 24}, NotGranted, "请家人"),
            (CHEN, "insured-proof", {}, NotGranted, "没有这段时间"),
            (CHEN, "yearly-statement", {"year": 2026}, NotGranted, "没有这段时间"),
            (CHEN, "not-insured", {}, NotGranted, "有参保记录"),
            (CHEN, "unheard-of", {}, NotGranted, "没有这种证明"),
        ],
        ids=["never", "insured elsewhere", "deceased", "no months", "a year that is not over", "insured", "unknown"],
    )
    def test_certificates_that_it_does_not_give(
        self,
        social: SocialSecurity,
        person: PersonReference,
        kind: str,
        span: dict[str, int],
        error: type[NotGranted],
        words: str,
    ) -> None:
        """Not insured there is told from refused; nobody who is insured gets a paper that says the opposite."""
        with pytest.raises(NotGranted) as refused:
            social.certificate(KIOSK, person, asked_for(kind, span=span))
        assert type(refused.value) is error
        assert words in refused.value.text

    def test_every_row_of_one_place(self, social: SocialSecurity) -> None:
        """With employer and begin; the medical row is the other authority's."""
        rows = social.status_of(KIOSK, CHEN, "350900")
        assert [(row.scheme, row.insutype, row.status) for row in rows] == [
            ("pension", "110", "1"),
            ("unemployment", "210", "1"),
            ("injury", "410", "1"),
        ]
        assert (rows[0].unit, rows[0].begin) == ("宁德市快步配送服务有限公司", date(2025, 1, 1))

    @pytest.mark.parametrize(
        ("person", "place", "rows"),
        [
            (LIN, "350900", [("170", "1")]),
            (OUYANG, "350900", [("110", "2"), ("210", "2")]),
            (RARE, "350200", [("110", "1"), ("510", "1")]),
            (RARE, "350900", []),
            (DECEASED, "350900", [("110", "4")]),
            (NEVER, "350900", []),
            (LONG_NAME, "350900", []),
        ],
        ids=["residents' own codes", "suspended", "rare", "not here", "ended is 4, not void", "never", "unknown"],
    )
    def test_each_case_of_the_register(
        self, social: SocialSecurity, person: PersonReference, place: str, rows: list[tuple[str, str]]
    ) -> None:
        """In the national codes, whatever the authority's own are."""
        assert [(row.insutype, row.status) for row in social.status_of(KIOSK, person, place)] == rows

    @pytest.mark.parametrize(
        ("person", "places"), [(CHEN, ("350900",)), (RARE, ("350200",)), (NEVER, ()), (LONG_NAME, ())]
    )
    def test_never_insured_is_not_insured_elsewhere(
        self, social: SocialSecurity, person: PersonReference, places: tuple[str, ...]
    ) -> None:
        """Where the rows are, if any."""
        assert social.places_of(KIOSK, person) == places

    def test_a_card_is_stopped_until_a_day(self, social: SocialSecurity) -> None:
        """As long as its place says, and is used again when it is found."""
        card = SocialCard(ends="0011", state="in use", days=7, bank="宁德示范银行", bank_telephone="05930000000")
        asked = Wanted(services=("card",), place="350900")
        (before,) = social.look_up(KIOSK, CHEN, asked).rows["card"]
        assert before["state"] == "1"
        assert social.cards_of(KIOSK, CHEN) == (card,)
        ours = new_number()
        settled = social.card_loss(KIOSK, ours, loss(CHEN))
        assert (settled.done, settled.text, settled.until) == (True, "这张卡的社保部分停用了", date(2026, 11, 30))
        assert social.settled(KIOSK, ours, loss(CHEN)) == settled
        stopped = card.model_copy(update={"state": "stopped", "until": date(2026, 11, 30)})
        assert social.cards_of(KIOSK, CHEN) == (stopped,)
        (listed,) = social.look_up(KIOSK, CHEN, asked).rows["card"]
        assert listed == {**before, "state": "3"}, "the card itself is good for as long as before"
        with pytest.raises(NumberTaken):
            social.card_loss(KIOSK, ours, loss(CHEN))
        again = social.card_loss(KIOSK, new_number(), loss(CHEN))
        assert (again.done, again.text, again.until) == (True, "这张卡之前已经停用了", date(2026, 11, 30))
        lifted = social.card_loss(KIOSK, new_number(), loss(CHEN, "lift"))
        assert (lifted.done, lifted.text, lifted.until) == (True, "这张卡恢复使用了", None)
        assert social.cards_of(KIOSK, CHEN) == (card,)

    def test_a_loss_report_ends_by_itself(self, social: SocialSecurity, clock: Clock) -> None:
        """The day after its last one the card is in use."""
        social.card_loss(KIOSK, new_number(), loss(LIN))
        clock.move(timedelta(days=7))
        assert social.cards_of(KIOSK, LIN)[0].state == "stopped"
        clock.move(timedelta(days=1))
        assert social.cards_of(KIOSK, LIN)[0].state == "in use"

    @pytest.mark.parametrize(
        ("person", "wish", "words"),
        [
            (NEVER, "report", "没有查到"),
            (LONG_NAME, "lift", "没有查到"),
            (CHEN, "lift", "没有停用"),
            (DECEASED, "report", "家人"),
        ],
    )
    def test_what_cannot_be_done_with_a_card(
        self, social: SocialSecurity, person: PersonReference, wish: Literal["report", "lift"], words: str
    ) -> None:
        """With the authority's reason, and nothing stays behind."""
        ours = new_number()
        with pytest.raises(NotGranted) as refused:
            social.card_loss(KIOSK, ours, loss(person, wish))
        assert words in refused.value.text
        assert social.settled(KIOSK, ours, loss(person, wish)) is None
