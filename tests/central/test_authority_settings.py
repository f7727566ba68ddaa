"""What a city writes to plug in its authorities: a mistake is one line, and docs/upstreams.md tells every key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from central.authorities import settings as module
from central.authorities.identity import AgentCodes
from central.authorities.medical import NationalMedicalInsurance
from central.authorities.settings import AuthoritySettings, BadAuthorities, connect, load_authorities
from central.authorities.social import HttpSocialSecurity
from central.authorities.transactions import Transactions
from central.insured_places import BadPlaces, load_places
from central.toml_files import Part
from kiosk.contract.identity import Relation
from tests.central.kiosks import CHEN, Clock, service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/upstreams.md").read_text(encoding="utf-8")


def example(which: int = 0) -> str:
    """An example of the page."""
    examples: list[str] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    return examples[which]


def written(folder: Path, text: str) -> Path:
    key = folder / "authorities.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    file = folder / "authorities.toml"
    file.write_text(text.replace("/etc/kiosk-central/authorities.key", str(key)), encoding="utf-8")
    return file


def test_the_example_connects(tmp_path: Path) -> None:
    """What the page shows are settings, and they reach the adapters."""
    settings = load_authorities(written(tmp_path, example()))
    medical, social = connect(settings, Clock())
    assert isinstance(medical, NationalMedicalInsurance)
    assert isinstance(social, HttpSocialSecurity)
    assert medical.envelopes.sender.url == settings.medical.url
    assert medical.envelopes.sender.later == ("系统异常", "系统繁忙")
    assert medical.transactions == Transactions(file="2567", filings="5267", withdraw="2568", change="2569")
    assert medical.codes.kinds.keys() == {"1", "2", "3", "4", "9"}
    assert medical.agent_codes.agents == {
        "child": "3", "spouse": "1", "parent": "2", "relative": "4", "carer": "9", "worker": "9",
    }  # fmt: skip
    assert social.gateway.within == 3
    assert medical.forms["chronic"].file == "2503"
    assert medical.forms["chronic"].content(service(CHEN)) == {"opsp_dise_code": "M03900"}
    assert social.forms["rural-pension"].fields == {"level": "BAA011"}


def test_the_page_tells_the_codes_of_whoever_acts() -> None:
    """All of them, as they are without a table."""
    told = dict(re.findall(r"^\| `(\w+)` \(.*\) \| (\d+) \|$", PAGE, re.MULTILINE))
    assert told == AgentCodes().agents
    assert told.keys() == set(get_args(Relation))


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('institution = "P35090000001"', 'institution = "P3509"', "medical.institution"),
        ('area = "350900"', 'area = "Ningde"', "medical.area"),
        ('url = "https://ybj.example.com/fsi/api"', 'url = "ybj.example.com"', "medical.url"),
        ("within = 3", "within = 0", "social.within"),
        ('file = "2567"', 'file = "filing"', "medical.transactions.file"),
        ('"9" = "temporary"', '"9" = "holiday"', "medical.codes.kinds.9"),
        ('change = "2569"', 'change = "变更"', "medical.transactions.change"),
        ('carer = "9"', 'neighbour = "9"', "medical.codes.agents.neighbour"),
        ('carer = "9"', 'carer = "another"', "medical.codes.agents.carer"),
        ('carer = "9"\n', "", "medical.codes.agents: no code for carer"),
        ('signer = "HS256"', 'signer = "none"', "signing.signer"),
        ("within = 3", "wthin = 3", "social.wthin"),
        ('later = ["系统异常", "系统繁忙"]', 'later = ["系统异常", 5]', "medical.later.2: "),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """File and field, and nothing of what stands there."""
    assert right in example()
    file = written(tmp_path, example().replace(right, wrong, 1))
    with pytest.raises(BadAuthorities) as raised:
        load_authorities(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_key_that_others_may_read(tmp_path: Path) -> None:
    """It is not used."""
    settings = load_authorities(written(tmp_path, example()))
    settings.medical.signing.key.chmod(0o644)
    with pytest.raises(BadAuthorities, match="others may read it"):
        connect(settings, Clock())


def test_every_key_is_explained() -> None:
    """docs/upstreams.md names each key."""
    models = [model for model in vars(module).values() if isinstance(model, type) and issubclass(model, Part)]
    keys = {key for model in models for key in model.model_fields}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
    assert issubclass(AuthoritySettings, Part)


def test_the_insured_places_of_the_page(tmp_path: Path) -> None:
    """Its example can be loaded; a place that is not there promises nothing."""
    file = tmp_path / "places.toml"
    file.write_text(example(1), encoding="utf-8")
    places = load_places(file)
    assert places.hotline == "12393"
    assert places.find("350900") is not None
    assert places.find("999999") is None
    assert places.find(None) is None


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("review_days = 10", "review_days = 0", "place.1.review_days"),
        ('hotline = "12393"', 'hotline = "ask"', "hotline"),
        ('hotline = "12393"', "hotline =", "is not TOML: .*line 1"),
        (
            "review_days = 10",
            'review_days = 10\npapers_days = 15\n[[place]]\ncode = "350900"\nreview_days = 1',
            "twice",
        ),
    ],
)
def test_a_mistake_in_the_places_is_one_line(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """File, place and field."""
    assert right in example(1)
    file = tmp_path / "places.toml"
    file.write_text(example(1).replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(BadPlaces, match=says) as raised:
        load_places(file)
    assert str(raised.value).startswith(f"{file}: ")


def test_the_built_in_places_are_of_the_register() -> None:
    """Only insured places that somebody is insured at."""
    register = tomllib.loads((ROOT / "central/demonstration/register.toml").read_text(encoding="utf-8"))
    assert {place.code for place in load_places().place} <= {place["code"] for place in register["places"]}
