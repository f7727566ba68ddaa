"""Medical insurance without a wire: it says what a test has it say, and what it was asked is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from central.authorities.breaker import Breaker
from central.authorities.envelope import Envelopes, Input, Output, Sender
from central.authorities.signing import HmacSigner
from tests.central.kiosks import LIN, Clock

LINS: Output = {
    "baseinfo": {"psn_no": "35000000000000000001", "psn_cert_type": "01", "certno": LIN.number},
    "insuinfo": [{"insutype": "390", "psn_insu_stas": "1", "insuplc_admdvs": "350900"}],
}
"""What 1101 gives of her."""

TAKEN: Output = {"result": {"trt_dcla_detl_sn": "YD1", "rchk_flag": "0", "insu_admdvs": "350900"}}
"""What a filing gives."""


@dataclass(frozen=True, kw_only=True)
class Spoken(Envelopes):
    """Envelopes that never leave. ``says``: infno → output, or what is raised; ``asked``: infno and content of each."""

    says: Mapping[str, Output | Exception]
    asked: list[tuple[str, Input]] = field(default_factory=list)

    def send(
        self, infno: str, msgid: str, terminal: str, content: Input, *, place: str = "", part: str = "data"
    ) -> Output:
        self.asked.append((infno, content))
        said = self.says[infno]
        if isinstance(said, Exception):
            raise said
        return said

    @property
    def numbers(self) -> list[str]:
        """The infno of each, in order."""
        return sorted(infno for infno, _ in self.asked)

    def content_of(self, infno: str) -> Input:
        """What the one transaction of that number said."""
        (content,) = [content for asked, content in self.asked if asked == infno]
        return content


def spoken(says: Mapping[str, Output | Exception]) -> Spoken:
    """Envelopes of an authority that says this."""
    return Spoken(
        sender=Sender(url="http://authority", institution="P35090000001", institution_name="-", area="350900"),
        signer=HmacSigner(key=b"k" * 32),
        breaker=Breaker("medical insurance", lambda: 0.0),
        now=Clock(),
        says=says,
    )
