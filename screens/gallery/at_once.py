"""Pages of what is carried out at once, or is not known to be, of people who do not exist."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kiosk.contract.beforehand import Family, FamilyMember, SocialCard
from kiosk.family_account import load_family_rules
from kiosk.journeys import live
from kiosk.journeys.card_lost import CardDeed
from kiosk.journeys.family_account import who_shares
from screens.gallery.people import CATALOG, COPY, PRINTED, TO_FAMILY, filed, somebody

_LOST = CardDeed(
    item=CATALOG.item("card-lost"),
    person=somebody("欧阳志远"),
    card=SocialCard(ends="0028", state="in use", bank="宁德示范银行", bank_telephone="05930000000"),
    wish="report",
    day="2026-03-05",
)
UNSURE = live.done(_LOST, filed("unsure"), PRINTED, (COPY, TO_FAMILY))

FAMILY = who_shares(
    Family(
        by="here",
        balance=Decimal("1286.40"),
        members=(
            FamilyMember(entry="1", name="林＊＊", ends="0028", relation="parent", since=date(2025, 3, 1)),
            FamilyMember(entry="2", name="欧阳＊＊", ends="0027", relation="child", since=date(2026, 2, 1)),
        ),
    ),
    load_family_rules(),
)
