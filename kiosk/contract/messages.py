"""What kiosk and central say to each other over HTTP: keys, batches of records, answers, codes.

JSON, validated on both sides. Records travel as the bytes that were committed (base64), never as re-encoded JSON.
Paths: ``GET /v1/health``, ``GET /v1/keys``, ``GET /v1/catalog?kiosk=NAME`` (``signed``), ``POST /v1/records``,
``GET /v1/records/{id}?within=SECONDS``, ``POST /v1/heartbeat``, ``POST /v1/live``,
``POST /v1/queries/{name}`` (``queries``), ``POST /v1/codes``, ``POST /v1/codes/check``. Refusals are problem documents
(RFC 9457) with a ``code``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from kiosk.contract.acknowledgements import SignedAcknowledgement
from kiosk.contract.acts import PersonReference
from kiosk.contract.base import Base64, Message, SigningKey
from kiosk.contract.batches import BatchSignature, Signer, signature_of
from kiosk.contract.privacy import Personal
from kiosk.contract.signed import Signed

MatterState = Literal["kept", "sent", "decided", "declined", "papers wanted", "unsure"]
"""What became of the matter, in the ledger's words. On the kiosk a matter starts as ``kept``."""

Sort = Literal["filing", "handed over", "appointment", "cancelled", "at once"]
"""Who has a matter: an authority, the workers of the centre, a diary (or it was given back), or an authority that does
it at once or not at all: each has words of its own for a state."""

DeclineCode = Literal[
    "authority", "too-late", "not-checked", "not-confirmed", "no-matter", "papers-lost", "no-appointment", "full"
]
"""Why a matter was declined: by its authority, or by central before anything went out."""

Outcome = Literal["stored", "duplicate", "conflict", "unreadable"]
"""Central's answer to one record of a batch."""


class SealingKey(Message):
    """A public key to which payloads are sealed."""

    id: str = Field(min_length=1, max_length=64)
    suite: int
    public: Base64
    not_after: AwareDatetime


class Keys(Message):
    """``GET /v1/keys``: what a kiosk pins at its first contact. ``version`` only grows; the newest key comes first.

    ``settings`` sign what steers a kiosk (``signed``), ``acknowledgement`` what central says of itself: what it has
    (``acknowledgements``), what it refuses. Both are pinned when they are seen first, and exchanged by what the root
    signed alone. Of ``authorities`` and ``minimum`` nobody is believed but the root.
    """

    version: int
    sealing: tuple[SealingKey, ...] = Field(min_length=1)
    settings: tuple[SigningKey, ...] = ()
    acknowledgement: tuple[SigningKey, ...] = ()
    authorities: tuple[Base64, ...] = ()
    """Certificates (DER, X.509) of which one has to stand above central's in TLS; none: as the machine was told."""
    minimum: tuple[int, int, int] = (0, 0, 0)
    """The oldest version of the kiosk's program that may serve people."""
    rooted: Signed | None = None
    """The same under the root key's signature (``rooted``), where there is one."""


class Health(Message):
    """``GET /v1/health``."""

    service: Literal["kiosk-central"]
    time: AwareDatetime
    opener: Literal["awake", "silent"]


class Heartbeat(Message):
    """``POST /v1/heartbeat``: a kiosk that has nothing to send asks what central has of a ledger."""

    kiosk: str
    ledger: str | None = Field(pattern=r"^[0-9a-f]{32}$")


class HeartbeatAnswer(Health):
    """As ``GET /v1/health`` says it, and what central has of the ledger; None: it was asked about none."""

    acknowledgement: SignedAcknowledgement | None


class WireRecord(Message):
    """One record as committed: canonical header bytes and the sealed payload."""

    header: Base64
    sealed: Base64


