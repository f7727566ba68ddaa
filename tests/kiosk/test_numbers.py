"""Registration numbers (登记号): both sides compute the same, slips are found, look-alikes are forgiven."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.contract.errors import BadNumber
from kiosk.contract.numbers import ALPHABET, Number, number_of, read_number

ID = UUID("019ab000-1234-7abc-8def-0123456789ab")
WHEN = datetime(2026, 11, 22, 1, 46, tzinfo=UTC)

numbers = st.builds(
    number_of,
    kiosk=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,15}", fullmatch=True),
    happened_at=st.just(WHEN),
    seq=st.integers(1, 2**63 - 1),
    id=st.uuids(),
)


def test_number_reads_as_drawn() -> None:
    """Kiosk, year, six digits, four random characters and a check."""
    number = number_of(kiosk="K-001", happened_at=WHEN, seq=317, id=ID)
    assert str(number) == "K001-26-000317-F2DB2"


def test_year_is_that_of_shanghai() -> None:
    """At 00:30 on New Year's Day the receipt says the new year, though UTC does not yet."""
    eve = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert number_of(kiosk="K-001", happened_at=eve, seq=1, id=ID).year == 27


@given(numbers)
def test_number_survives_being_typed(number: Number) -> None:
    """As printed, in small letters, without hyphens, with blanks, full-width, or with look-alikes."""
    text = str(number)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in text)
    spellings = (text, text.lower(), text.replace("-", ""), f" {text.replace('-', ' ')} ", wide)
    for spelling in spellings:
        assert read_number(spelling) == number
    tail = text[-19:].replace("0", "O").replace("1", "l")
    assert read_number(text[:-19] + tail).key == number.key


@given(numbers, st.data())
def test_each_single_slip_is_found(number: Number, data: st.DataObject) -> None:
    """One wrong character, anywhere, never leads to another person's matter."""
    letters = number.key
    at = data.draw(st.integers(0, len(letters) - 1))
    wrong = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != letters[at]]))
    with pytest.raises(BadNumber):
        read_number(letters[:at] + wrong + letters[at + 1 :])


@given(numbers, st.data())
def test_each_swap_of_neighbours_is_found(number: Number, data: st.DataObject) -> None:
    """The other common slip."""
    letters = number.key
    at = data.draw(st.integers(0, len(letters) - 2))
    swapped = letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
    if swapped != letters:
        with pytest.raises(BadNumber):
            read_number(swapped)


@given(st.text(max_size=100))
def test_rubbish_is_no_number(text: str) -> None:
    """Whatever is typed, the answer is a number or a typed error."""
    try:
        assert read_number(text).key
    except BadNumber:
        pass


@pytest.mark.parametrize("text", ["", "K001", "26-000317-F2DB2", "K001-26-000317-F2DB2" * 9, "K001-2X-000317-F2DB2"])
def test_text_that_is_no_number_is_refused(text: str) -> None:
    """Too short, without a kiosk, too long, a letter where a digit belongs."""
    with pytest.raises(BadNumber):
        read_number(text)
