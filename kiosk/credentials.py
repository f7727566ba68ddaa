"""What somebody held before the scanner, and what a page says where it is of no use.

By its looks alone: whose a credential is, only central can say. Of 电子社保卡 nothing is published, neither a prefix
nor a length, so whatever is none of the known and might be one is taken for one; central's answer decides. A code
stands in no ``repr``, and so in no log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from kiosk.contract.credentials import MEDICAL_CODE, CredentialKind
from kiosk.contract.errors import BadNumber
from kiosk.contract.numbers import Number, read_number
from kiosk.contract.status import STATUS_PATH
from kiosk.identity import NotANumber, check_number
from kiosk.texts import _


@dataclass(frozen=True, kw_only=True)
class Credential:
    """An electronic credential, for ``CentralClient.verify_credential``. ``medical`` (医保电子凭证) is certain by its
    looks; ``social`` (电子社保卡) is a guess: central may well answer ``unknown``."""

    kind: CredentialKind
    code: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class OwnReceipt:
    """The QR of a receipt of ours: it holds the registration number (登记号), alone or at the end of the address that a
    phone opens, and nothing of the person."""

    number: Number


@dataclass(frozen=True, kw_only=True)
class StaffCode:
    """A worker's badge of ours; ``badge`` is what stands on it behind the prefix."""

    badge: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PaymentCode:
    """A code that pays. Nothing here takes money, and nobody may even look at it."""

    wallet: Literal["wechat", "alipay"]


@dataclass(frozen=True, kw_only=True)
class Rubbish:
    """Nothing that is of any use here: a web address, a bar code on goods, an identity number, a poster."""

    why: Literal["web address", "identity number", "short", "long", "not a code"]


Routed = Credential | OwnReceipt | StaffCode | PaymentCode | Rubbish


def route(text: str) -> Routed:
    """What was scanned. The same text is always the same thing."""
    if re.fullmatch(MEDICAL_CODE, text):
        return Credential(kind="medical", code=text)
    if _is_identity_number(text):
        return Rubbish(why="identity number")  # anybody can print one: it proves nothing
    if wallet := _wallet(text):
        return PaymentCode(wallet=wallet)
    if number := _receipt_number(text):
        return OwnReceipt(number=number)
    if badge := _STAFF.fullmatch(text):
        return StaffCode(badge=badge[1])
    if _ADDRESS.match(text):
        return Rubbish(why="web address")
    if not _PLAUSIBLE.fullmatch(text):
        return Rubbish(why="not a code")
    if len(text) < _SHORTEST:
        return Rubbish(why="short")
    if len(text) > _LONGEST:
        return Rubbish(why="long")
    return Credential(kind="social", code=text)


def refusal_in_words(routed: PaymentCode | StaffCode | OwnReceipt | Rubbish) -> str:
    """What the page that asks for a card or a credential says of something else: one cause, one instruction."""
    match routed:
        case PaymentCode():
            return _("这是付款码，这里不收钱，请把它收起来。请打开医保码或电子社保卡，再扫一次。")
        case OwnReceipt():
            return _("这是凭条上的码，不能当证件用。要查这件事，请到首页按“我的办件”，再扫一次。")
        case StaffCode():
            return _("这是工作人员的码。请放身份证，或者打开医保码，再扫一次。")
        case Rubbish(why="identity number"):
            return _("只有身份证号还不行。请放身份证，或者打开医保码，再扫一次。")
        case Rubbish():
            return _("这个码在这里用不上。请打开医保码或电子社保卡，再扫一次。")


def declined_in_words(code: str, kind: CredentialKind) -> str:
    """What the page says where central did not say whose it is; ``code`` is the one of its refusal."""
    match code:
        case "not-authorised" | "unknown-kiosk":
            return _("这台机器还不能扫码。请用身份证或社保卡。")
        case "expired":
            return _("这个码过时了。请在手机上刷新一下，马上再扫一次。")
        case "wrong-kind" if kind == "medical":
            return _("这不是医保码。请在手机上打开医保码，再扫一次。")
        case "unknown" if kind == "medical":
            return _("没有查到这个医保码。请在手机上刷新一下再扫，或者放身份证。")
        case _:
            return _("没有认出这个码。请打开医保码或电子社保卡再扫，或者放身份证。")


STAFF_PREFIX: Final = "KIOSK-STAFF:"
"""What a worker's badge begins with."""
_STAFF: Final = re.compile(rf"{STAFF_PREFIX}([A-Za-z0-9_-]{{8,128}})")
_WALLETS: Final = re.compile(r"(?:(?P<wechat>1[0-5])|(?P<alipay>2[5-9]|30))[0-9]{16}")
"""Payment codes (付款码): 18 digits, 10 to 15 WeChat, 25 to 30 Alipay."""
_RECEIPT: Final = re.compile(
    rf"(?:https?://[!-~]{{1,100}}{STATUS_PATH})?([A-Z0-9]{{1,16}}-[0-9]{{2}}-[0-9]{{6}}-[0-9A-Z]{{5}})"
)
_ADDRESS: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://|(?:mailto|tel|sms|smsto|geo|wifi|begin|mecard):|www\.", re.IGNORECASE
)
_PLAUSIBLE: Final = re.compile(r"[!-~]+")
"""Printable ASCII without blanks: what codes for machines are made of."""
_SHORTEST: Final = 16
"""The longest bar code on goods has 14 digits (GTIN-14); a code that cannot be guessed is longer."""
_LONGEST: Final = 512


def _is_identity_number(text: str) -> bool:
    """A number without a doubt, of somebody who may be alive: hardly a payment code in ten thousand looks like one."""
    try:
        return len(text) == 18 and text[6:8] in ("19", "20") and not check_number(text.upper())
    except NotANumber:
        return False


def _wallet(text: str) -> Literal["wechat", "alipay"] | None:
    match = _WALLETS.fullmatch(text)
    if match is None:
        return None
    return "wechat" if match["wechat"] else "alipay"


def _receipt_number(text: str) -> Number | None:
    """A number as receipts hold it. Typed ones are read more kindly, but here a code of another kind could pass."""
    match = _RECEIPT.fullmatch(text)
    if match is None:
        return None
    try:
        return read_number(match[1])
    except BadNumber:
        return None
