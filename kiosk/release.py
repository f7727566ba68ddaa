"""Which program this is. Each release moves both on; a test holds the version to ``pyproject.toml``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

VERSION: Final = (0, 1, 0)
"""Major, minor, patch. Central's root key may say that it is too old to serve people (``pinning``)."""

BUILT: Final = datetime(2026, 11, 26, tzinfo=UTC)
"""This program is not older: what the clock never falls below (``timekeeper``)."""
