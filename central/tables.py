"""Central's tables. The schema itself is made by ``migrations``; a test holds the two together.

Each table names its distribution column, so that the schema can go onto an existing distributed PostgreSQL: records and
their matters by kiosk, what concerns a person by central's reference of the person, the rest small and replicated.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from central.database import Utc

metadata = MetaData()

kiosks = Table(
    "kiosks",  # replicated
    metadata,
    Column("kiosk", String(64), primary_key=True),
    Column("mode", String(16), nullable=False),  # live | demo | practice, as its genesis said
    Column("since", Utc, nullable=False),
    Column("key_id", String(64)),  # of the machine's key, none before it is known
    Column("key_suite", Integer),
    Column("key_public", LargeBinary),
    Column("suspended_at", Utc),  # asked about too many people, and waits for staff
    Column("suspended_why", String(32)),  # persons-a-visit | persons-an-hour
    Index("kiosks_by_key", "key_id", unique=True),
)

ledgers = Table(
    "ledgers",  # distributed by kiosk
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("ledger", String(32), nullable=False),
    Column("contiguous", BigInteger, nullable=False),  # the last seq without a gap below it
    Column("since", Utc, nullable=False),
    Column("heard_at", Utc, nullable=False),  # when its kiosk spoke of it last
    PrimaryKeyConstraint("kiosk", "ledger"),
)

records = Table(
    "records",  # distributed by kiosk
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("ledger", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("id", Uuid),  # none where the header cannot be read
    Column("hash", LargeBinary, nullable=False),  # of the header
    Column("previous", LargeBinary),
    Column("kind", String(64)),
    Column("version", Integer),
    Column("mode", String(16)),
    Column("sealing_key", String(64)),
    Column("happened_at", Utc),
    Column("header", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("outcome", String(16), nullable=False),  # stored | unreadable
    Column("stored_at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    Index("records_by_id", "id", "kiosk", unique=True),
    Index("records_by_time", "stored_at"),
    Index(
        "records_unreadable",
        "kiosk",
        "ledger",
        sqlite_where=text("outcome <> 'stored'"),
        postgresql_where=text("outcome <> 'stored'"),
    ),
)

quarantine = Table(
    "quarantine",  # distributed by kiosk
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of header and payload: what arrives twice is kept once
    Column("ledger", String(32), nullable=False),
    Column("id", Uuid),
    Column("hash", LargeBinary, nullable=False),  # of the header, readable or not
    Column("header", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("outcome", String(16), nullable=False),  # conflict | unreadable
    Column("why", String(64), nullable=False),
    Column("arrived_at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "digest"),
)

work = Table(
    "work",  # distributed by kiosk; what the opener has yet to do
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("ledger", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("confirmed", Boolean, nullable=False),  # the person answered central's question by telephone
    Column("due_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    ForeignKeyConstraint(["kiosk", "ledger", "seq"], ["records.kiosk", "records.ledger", "records.seq"]),
    Index("work_by_time", "due_at"),
)

matters = Table(
    "matters",  # distributed by kiosk
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("state", String(16), nullable=False),
    Column("number", String(64)),  # the authority's
    Column("text", Text),
    Column("code", String(32)),  # why it was declined
    Column("at", Utc, nullable=False),
    Column("until", Date),  # the last day of what ends by itself
    Column("person", String(64)),  # central's reference
    Column("shown", String(160)),  # the person, masked
    Column("summary", String(200), nullable=False),
    Column("intent", String(64)),
    Column("like", Uuid),  # an earlier record of the same person, kind and day: perhaps the same matter
    PrimaryKeyConstraint("kiosk", "id"),
    Index("matters_by_person", "person"),
)

filings = Table(
    "filings",  # distributed by kiosk; what went out to an authority, written before the first byte leaves
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("ours", String(30), nullable=False),  # the number under which it goes out, however often
    Column("state", String(16), nullable=False),  # sending | accepted | papers wanted | decided | declined | …
    Column("number", String(64)),  # the authority's
    Column("until", Date),  # the day by which the authority decides, or the person brings papers
    Column("since", Utc, nullable=False),  # in this state
    Column("held_by", String(64), nullable=False),  # the opener that has it in hand
    Column("held_at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "id"),
)

filing_numbers = Table(
    "filing_numbers",  # distributed by number; our numbers are given once
    metadata,
    Column("ours", String(30), primary_key=True),
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),
)

vouchers = Table(
    "vouchers",  # distributed by kiosk; acts that rest on a worker's word, or that somebody did for another
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("shown", String(16), nullable=False),  # how it is known who the person is: id-card | … | worker
    Column("proof", String(16), nullable=False),  # how level 2 was reached: code | witness | owed
    Column("worker", String(32)),  # the centre's code of the witness
    Column("reason", String(64)),
    Column("agent", String(64)),  # central's reference of who acted for the person
    Column("relation", String(16)),
    PrimaryKeyConstraint("kiosk", "id"),
    Index("vouchers_by_worker", "worker"),
)

live = Table(
    "live",  # distributed by kiosk; live transactions, written before the first byte leaves or as they are refused
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("ours", String(30)),  # the number under which it goes out, however often; none: nothing ever does
    Column("state", String(16), nullable=False),  # sending | done | declined
    Column("since", Utc, nullable=False),  # when it was taken up first
    Column("sent_at", Utc),  # when it may have gone out last
    Column("held_by", String(64), nullable=False),  # the opener that has it in hand
    Column("held_at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "id"),
)

asked = Table(
    "asked",  # distributed by kiosk; about whom it asked, for an hour
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("visit", Uuid, nullable=False),
    Column("person", String(64), nullable=False),  # central's reference
    Column("at", Utc, nullable=False),  # first in this visit
    PrimaryKeyConstraint("kiosk", "visit", "person"),
    Index("asked_by_time", "kiosk", "at"),
)

nonces = Table(
    "nonces",  # distributed by kiosk; requests that are taken once, for ten minutes
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("nonce", String(32), nullable=False),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "nonce"),
    Index("nonces_by_time", "at"),
)

audit_events = Table(
    "audit_events",  # distributed by kiosk; what befell a machine, and where its ledgers begin; about no person
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("ledger", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("event", String(64), nullable=False),  # the catalogue's code, or ledger-begun
    Column("details", Text, nullable=False),  # JSON: the event's fields
    Column("happened_at", Utc, nullable=False),  # by the kiosk's clock
    Column("clock_flags", Integer, nullable=False),  # records.ClockFlags
    PrimaryKeyConstraint("kiosk", "ledger", "seq"),
    Index("audit_events_by_time", "kiosk", "happened_at"),
)

check_ins = Table(
    "check_ins",  # distributed by kiosk
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("method", String(16), nullable=False),
    Column("category", String(16)),
    Column("services", Text, nullable=False),
    Column("person", String(64)),
    Column("happened_at", Utc, nullable=False),
    PrimaryKeyConstraint("kiosk", "id"),
)

ratings = Table(
    "ratings",  # distributed by kiosk; 好差评: how many gave so many stars, no record and no person beside it
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("service", String(64), nullable=False),
    Column("day", Date, nullable=False),  # Asia/Shanghai
    Column("stars", Integer, nullable=False),
    Column("given", Integer, nullable=False),
    PrimaryKeyConstraint("kiosk", "service", "day", "stars"),
)

evaluations = Table(
    "evaluations",  # distributed by kiosk; 好差评 one by one, to be handed on: the day is all that is known of when
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # drawn by lot: a time-ordered one would say whose it is
    Column("service", String(64), nullable=False),
    Column("day", Date, nullable=False),  # Asia/Shanghai
    Column("stars", Integer, nullable=False),
    Column("reasons", Text, nullable=False),  # evalDetail codes, a JSON list
    Column("words", Text, nullable=False),
    PrimaryKeyConstraint("kiosk", "id"),
    sqlite_with_rowid=False,  # rows lie by their ids, not as they came
)

work_orders = Table(
    "work_orders",  # distributed by kiosk; one or two stars, looked into
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("number", String(16), nullable=False),
    Column("evaluation", Uuid, nullable=False),
    Column("opened_on", Date, nullable=False),  # the day of the rating
    Column("due_on", Date, nullable=False),
    Column("state", String(16), nullable=False),  # open | answered | closed
    Column("wants_call", Boolean, nullable=False),
    Column("telephone", String(20)),  # until it is closed
    Column("answer", Text),
    Column("answered_at", Utc),
    Column("called_back_at", Utc),
    Column("closed_at", Utc),
    PrimaryKeyConstraint("kiosk", "number"),
    Index("work_orders_by_number", "number", unique=True),
    sqlite_with_rowid=False,
)

appointments = Table(
    "appointments",  # distributed by kiosk; what was asked for, and what became of it
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    Column("person", String(64), nullable=False),  # central's reference
    Column("item", String(64), nullable=False),
    Column("centre", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("begin", String(5), nullable=False),
    Column("end", String(5), nullable=False),
    Column("state", String(16), nullable=False),  # booked | full | wished | cancelled | moved
    PrimaryKeyConstraint("kiosk", "id"),
    Index("appointments_by_person", "person"),
)

seats = Table(
    "seats",  # distributed by centre; one row a seat that is taken: the key is what cannot be given twice
    metadata,
    Column("centre", String(40), nullable=False),
    Column("item", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("begin", String(5), nullable=False),
    Column("seat", Integer, nullable=False),
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),  # the record's
    PrimaryKeyConstraint("centre", "item", "day", "begin", "seat"),
    Index("seats_by_record", "kiosk", "id"),
)

number_tries = Table(
    "number_tries",  # distributed by place; how often a wrong registration number was asked for, within the hour
    metadata,
    Column("place", String(32), primary_key=True),  # kiosk and six digits: what can be counted
    Column("since", Utc, nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("last", LargeBinary),  # the hash of the last wrong one
    Index("number_tries_by_time", "since"),
)

codes = Table(
    "codes",  # distributed by person
    metadata,
    Column("person", String(64), nullable=False),
    Column("visit", Uuid, nullable=False),
    Column("sent", Integer, nullable=False),  # the how manieth code of this visit
    Column("kiosk", String(64), nullable=False),
    Column("code", LargeBinary, nullable=False),  # keyed hash
    Column("sent_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("right_at", Utc),
    PrimaryKeyConstraint("person", "visit", "sent"),
    Index("codes_by_visit", "visit"),
)

confirmations = Table(
    "confirmations",  # distributed by kiosk; questions sent to telephones on record
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("token", LargeBinary, nullable=False),  # hash of what was sent
    Column("ledger", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("confirmed_at", Utc),
    PrimaryKeyConstraint("kiosk", "token"),
    Index("confirmations_by_token", "token"),
)

uploads = Table(
    "uploads",  # distributed by kiosk; what a telephone may send for a visit
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),
    Column("visit", Uuid, nullable=False),
    Column("token", LargeBinary, nullable=False),  # hash of what stands in the address
    Column("phone", LargeBinary),  # public key of the telephone that opened it first
    Column("wanted", Text, nullable=False),  # JSON: the papers in words
    Column("opened_at", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    Column("finished", Boolean, nullable=False),  # the telephone says that this is all
    Column("closed", Boolean, nullable=False),  # the kiosk goes on
    Column("news", Integer, nullable=False),  # grows with each sign of life of the telephone
    PrimaryKeyConstraint("kiosk", "id"),
    Index("uploads_by_id", "id"),
    Index("uploads_by_token", "token"),
)

papers = Table(
    "papers",  # distributed by kiosk; pictures, made anew and sealed to the opener
    metadata,
    Column("kiosk", String(64), nullable=False),
    Column("id", Uuid, nullable=False),
    Column("upload", Uuid, nullable=False),  # or the record, where a desk's scanner sent it
    Column("paper", String(64), nullable=False),  # the catalogue's code
    Column("at", Utc, nullable=False),
    Column("file", LargeBinary, nullable=False),  # hash of the file as it came: the same one twice is one picture
    Column("sha256", String(64), nullable=False),  # of the picture made here
    Column("sealing_key", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("thumbnail", LargeBinary),  # sealed to the telephone
    Column("record", Uuid),  # whose matter it belongs to
    Column("claimed_by", Uuid),  # the record that named it, perhaps a later one
    Column("ours", String(30)),  # the number under which it goes out, written before the first byte leaves
    Column("handed_at", Utc),  # the authority has it, or will not have it
    PrimaryKeyConstraint("kiosk", "id"),
    UniqueConstraint("kiosk", "upload", "paper", "file", name="papers_once"),
    Index("papers_by_upload", "upload"),
    Index("papers_by_record", "record"),
)

certificates = Table(
    "certificates",  # distributed by person; who was given what, and the hash of the file
    metadata,
    Column("person", String(64), nullable=False),
    Column("request", Uuid, nullable=False),
    Column("kiosk", String(64), nullable=False),
    Column("authority", String(16), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("place", String(6), nullable=False),
    Column("worker", String(32)),  # whose word stood for the second factor, and why
    Column("reason", String(64)),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the authority's file
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("person", "request"),
)

documents = Table(
    "documents",  # distributed by name; files on their way, for minutes
    metadata,
    Column("name", LargeBinary, nullable=False),  # hash of the secret in the address, which alone makes the key
    Column("request", Uuid, nullable=False),
    Column("kiosk", String(64), nullable=False),
    Column("suite", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("downloads", Integer, nullable=False),  # what is left
    PrimaryKeyConstraint("name"),
    Index("documents_by_request", "request"),
    Index("documents_by_time", "expires_at"),
)

sealing_keys = Table(
    "sealing_keys",  # replicated; public keys only
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("id", String(64), nullable=False, unique=True),
    Column("suite", Integer, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("not_after", Utc, nullable=False),
)

settings_keys = Table(
    "settings_keys",  # replicated; public keys by which what steers kiosks is signed
    metadata,
    Column("id", String(64), primary_key=True),
    Column("suite", Integer, nullable=False),
    Column("public", LargeBinary, nullable=False),
    Column("since", Utc, nullable=False),
)

publications = Table(
    "publications",  # replicated; what was published to kiosks, signed, every version
    metadata,
    Column("kind", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),  # grows within its kind, whomever it is for
    Column("target", String(64), nullable=False),  # a kiosk, or * for all
    Column("issued", Utc, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("kind", "version"),
)

openers = Table(
    "openers",  # replicated; who opens, and when it last said so
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", Utc, nullable=False),
)

demonstration_filings = Table(
    "demonstration_filings",  # distributed by person; the demonstration authority's own memory
    metadata,
    Column("person", String(64), nullable=False),
    Column("ours", String(40), nullable=False),  # the number under which it came
    Column("number", String(64), nullable=False),
    Column("filing", String(16), nullable=False),
    Column("place", String(6), nullable=False),
    Column("begin", Date, nullable=False),
    Column("end", Date),
    Column("at", Utc, nullable=False),
    Column("insured_place", String(6), nullable=False),
    Column("state", String(16), nullable=False),  # accepted | papers wanted | decided | declined | withdrawn | changed
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("person", "ours"),
)

demonstration_services = Table(
    "demonstration_services",  # distributed by person; the demonstration authorities' memory of the catalogue's items
    metadata,
    Column("person", String(64), nullable=False),
    Column("ours", String(40), nullable=False),  # the number under which it came
    Column("number", String(64), nullable=False),
    Column("authority", String(16), nullable=False),  # medical | social
    Column("item", String(64), nullable=False),
    Column("insured_place", String(6), nullable=False),
    Column("at", Utc, nullable=False),
    Column("state", String(16), nullable=False),  # accepted | papers wanted | decided | declined | withdrawn | changed
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("person", "ours"),
)

demonstration_deeds = Table(
    "demonstration_deeds",  # distributed by person; what the demonstration's authorities carried out at once
    metadata,
    Column("person", String(64), nullable=False),
    Column("ours", String(40), nullable=False),  # the number under which it came
    Column("deed", String(16), nullable=False),  # report | lift | add | remove | withdraw | again
    Column("number", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("until", Date),
    Column("about", String(64)),  # of add: the member's reference; of remove and withdraw: what it ends
    Column("shown", String(160)),  # of add: the member, masked
    Column("relation", String(32)),
    PrimaryKeyConstraint("person", "ours"),
)

demonstration_papers = Table(
    "demonstration_papers",  # distributed by person; which papers came to the demonstration's authorities
    metadata,
    Column("person", String(64), nullable=False),
    Column("ours", String(40), nullable=False),  # the number under which it came
    Column("filed", String(40), nullable=False),  # the number of the filing that it belongs to
    Column("paper", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Utc, nullable=False),
    PrimaryKeyConstraint("person", "ours"),
)

demonstration_messages = Table(
    "demonstration_messages",  # replicated; what the fictitious telephones received
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),  # the same message is sent once
    Column("to", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("token", String(64)),
    Column("at", Utc, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice, whatever was deleted
)
