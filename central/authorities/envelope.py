"""The envelope of the national medical insurance platform (医保信息平台, 接口规范 V1.0): a request, its answer.

JSON both. A request says which transaction it is (infno) and under which number it was sent (msgid, ``numbers``). A
response says whether it was done (infcode 0, or -1 with err_msg, which may name the person and goes into no log).
Lengths and names as in the specification; ``mdtrtarea_admvs`` is spelt so there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from central.authorities.breaker import Breaker
from central.authorities.exchange import post
from central.authorities.numbers import Serials, message_number
from central.authorities.signing import Signer, signed_content
from central.authorities.wire import Wire, Words
from central.local_time import SHANGHAI
from central.upstream import NotGranted, NumberTaken, Unanswered

SELF_SERVICE: Final = "2"
"""opter_type of a self-service terminal (自助终端)."""

Input = Mapping[str, object]
Output = Mapping[str, object]


W = TypeVar("W", bound=Wire)


class Response(Wire):
    """The envelope of an answer."""

    infcode: str = Field(pattern=r"^-?\d{1,9}$")
    inf_refmsgid: str = ""
    err_msg: Annotated[Words, BeforeValidator(lambda value: value or "")] = ""
    output: dict[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who speaks, as the authority registered it, and how it words what is no answer."""

    url: str
    institution: str
    """fixmedins_code, 12 characters."""
    institution_name: str
    area: str
    """mdtrtarea_admvs: where the institution is, six digits."""
    receiver: str = ""
    """recer_sys_code, where several systems stand behind one address."""
    version: str = "V1.0"
    within: float = 3.0
    """Seconds for one exchange: a question takes up to three, and a kiosk waits ten for its answer."""
    taken: tuple[str, ...] = ("报文ID重复", "报文已存在", "重复的报文")
    """What err_msg says when something came under a msgid before."""
    later: tuple[str, ...] = ("系统异常", "系统繁忙", "超时", "稍后", "维护")
    """What err_msg says when nothing was decided and asking again is right."""
    unknown: tuple[str, ...] = ("没有查到", "未查询到", "不存在参保", "查无此人")
    """What err_msg says when a person is not known."""
    closed: tuple[str, ...] = ("未开通",)
    """What err_msg says when a city does not do this by interface."""


@dataclass(frozen=True, kw_only=True)
class Envelopes:
    """Sends envelopes to one authority. Any thread."""

    sender: Sender
    signer: Signer
    breaker: Breaker
    now: Callable[[], datetime]
    _serials: Serials = field(default_factory=Serials)

    def ask(self, infno: str, terminal: str, content: Input, *, place: str = "", part: str = "data") -> Output:
        """The output of a transaction that changes nothing. Raises Unanswered, NotGranted.

        A number that somebody else's process took in the same second is no reason to give up: another is tried once.
        """
        try:
            return self.send(infno, self._number(), terminal, content, place=place, part=part)
        except NumberTaken:
            pass
        try:
            return self.send(infno, self._number(), terminal, content, place=place, part=part)
        except NumberTaken:
            raise Unanswered("it takes no number of ours") from None

    def send(
        self, infno: str, msgid: str, terminal: str, content: Input, *, place: str = "", part: str = "data"
    ) -> Output:
        """The output of a transaction under a number of ours. Raises Unanswered, NotGranted, NumberTaken."""
        envelope = self._envelope(infno, msgid, terminal, {part: dict(content)}, place)
        body = json.dumps(envelope, ensure_ascii=False).encode()
        with self.breaker.call():
            return self._read(infno, post(self.sender.url, body, within=self.sender.within))

    def _number(self) -> str:
        return message_number(self.sender.institution, self.now(), self._serials.next())

    def _envelope(self, infno: str, msgid: str, terminal: str, content: Input, place: str) -> dict[str, object]:
        sender = self.sender
        envelope: dict[str, object] = {
            "infno": infno,
            "msgid": msgid,
            "mdtrtarea_admvs": sender.area,
            "insuplc_admdvs": place,
            "recer_sys_code": sender.receiver,
            "dev_no": "",
            "dev_safe_info": "",
            "infver": sender.version,
            "opter_type": SELF_SERVICE,
            "opter": terminal[:30],
            "opter_name": terminal[:50],
            "inf_time": f"{self.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "fixmedins_code": sender.institution,
            "fixmedins_name": sender.institution_name,
            "sign_no": "",
            "input": content,
        }
        envelope["signtype"] = self.signer.signtype
        envelope["cainfo"] = self.signer.sign(signed_content(envelope))
        return envelope

    def _read(self, infno: str, body: bytes) -> Output:
        try:
            response = Response.model_validate_json(body)
        except ValidationError:
            raise Unanswered(f"{infno}: not an envelope") from None
        if response.infcode == "0":
            return response.output or {}
        words = response.err_msg[:200]
        if says(words, self.sender.taken):
            raise NumberTaken
        if not words or says(words, self.sender.later):
            raise Unanswered(f"{infno}: infcode {response.infcode}, not now")
        raise NotGranted(words)


def says(words: str, among: tuple[str, ...]) -> bool:
    """Whether an authority's words hold one of these."""
    return any(word in words for word in among)


def read(infno: str, output: Output, model: type[W]) -> W:
    """What an output says. Raises Unanswered where it does not say it: half an answer is none."""
    try:
        return model.model_validate(output)
    except ValidationError:
        raise Unanswered(f"{infno}: not what the transaction gives") from None
