"""The people's telephones: reads what they received, says yes to a link, and opens the codes of 医保码 and 电子社保卡.

Blocking, with deadlines; belongs to one thread. Central writes the messages (central/demonstration/telephone.py) and
makes the codes (central/demonstration/credentials.py); here they are only read, so a key that is not known is no
mistake.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import requests
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kiosk.contract.credentials import CredentialKind

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_CODE: Final = re.compile(r"验证码\D{0,4}(\d{4,8})(?!\d)")


class NoAnswer(Exception):
    """Central is away, or answers as none does. The text is for the log."""


class NoTelephones(NoAnswer):
    """Central is there and has no telephones: it is none of a demonstration."""


class Expired(Exception):
    """Nothing waits for this yes any more: the link is used up, too old or was never sent."""


class UnknownPerson(Exception):
    """The register of central's demonstration has nobody of this id, and so nobody's telephone."""


class TextMessage(BaseModel):
    """A message as it lies on the telephone. ``token`` is the secret of its link, where it has one."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: int = Field(ge=1)
    to: str
    text: str
    at: datetime
    token: str | None = None

    @property
    def code(self) -> str | None:
        """The code that the text carries, if it does."""
        found = _CODE.search(self.text)
        return found.group(1) if found else None

    @property
    def heading(self) -> str:
        """To which number, and when by the clock on the wall: 138 0000 0001 · 09:41."""
        at = self.at.astimezone(SHANGHAI)
        return f"{grouped(self.to)} · {at:%H:%M}"


class Telephone:
    """All fictitious telephones of the central at ``url`` (http://HOST:PORT) in one."""

    def __init__(self, url: str, within: float = 3.0) -> None:
        self._url = url.rstrip("/")
        self._within = within
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy for the world outside has no part in this

    def received(self, after: int) -> list[TextMessage]:
        """What came after message ``after``, oldest first. NoTelephones, NoAnswer."""
        answer = self._ask("GET", f"/v1/demonstration/messages?after={after}")
        if answer.status_code == requests.codes.not_found:
            raise NoTelephones("messages: HTTP 404")
        if answer.status_code != requests.codes.ok:
            raise NoAnswer(f"messages: HTTP {answer.status_code}")
        try:
            return _MESSAGES.validate_json(answer.content)
        except ValidationError as error:
            raise NoAnswer(f"messages: {error.error_count()} values that no telephone shows") from None

    def confirm(self, token: str) -> None:
        """Say yes to the link. Expired, NoAnswer."""
        answer = self._ask("POST", "/v1/demonstration/confirmations", {"token": token})
        if answer.status_code in (requests.codes.not_found, requests.codes.gone):
            raise Expired
        if answer.status_code != requests.codes.ok:
            raise NoAnswer(f"confirmation: HTTP {answer.status_code}")

    def open_code(self, person: str, kind: CredentialKind) -> str:
        """What the person's telephone shows where it opens this code; good for a minute. UnknownPerson, NoAnswer."""
        answer = self._ask("POST", "/v1/demonstration/credentials", {"person": person, "kind": kind})
        if answer.status_code == requests.codes.not_found:
            raise UnknownPerson
        if answer.status_code != requests.codes.ok:
            raise NoAnswer(f"code: HTTP {answer.status_code}")
        try:
            return _OpenCode.model_validate_json(answer.content).code
        except ValidationError as error:
            raise NoAnswer(f"code: {error.error_count()} values that no telephone shows") from None

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> requests.Response:
        try:
            return self._session.request(
                method, self._url + path, json=body, timeout=self._within, allow_redirects=False
            )
        except requests.RequestException as error:
            raise NoAnswer(type(error).__name__) from error


def grouped(number: str) -> str:
    """A mobile number as people read it: 138 0000 0001. Anything else stays as it is."""
    return f"{number[:3]} {number[3:7]} {number[7:]}" if re.fullmatch(r"1\d{10}", number) else number


class _OpenCode(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    code: str = Field(min_length=1, repr=False)


_MESSAGES: Final = TypeAdapter(list[TextMessage], config=ConfigDict(hide_input_in_errors=True))
