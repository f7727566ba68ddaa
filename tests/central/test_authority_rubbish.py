"""Whatever an authority answers, an adapter either understands it or says that there was no answer: nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.authorities import at_once, medical, remote_care, social
from central.authorities.breaker import Breaker
from central.authorities.envelope import Envelopes, Sender
from central.authorities.medical import NationalMedicalInsurance
from central.authorities.services import built_in
from central.authorities.signing import HmacSigner
from central.authorities.social import Gateway, HttpSocialSecurity
from central.authorities.wire import NUMBER, WORDS, Wire
from central.upstream import NotGranted, NumberTaken, Unanswered, Wanted
from tests.central.kiosks import CHEN, LIN, Clock, filing, loss, sharing, withdrawal

MODELS = [
    model
    for module in (at_once, medical, remote_care, social)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, Wire)
]
SERVICES = (*built_in().medical.values(), *built_in().social.values())
NAMES = sorted(
    {name for model in MODELS for name in model.model_fields}
    | {"message", "code", "rows", "idetinfo"}
    | {column.field for service in SERVICES for column in service.columns.values()}
)
"""Every name that an adapter looks for."""

VALUES = st.sampled_from(
    ["", "0", "1", "2", "350900", "2026-13-41", "2026-01-01", "20260101", "170", "110", "NaN", "-1"]
)
LEAVES = st.one_of(VALUES, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)),
    max_leaves=40,
)
ROW = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, LEAVES))
OUTPUTS = st.one_of(
    st.dictionaries(st.sampled_from(NAMES), TREES, max_size=6),
    st.fixed_dictionaries(
        {
            "baseinfo": ROW,
            "insuinfo": st.lists(ROW, max_size=2),
            "idetinfo": st.lists(ROW, max_size=2),
            "outinfo": st.lists(ROW, max_size=2),
            "result": ROW,
            "cuminfo": st.lists(ROW, max_size=2),
            "feedetail": st.lists(ROW, max_size=2),
            "output": st.lists(ROW, max_size=2),
            "authinfo": st.lists(ROW, max_size=2),
        }
    ),
)
KNOWN = {"baseinfo": {"psn_no": "1", "psn_cert_type": "01", "certno": "1"}}
"""A person, so that what comes after is reached."""

ENVELOPES = st.one_of(
    st.binary(max_size=40),
    TREES.map(lambda tree: json.dumps(tree).encode()),
    st.fixed_dictionaries(
        {"infcode": st.sampled_from(["0", 0, "-1", "x", None])},
        optional={"output": st.one_of(OUTPUTS, OUTPUTS.map(lambda one: {**one, **KNOWN})), "err_msg": LEAVES},
    ).map(lambda tree: json.dumps(tree).encode()),
)
RESULTS = st.one_of(
    st.binary(max_size=40),
    st.fixed_dictionaries(
        {"code": st.sampled_from(["0", 0, "106", "90101", "x", None]), "rows": st.lists(ROW, max_size=3)},
        optional={"message": LEAVES},
    ).map(lambda tree: json.dumps(tree).encode()),
)


class Answers:
    """Answers one thing after the other, then the last one for ever."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def __call__(self, url: str, body: bytes, *, within: float, headers: Mapping[str, str] | None = None) -> bytes:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def understood_or_not(call: Callable[[], object]) -> None:
    try:
        call()
    except (Unanswered, NotGranted, NumberTaken):
        pass


SIGNER = HmacSigner(key=b"k" * 32)
A_PERSON = json.dumps({"infcode": "0", "output": KNOWN}).encode()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(ENVELOPES, min_size=1, max_size=2), known=st.booleans())
def test_any_envelope(monkeypatch: pytest.MonkeyPatch, answers: list[bytes], known: bool) -> None:
    """Of every transaction."""
    sender = Sender(url="http://nowhere", institution="P35090000001", institution_name="x", area="350900")
    breaker = Breaker("nobody", lambda: 0.0, failures=10**9)
    adapter = NationalMedicalInsurance(envelopes=Envelopes(sender=sender, signer=SIGNER, breaker=breaker, now=Clock()))
    ours = "P35090000001202611231000000001"
    for call in (
        lambda: adapter.insured("K", CHEN),
        lambda: adapter.filings_of("K", CHEN),
        lambda: adapter.file("K", ours, filing()),
        lambda: adapter.fate("K", ours, filing()),
        lambda: adapter.withdraw("K", ours, withdrawal()),
        lambda: adapter.family_of("K", CHEN),
        lambda: adapter.family("K", ours, sharing(LIN)),
        lambda: adapter.settled("K", ours, withdrawal()),
        lambda: adapter.look_up("K", CHEN, Wanted(services=tuple(built_in().medical), answers={"year": "2026"})),
    ):
        said = Answers([A_PERSON, *answers] if known else list(answers))
        monkeypatch.setattr("central.authorities.envelope.post", said)
        understood_or_not(call)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(RESULTS, min_size=1, max_size=2), known=st.booleans())
