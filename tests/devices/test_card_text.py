from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.card_text import ETHNICITIES, UNKNOWN_TYPE, IdCard, parse_card, parse_new_address
from devices.errors import Garbled, Refused


def block(*fields: tuple[int, str], base: bytes = b" \0" * 128) -> bytes:
    """256 bytes with texts at their places."""
    text = bytearray(base)
    for at, value in fields:
        encoded = value.encode("utf-16-le")
        text[at : at + len(encoded)] = encoded
    assert len(text) == 256
    return bytes(text)


RESIDENT = block(
    (0, "禤𠮷䶮"),
    (30, "2"),
    (32, "03"),
    (36, "19870611"),
    (52, "东澜省临漪市礐石镇 17 号"),
    (122, "339902198706110029"),
    (158, "临漪市公安局"),
    (188, "20160303"),
    (204, "20360303"),
)


def test_a_resident_card() -> None:
    assert parse_card(RESIDENT, photo=b"photo") == IdCard(
        kind="resident",
        name="禤𠮷䶮",
        sex="female",
        ethnicity="回",
        birth=date(1987, 6, 11),
        address="东澜省临漪市礐石镇 17 号",
        number="339902198706110029",
        issuer="临漪市公安局",
        valid_from=date(2016, 3, 3),
        valid_to=date(2036, 3, 3),
        photo=b"photo",
    )


HMT = block((32, "  "), (122, "810000199001010019"), (220, "H12345678"), (238, "01"), (248, "J"), base=RESIDENT)


def test_a_residence_permit_of_hong_kong_macao_or_taiwan() -> None:
    card = parse_card(HMT, new_address="示例路2号")
    assert card.kind == "hmt"
    assert (card.number, card.permit_number) == ("810000199001010019", "H12345678")
    assert (card.ethnicity, card.address, card.issuer) == ("", "示例路2号", "临漪市公安局")


FOREIGNER_2017 = block(
    (0, "SAMPLE, PERSON ONE"),
    (120, "1"),
    (122, "CAN110081080310"),
    (152, "CAN"),
    (158, "山普"),
    (188, "20180102"),
    (204, "20280101"),
    (220, "19810803"),
    (236, "01"),
    (240, "1100"),
    (248, "I"),
)


def test_a_foreigners_permit_of_2017() -> None:
    card = parse_card(FOREIGNER_2017)
    assert (card.kind, card.name, card.latin_name) == ("foreigner-2017", "山普", "SAMPLE, PERSON ONE")
    assert (card.number, card.nationality, card.issuer) == ("CAN110081080310", "CAN", "1100")
    assert (card.birth, card.valid_from, card.valid_to) == (date(1981, 8, 3), date(2018, 1, 2), date(2028, 1, 1))
    nameless = parse_card(block((158, "  "), base=FOREIGNER_2017))
    assert nameless.name == "SAMPLE, PERSON ONE"


LATIN = "SAMPLE PERSON WITH A NAME OF MORE THAN 35"
FOREIGNER_2023 = block(
    (0, "山普"),
    (30, "1"),
    (36, "19850101"),
    (52, LATIN[:35]),
    (122, "932682198501010017"),
    (188, "20231201"),
    (204, "20331130"),
    (220, LATIN[35:]),
    (242, "CAN"),
    (248, "Y"),
)


def test_a_foreigners_permit_of_2023() -> None:
    card = parse_card(FOREIGNER_2023)
    assert (card.kind, card.name, card.latin_name) == ("foreigner-2023", "山普", LATIN)
    assert (card.number, card.nationality, card.address) == ("932682198501010017", "CAN", "")
    with pytest.raises(Garbled):
        parse_card(block((0, "  "), (52, " " * 35), (220, " " * 11), base=FOREIGNER_2023))


@pytest.mark.parametrize("name", ["䶮㛃㐆䲜䴉䎃㑇㕮䓖䗪䝙䥽䦃䦆䲟", "𠮷𡋾𠅤𠙶𡐓𢙏𣗋", "\ue000\ue815某", "É·é"])
def test_any_characters_make_a_name(name: str) -> None:
    """Fifteen rare ones, pairs of units to the last, and the private ones of old registers."""
    assert parse_card(block((0, name.ljust(15 - sum(ord(c) > 0xFFFF for c in name))), base=RESIDENT)).name == name


@pytest.mark.parametrize(
    ("unit", "named"),
    [(b"K\0", "'K'"), (b"j\0", "'j'"), (b"0\0", "'0'"), (b"\x01\x30", "'\\u3001'"), (b"\1\0", "'\\x01'"),
     (b"\x42\xd8", "'\\ud842'")],
)  # fmt: skip
def test_any_other_type_is_refused_by_name(unit: bytes, named: str) -> None:
    """One reason to decide by, and in the log the character, even one that is only half of a pair."""
    with pytest.raises(Refused) as caught:
        parse_card(RESIDENT[:248] + unit + RESIDENT[250:])
    assert caught.value.reason == UNKNOWN_TYPE == "unknown card type"
    assert str(caught.value) == f"unknown card type {named}"


