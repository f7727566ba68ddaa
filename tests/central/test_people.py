"""What is shown and kept of a person."""

from __future__ import annotations

import pytest

from central.people import References, masked, masked_name, masked_telephone
from kiosk.contract.acts import PersonReference
from tests.central.kiosks import OUYANG


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王伟", "王＊"),
        ("陈建国", "陈＊＊"),
        ("欧阳文澜", "欧阳＊＊"),
        ("欧阳", "欧＊"),
        ("禤𠮷䶮", "禤＊＊"),
        ("阿卜杜克热木江·阿卜杜热西提江", "阿卜＊＊"),
        ("JOHN SMITH", "J＊＊"),
        ("王", "王＊"),
    ],
)
def test_a_name_is_masked(name: str, shown: str) -> None:
    """The surname stays, compound surnames whole; of a name with · the first two characters."""
    assert masked_name(name) == shown


def test_a_person_is_masked() -> None:
    """As the list shows them."""
    assert masked(OUYANG) == "欧阳＊＊ 尾号 059X"
    assert masked_telephone("13800000001") == "138＊＊＊＊0001"


def test_a_reference_goes_by_the_number() -> None:
    """The same for every spelling of the name and of x; another under another key."""
    references = References(b"k" * 32)
    small = PersonReference(number=OUYANG.number.lower(), name="欧阳")
    assert references.of(OUYANG) == references.of(small)
    assert references.of(OUYANG) != References(b"j" * 32).of(OUYANG)
    assert OUYANG.number not in references.of(OUYANG)