def test_any_result(monkeypatch: pytest.MonkeyPatch, answers: list[bytes], known: bool) -> None:
    """Of every question."""
    breaker = Breaker("nobody", lambda: 0.0, failures=10**9)
    adapter = HttpSocialSecurity(gateway=Gateway(url="http://nowhere"), signer=SIGNER, breaker=breaker)
    first = [json.dumps({"code": "0", "rows": [{"AAC001": "1"}]}).encode()] if known else []
    for call in (
        lambda: adapter.status_of("K", CHEN, "350900"),
        lambda: adapter.places_of("K", CHEN),
        lambda: adapter.look_up("K", CHEN, Wanted(services=tuple(built_in().social), place="350900")),
        lambda: adapter.cards_of("K", CHEN),
        lambda: adapter.card_loss("K", "1", loss()),
        lambda: adapter.settled("K", "1", loss()),
    ):
        monkeypatch.setattr("central.authorities.social.post", Answers([*first, *answers]))
        understood_or_not(call)


def test_the_names_are_those_that_adapters_look_for() -> None:
    """Rubbish that hits nothing tests nothing."""
    assert {"psn_no", "insuplc_admdvs", "balc", "rchk_flag", "AAE140", "AAB301"} <= set(NAMES)


def test_pages_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that gives the same full page for ever is given up."""
    rows = [{"AAB301": "350900", "AAE140": "110", "AAC008": "1"}] * 100
    monkeypatch.setattr("central.authorities.social.post", Answers([json.dumps({"code": 0, "rows": rows}).encode()]))
    adapter = HttpSocialSecurity(
        gateway=Gateway(url="http://nowhere"), signer=SIGNER, breaker=Breaker("nobody", lambda: 0.0)
    )
    with pytest.raises(Unanswered, match="end"):
        adapter.places_of("K", CHEN)


def test_of_an_authority_s_words_stays_what_a_database_holds() -> None:
    """No NUL anywhere; a number that is too long to be one is none; words end somewhere."""
    said = {"trt_dcla_detl_sn": "YD\x001", "rchk_flag": "0", "memo": "受理\x00了。" + "很" * 1000}
    codes = remote_care.RemoteCareCodes()
    fate = codes.fate(remote_care.RemoteCareEntry.model_validate(said))
    assert fate.number == "YD1"
    assert fate.text is not None
    assert fate.text.startswith("受理了。很")
    assert len(fate.text) == WORDS
    too_long = json.dumps(said | {"trt_dcla_detl_sn": "9" * (NUMBER + 1)})
    assert codes.fate(remote_care.RemoteCareEntry.model_validate_json(too_long)).number is None


@pytest.mark.parametrize("code", ["0", "500"])
def test_of_a_gateway_s_words_too(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    row = {"BAE001": "1", "done": "1", "number": "9" * (NUMBER + 1), "message": "停用\x00了"}
    answer = json.dumps({"code": code, "message": "不\x00行", "rows": [row]}).encode()
    monkeypatch.setattr("central.authorities.social.post", Answers([answer]))
    breaker = Breaker("nobody", lambda: 0.0)
    adapter = HttpSocialSecurity(gateway=Gateway(url="http://nowhere"), signer=SIGNER, breaker=breaker)
    if code == "0":
        settled = adapter.card_loss("K", "1", loss())
        assert (settled.done, settled.number, settled.text) == (True, None, "停用了")
    else:
        with pytest.raises(NotGranted) as refused:
            adapter.card_loss("K", "1", loss())
        assert refused.value.text == "不行"