@pytest.mark.parametrize("blank", [" ", "\0"])
def test_a_blank_type_is_a_resident_card(blank: str) -> None:
    assert parse_card(block((248, blank), base=RESIDENT)).kind == "resident"


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, " " * 15),
        (0, "\0" * 15),
        (0, "陈\n建"),
        (30, "3"),
        (30, " "),
        (36, "19870631"),
        (36, "1987061"[:7] + " "),
        (36, "１９８７０６１１"),
        (122, " " * 18),
        (188, "长期      "),
        (204, "20361301"),
        (204, " " * 8),
    ],
)
def test_what_no_card_says_is_garbled(at: int, value: str) -> None:
    with pytest.raises(Garbled):
        parse_card(block((at, value), base=RESIDENT))


def test_half_a_character_is_garbled() -> None:
    text = bytearray(RESIDENT)
    text[0:2] = b"\x42\xd8"
    text[2:4] = b"A\0"
    with pytest.raises(Garbled):
        parse_card(bytes(text))


@pytest.mark.parametrize("size", [0, 255, 257])
def test_another_size_is_garbled(size: int) -> None:
    with pytest.raises(Garbled):
        parse_card(bytes(size))


def test_an_ethnicity_without_a_name_is_left_out() -> None:
    assert parse_card(block((32, "99"), base=RESIDENT)).ethnicity == ""
    assert len(ETHNICITIES) == 59


def test_the_newest_address_is_the_last_that_is_not_blank() -> None:
    def record(text: str) -> bytes:
        return text.ljust(35).encode("utf-16-le")

    assert parse_new_address(record("临漪市桂花弄27号") + record("1幢101室") + record("")) == "临漪市桂花弄27号1幢101室"
    assert parse_new_address(record("")) == ""
    assert parse_new_address(b"") == ""


def test_a_character_may_begin_in_one_record_and_end_in_the_next() -> None:
    """Records hold 35 units, and a rare character is two of them."""
    address = ("东澜省临漪市礐石镇".ljust(34, "一") + "𡋾头村17号").encode("utf-16-le")
    assert parse_new_address(address.ljust(140, b"\0")) == address.decode("utf-16-le")
    with pytest.raises(Garbled):
        parse_new_address(address[:70])


def holds_control(text: str) -> bool:
    return any(unicodedata.category(character) == "Cc" for character in text)


@given(st.binary(max_size=284))
@example(b"\x42\xd8" * 35)
@example(b" ")
@example(b"\0" * 69 + b" \0")
def test_any_bytes_are_an_address_or_garbled(data: bytes) -> None:
    try:
        address = parse_new_address(data)
    except Garbled:
        return
    assert not holds_control(address)
    assert len(address) * 2 <= len(data)


@given(
    st.sampled_from([RESIDENT, HMT, FOREIGNER_2017, FOREIGNER_2023]),
    st.integers(0, 255),
    st.binary(min_size=1, max_size=70),
)
@example(FOREIGNER_2023, 0, b" \0" * 15)  # no Chinese name
@example(FOREIGNER_2023, 120, b"\0")  # the end of a name before the rest of it
@example(FOREIGNER_2017, 118, b"\x42\xd8")  # half a character at the end of a field
@example(RESIDENT, 36, "00000000".encode("utf-16-le"))
@example(HMT, 204, "长期".encode("utf-16-le"))  # with the digits that stood there behind it
def test_a_card_of_any_kind_with_any_bytes_in_it_is_a_card_or_a_typed_error(text: bytes, at: int, new: bytes) -> None:
    changed = (text[:at] + new + text[at + len(new) :])[:256]
    try:
        card = parse_card(changed)
    except (Garbled, Refused):
        return
    assert card.name
    assert card.number
    assert not holds_control(card.name + card.latin_name + card.number + card.address + card.issuer + card.nationality)


@given(st.binary(min_size=256, max_size=256))
def test_any_block_is_a_card_or_a_typed_error(text: bytes) -> None:
    try:
        parse_card(text)
    except (Garbled, Refused):
        return


@given(st.text(max_size=15), st.text(max_size=35), st.sampled_from("129 0"))
def test_any_text_is_a_card_or_a_typed_error(name: str, address: str, sex: str) -> None:
    def fitting(value: str, size: int) -> str:
        return value.encode("utf-16-le", "surrogatepass")[:size].decode("utf-16-le", "ignore")

    text = block((0, fitting(name, 30)), (52, fitting(address, 70)), (30, sex), base=RESIDENT)
    try:
        card = parse_card(text)
    except Garbled:
        return
    assert card.name == card.name.rstrip(" \0")