class Batch(Message):
    """``POST /v1/records``: a run of one ledger's records, in order, signed by the machine that wrote them.

    ``device`` is the machine's key, for a central that does not know it yet; elsewhere it changes nothing.
    """

    kiosk: str
    ledger: str = Field(pattern=r"^[0-9a-f]{32}$")
    records: tuple[WireRecord, ...] = Field(min_length=1, max_length=500)
    signature: BatchSignature | None = None
    device: SigningKey | None = None

    def signed_by(self, signer: Signer) -> Batch:
        """The same batch with what ``signer`` says of it."""
        octets = [(wire.header, wire.sealed) for wire in self.records]
        signature = signature_of(signer, kiosk=self.kiosk, ledger=bytes.fromhex(self.ledger), records=octets)
        device = SigningKey(id=signer.id, suite=signer.suite, public=signer.public)
        return self.model_copy(update={"signature": signature, "device": device})


class Matter(Message):
    """What became of a matter at the authority. ``number`` is theirs (受理号), ``text`` is theirs too.

    ``code`` is why it was declined, for programs; ``text`` says it to people.
    """

    state: MatterState
    code: DeclineCode | None = None
    number: str | None = None
    text: str | None = None
    at: AwareDatetime
    until: date | None = None
    """The last day of what ends by itself (社保卡临时挂失)."""


class ItemAnswer(Message):
    """Central's answer to one record. ``id`` is None where the header could not be read."""

    id: UUID | None
    outcome: Outcome
    matter: Matter | None = None


class BatchAnswer(Message):
    """One answer per record of the batch, in its order; ``contiguous`` is the last seq without a gap below it, and the
    acknowledgement says so in a form that can be kept."""

    answers: tuple[ItemAnswer, ...]
    contiguous: int
    acknowledgement: SignedAcknowledgement | None = None


class LiveRequest(Message):
    """``POST /v1/live``: one record whose act is carried out at once or not at all; sent once, under its own nonce.

    Central waits at most ``within`` seconds for what becomes of it: 200 with an ``ItemAnswer`` that says so, or 202
    with one that does not yet; from then on ``GET /v1/records/{id}``. A nonce that came before is refused (replayed).
    """

    nonce: str = Field(pattern=r"^[0-9a-f]{32}$")
    kiosk: str
    ledger: str = Field(pattern=r"^[0-9a-f]{32}$")
    record: WireRecord
    signature: BatchSignature | None = None
    """Of the record, as a batch of one."""
    within: float = Field(ge=0, le=10)

    def as_batch(self) -> Batch:
        """The record as a batch of one."""
        return Batch(kiosk=self.kiosk, ledger=self.ledger, records=(self.record,), signature=self.signature)

    def signed_by(self, signer: Signer) -> LiveRequest:
        """The same request with what ``signer`` says of its record."""
        return self.model_copy(update={"signature": self.as_batch().signed_by(signer).signature})


class RecordStatus(Message):
    """``GET /v1/records/{id}?within=S``: central waits at most S seconds (≤ 10) for the matter to leave ``kept``."""

    id: UUID
    matter: Matter | None


class CodeRequest(Message):
    """``POST /v1/codes``: send a code to the telephone on record of this person."""

    visit: UUID
    kiosk: str
    person: PersonReference
    by_another: bool = False
    """Whether somebody else stands at the kiosk for them, which the message says."""


class CodeSent(Message):
    """Where the code went (masked, 138＊＊＊＊0000) and how long it holds."""

    telephone: Annotated[str, Personal.BASIC]
    seconds: int
    digits: int = 6


class CodeCheck(Message):
    """``POST /v1/codes/check``."""

    visit: UUID
    kiosk: str
    code: str = Field(pattern=r"^\d{4,8}$")


class CodeChecked(Message):
    """Whether the code was right, and how many tries are left."""

    right: bool
    tries_left: int


class ProblemSignature(Message):
    """Central's signature of a refusal (``refusals``), and the key that it is by."""

    key: str = Field(min_length=1, max_length=64)
    signature: Base64


class Problem(Message):
    """A refusal (RFC 9457). ``code`` is what programs go by: ``no-telephone``, ``suspended``, ``unknown-kiosk``, …

    ``signature`` is an extension member (RFC 9457 §3.2): refusals of the kiosk itself are worth nothing without it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    type: str = "about:blank"
    title: str
    status: int
    code: str
    signature: ProblemSignature | None = None
