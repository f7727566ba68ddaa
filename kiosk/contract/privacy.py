"""The class of each field that travels: what masking, logging, retention and the leak test go by.

A field says its class in its type: ``number: Annotated[str, Personal.SENSITIVE]``. A field without one is not about
a person.
"""

from __future__ import annotations

from enum import Enum


class Personal(Enum):
    """How close a field is to a person (个人信息保护法 art. 4 and 28)."""

    BASIC = "basic"
    """Names, telephone numbers, addresses: personal information (个人信息)."""

    SENSITIVE = "sensitive"
    """Identity numbers, health, insurance, whereabouts: sensitive personal information (敏感个人信息)."""
