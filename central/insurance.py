"""What central tells a kiosk of a person's insurance, put together from what both authorities say.

Nothing is picked for the person: each row is shown. When one of the two does not answer, neither does central: half of
the rows would look like all of them. Where a place knows nothing of a person, it is said which others do: not here is
not nowhere. Both are asked side by side: a kiosk does not wait long.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from central.authorities.asking import one_request
from central.people import masked_telephone
from central.upstream import Insured, Upstreams
from kiosk.contract.acts import PersonReference, PlaceCode
from kiosk.contract.queries import Filings, InsuranceStatus

BASIC: Final = frozenset({"310", "340", "350", "360", "380", "390", "391", "399"})
"""insutype: what pays for treatment by itself. 补助, 大额, 大病, 长期护理 and 生育 only come on top of one of these."""


def status_at(
    upstreams: Upstreams, terminal: str, person: PersonReference, place: PlaceCode, now: datetime
) -> InsuranceStatus:
    """What one insured place (参保地) knows of a person. Raises Unanswered, NotGranted."""
    with one_request(2) as asked:
        of_medical = asked.submit(upstreams.medical.insured, terminal, person)
        of_social = asked.submit(upstreams.social.status_of, terminal, person, place)
        medical, social = of_medical.result(), of_social.result()
    rows = tuple(held.row for held in medical if held.place == place) + social
    elsewhere: tuple[PlaceCode, ...] = ()
    if not rows:
        known = [held.place for held in medical] + list(upstreams.social.places_of(terminal, person))
        elsewhere = tuple(dict.fromkeys(code for code in known if code != place))
    return InsuranceStatus(place=place, as_of=now, rows=rows, elsewhere=elsewhere)


def filings_and_basis(upstreams: Upstreams, terminal: str, person: PersonReference) -> Filings:
    """Remote-care filings (异地就医备案) and what they rest on. Raises Unanswered, NotGranted."""
    with one_request(3) as asked:
        insured = asked.submit(upstreams.medical.insured, terminal, person)
        on_record = asked.submit(upstreams.telephones.on_record, person)
        filings = asked.submit(upstreams.medical.filings_of, terminal, person)
        held, telephone = counting(insured.result()), on_record.result()
    return Filings(
        insured_place=held.place if held is not None else None,
        status=held.row.status if held is not None else None,
        filings=filings.result(),
        telephone=masked_telephone(telephone) if telephone is not None else None,
    )


def counting(rows: tuple[Insured, ...]) -> Insured | None:
    """The row that remote care rests on: the first basic one (基本医保) in force, else the first basic one."""
    basic = tuple(held for held in rows if held.row.insutype in BASIC)
    return next((held for held in basic if held.row.status == "1"), basic[0] if basic else None)
