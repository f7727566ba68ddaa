from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.control import Generation
from devices.errors import Garbled, Refused
from devices.simulated.people import Person, Resident, load_people
from devices.simulated.social_card import Chip, SimulatedSocialCard, chip_of
from devices.social_card import (
    FILES,
    Records,
    SocialCard,
    Why,
    parse_records,
    read_records,
    read_uid,
    right_card_number,
)

PEOPLE = load_people()
CHEN = PEOPLE["chen-jianguo"]


class Slot:
    """The simulated card without a slot: what it is told comes back at once."""

    def __init__(self, chip: Chip, *faults: str) -> None:
        self.card = SimulatedSocialCard(PEOPLE, on_change=lambda: None)
        self.card.insert_chip(chip)
        for fault in faults:
            self.card.faults.add(fault, None)

    def transmit(self, apdu: bytes) -> bytes:
        moves = self.card.receive(len(apdu).to_bytes(2, "big") + apdu)
        return b"".join(move for move in moves if isinstance(move, bytes))[2:]

    def read(self) -> SocialCard:
        return parse_records(read_records(self))


class Scripted:
    """A chip that gives these answers, and the last one for ever."""

    def __init__(self, answers: Iterable[bytes]) -> None:
        self._answers = list(answers)

    def transmit(self, apdu: bytes) -> bytes:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def with_records(chip: Chip, **changed: bytes) -> Chip:
    """The chip with other values: t09=… for tag 09."""
    new = {int(name[1:], 16): value for name, value in changed.items()}
    files = {file: tuple((tag, new.get(tag, value)) for tag, value in records) for file, records in chip.files.items()}
    return replace(chip, files=files)


def someone(**changed: str) -> Person:
    return CHEN.model_copy(update=changed)


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("person", PEOPLE)
def test_the_first_two_generations_tell_all(person: str, generation: Generation) -> None:
    card = Slot(chip_of(PEOPLE[person], generation)).read()
    expected = PEOPLE[person]
    citizen = isinstance(expected, Resident)
    assert (card.name, card.number, card.birth) == (expected.name, expected.number, expected.birth)
    assert card.birth_place == (expected.number[:6] if citizen else None)
    assert (card.generation, card.version) == (generation, f"{generation}.00")
    assert (card.issuer, card.issued) == (f"{card.birth_place or '339902'}0000000001", date(2019, 4, 1))
    assert card.missing == (() if citizen else (("ethnicity", "blank"), ("birth_place", "blank")))
    assert card.warnings == ()


def test_nothing_is_asked_but_the_two_free_files() -> None:
    """No PIN, no key, no other application."""
    slot = Slot(chip_of(CHEN, 2))
    slot.read()
    assert [apdu.hex().upper() for apdu in slot.card.asked] == [
        "00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00C000001E",
        "00A4020002EF05", *(f"00B2{tag}00{le}" for tag, le in zip(
            ("01", "02", "03", "04", "05", "06", "07"), ("12", "03", "06", "0E", "06", "06", "0B"), strict=True)),
        "00A4020002EF06", *(f"00B2{tag}00{le}" for tag, le in zip(
            ("08", "09", "4E", "0A", "0B", "0C", "0D"), ("14", "20", "16", "03", "03", "05", "06"), strict=True)),
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["length", "no-tags"])
@pytest.mark.parametrize("generation", get_args(Generation))
def test_a_card_is_read_whatever_way_it_wants_to_be_asked(generation: Generation, fault: str) -> None:
    chip = chip_of(PEOPLE["rare"], generation)
    assert Slot(chip, fault).read() == Slot(chip).read()


def test_what_is_locked_blank_or_absent_is_missing_by_name() -> None:
    chip = chip_of(CHEN, 2)
    holder = {"number", "name", "sex", "ethnicity", "birth_place", "birth"}
    assert set(Slot(chip_of(CHEN, 3)).read().missing) == {(field, "locked") for field in holder}
    assert set(Slot(chip, "locked", "no-tags").read().missing) == {(field, "locked") for field in holder}
    blank = Slot(chip, "blank").read()
    assert (blank.generation, len(blank.missing), {why for _, why in blank.missing}) == (None, 12, {"blank"})
    without = replace(chip, files={b"\xef\x05": chip.files[b"\xef\x05"]})
    card = Slot(without).read()
    assert set(card.missing) == {(field, "absent") for field in holder}
    assert card.card_number is not None


