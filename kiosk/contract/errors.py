"""What can be wrong with what travels: one class per decision that a reader takes. None of them repeats content."""

from __future__ import annotations


class ContractError(ValueError):
    """Something that travelled is not what the contract says."""


class BadHeader(ContractError):
    """Header bytes that are not one canonical header of a known format."""


class BadPayload(ContractError):
    """A payload that cannot be opened, or is not the canonical form of the act that its header names."""


class ChainBroken(ContractError):
    """A record does not follow the one before it."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"seq {seq}: {why}")
        self.seq = seq


class UnknownSuite(ContractError):
    """A suite number that this program does not speak."""


class BadNumber(ContractError):
    """Not a registration number (登记号), or one with a slip in it."""


class BadSignature(ContractError):
    """Not signed by a key that is trusted for it, or altered since."""


class NotForHere(ContractError):
    """Signed and whole, but of another kind or for another kiosk."""


class OutOfDate(ContractError):
    """Signed and whole, but no newer than what is here already: versions only grow."""
