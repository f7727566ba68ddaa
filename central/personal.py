"""What central's database holds of people, column by column, and in which shape.

What a person told the kiosk lies there sealed: the opener alone reads it. In the clear stand central's references
(a keyed hash: central's key, never a kiosk's), masked names, and the few words that people wrote to be read by others.
A test demands a word here for each column of text or bytes; `make leaks` looks into the rows.
"""

from __future__ import annotations

from typing import Final, Literal

Shape = Literal["sealed", "reference", "masked", "digest", "readable", "fictitious"]
"""sealed: to the opener's key, or to one that only the person has · reference: central's own keyed hash of a person ·
masked: 陈＊＊ 尾号 0011 · digest: of something secret or of a file · readable: as it was written, and why beside it ·
fictitious: the demonstration's authorities remember who does not exist."""

PERSONAL: Final[dict[str, Shape]] = {
    "records.sealed": "sealed",
    "records.header": "masked",  # no token of a person: kind, time, machine and hashes
    "quarantine.sealed": "sealed",
    "quarantine.header": "sealed",  # what came in a header's place and is none: kept as it came
    "matters.person": "reference",
    "matters.shown": "masked",
    "matters.summary": "masked",
    "matters.text": "masked",  # the authority's sentence on the matter
    "matters.intent": "reference",
    "vouchers.agent": "reference",
    "asked.person": "reference",  # for an hour
    "check_ins.person": "reference",
    "evaluations.words": "readable",  # written to be read and handed on; the page asks for no names
    "work_orders.telephone": "readable",  # given to be called; gone when the order is closed
    "work_orders.answer": "readable",  # the centre's words to the person
    "appointments.person": "reference",
    "number_tries.last": "digest",  # of a registration number that was none
    "codes.person": "reference",
    "codes.code": "digest",
    "confirmations.token": "digest",
    "uploads.token": "digest",
    "uploads.phone": "digest",  # the telephone's public key
    "uploads.wanted": "masked",  # which papers, in the catalogue's words
    "papers.file": "digest",
    "papers.sha256": "digest",
    "papers.sealed": "sealed",
    "papers.thumbnail": "sealed",
    "certificates.person": "reference",
    "certificates.digest": "digest",
    "documents.name": "digest",
    "documents.sealed": "sealed",
    "demonstration_filings.person": "fictitious",
    "demonstration_filings.text": "fictitious",
    "demonstration_services.person": "fictitious",
    "demonstration_services.text": "fictitious",
    "demonstration_deeds.person": "fictitious",
    "demonstration_deeds.text": "fictitious",
    "demonstration_deeds.about": "fictitious",
    "demonstration_deeds.shown": "fictitious",
    "demonstration_papers.person": "fictitious",
    "demonstration_messages.key": "fictitious",
    "demonstration_messages.to": "fictitious",
    "demonstration_messages.text": "fictitious",
    "demonstration_messages.token": "fictitious",
}
"""Table and column → the shape of what it holds of people. What is not named holds nothing of them."""

IMPERSONAL: Final = frozenset(
    {
        "kiosk", "mode", "key_id", "key_public", "ledger", "hash", "previous", "kind", "sealing_key", "outcome",
        "digest", "why", "state", "number", "ours", "held_by", "shown", "proof", "worker", "reason", "relation",
        "nonce", "event", "details", "method", "category", "services", "service", "reasons", "item", "centre", "begin",
        "end", "place", "paper", "authority", "id", "public", "target", "statement", "key", "signature", "name",
        "filing", "code", "insured_place", "deed", "filed", "sha256", "suspended_why",
    }
)  # fmt: skip
"""Names of columns that, where PERSONAL does not name them, are about machines, matters, staff and codes alone. A
column with another name has to be thought about."""