@pytest.mark.parametrize(
    ("tag", "value", "field", "why"),
    [
        ("t0d", bytes.fromhex("20230229"), "birth", "damaged"),
        ("t0d", bytes.fromhex("2A230101"), "birth", "damaged"),
        ("t0d", b"\xff" * 4, "birth", "blank"),
        ("t06", bytes(4), "valid_to", "blank"),
        ("t0a", b"3", "sex", "damaged"),
        ("t0b", b"\x60", "ethnicity", "damaged"),
        ("t09", b"\xff" * 30, "name", "blank"),
        ("t09", b"\xc1\x00" * 15, "name", "damaged"),
        ("t09", b"\x1b@".ljust(30, b"\0"), "name", "damaged"),
        ("t08", "张".encode("gb18030"), "number", "damaged"),
        ("t01", b"\x33" * 15, "card_id", "damaged"),
        ("t01", b"", "card_id", "blank"),
    ],
)
def test_one_bad_field_spoils_no_other(tag: str, value: bytes, field: str, why: Why) -> None:
    card = Slot(with_records(chip_of(CHEN, 2), **{tag: value})).read()
    assert card.missing == ((field, why),)


@pytest.mark.parametrize(
    "name",
    ["禤𠮷䶮", "买买提·艾力", "阿卜杜克热木江·阿卜杜热西提江·艾合买提", "一二三四五六七八九十一二三四𠮷五", "ANNA LI"],
)
def test_a_name_is_whole_over_two_records_even_within_a_character(name: str) -> None:
    assert Slot(chip_of(someone(name=name), 2)).read().name == name


def test_characters_that_were_once_for_private_use_are_those_of_unicode() -> None:
    chip = with_records(chip_of(CHEN, 2), t09=bytes.fromhex("FE59FE51").ljust(30, b"\0"))
    assert Slot(chip).read().name == "龴𠂇"


def test_numbers_are_read_without_their_padding() -> None:
    card = Slot(with_records(chip_of(CHEN, 2), t08=b"11010519491231002x  ", t0b=b"\x01")).read()
    assert (card.number, card.ethnicity) == ("11010519491231002X", "汉")


@pytest.mark.parametrize(
    ("number", "right"), [("X00000019", True), ("X00000018", False), ("X0000001", False), ("x00000019", False)]
)
def test_the_check_digit_of_a_card_number(number: str, right: bool) -> None:
    assert right_card_number(number) is right
    card = Slot(with_records(chip_of(CHEN, 2), t07=number.encode())).read()
    assert card.card_number == number
    assert (card.warnings == ()) is right


def test_an_unknown_version_is_a_warning() -> None:
    card = Slot(with_records(chip_of(CHEN, 2), t03=b"9.00")).read()
    assert (card.version, card.generation) == ("9.00", None)
    assert card.warnings == ("version of the card is unknown",)


@pytest.mark.parametrize("status", ["6a82", "6d00", "6e00", "6999", "6985"])
def test_another_kind_of_card_is_refused(status: str) -> None:
    with pytest.raises(Refused, match="not a social security card"):
        read_records(Slot(chip_of(CHEN, 2), f"sw:{status}"))
    with pytest.raises(Refused, match="not a social security card"):
        read_records(Slot(replace(chip_of(CHEN, 2), aid=b"bank")))


@pytest.mark.parametrize("answer", ["", "90", "6f00", "0000", "61ff", "6c10"])
def test_an_answer_that_is_none_is_garbled(answer: str) -> None:
    with pytest.raises(Garbled):
        read_records(Scripted([bytes.fromhex(answer)]))


def test_the_number_of_a_contactless_chip() -> None:
    assert read_uid(Slot(chip_of(CHEN, 3))).hex() == "08031800"
    with pytest.raises(Refused, match="no number"):
        read_uid(Slot(chip_of(CHEN, 2)))
    with pytest.raises(Garbled):
        read_uid(Scripted([bytes(11) + b"\x90\x00"]))


def test_nothing_personal_is_shown_by_accident() -> None:
    card = Slot(chip_of(CHEN, 2)).read()
    shown = repr(card)
    assert not any(text and text in shown for text in (card.name, card.number, card.card_number, card.card_id))


ANSWERS = st.one_of(
    st.binary(max_size=24),
    st.binary(max_size=24).map(lambda data: data + b"\x90\x00"),
    st.sampled_from([bytes.fromhex(word) for word in ("9000", "6982", "6A83", "6B00", "6C05", "6105", "6282")]),
)


@settings(max_examples=150)
@given(st.lists(ANSWERS, min_size=1, max_size=40))
@example([b"\x90\x00", b"\x90\x00", b"\x09\x02\xc1\x00\x90\x00"])
def test_any_answers_give_a_card_or_a_typed_error(answers: list[bytes]) -> None:
    try:
        card = parse_records(read_records(Scripted(answers)))
    except (Refused, Garbled):
        return
    assert isinstance(card, SocialCard)


TAGS = [tag for sizes in FILES.values() for tag in sizes]


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(TAGS), st.one_of(st.binary(max_size=40), st.sampled_from(get_args(Why)))))
def test_any_records_give_a_card_with_a_reason_for_each_field_that_is_missing(records: Records) -> None:
    card = parse_records(records)
    none = {name for name, value in vars(card).items() if value is None}
    assert {field for field, _ in card.missing} == none
