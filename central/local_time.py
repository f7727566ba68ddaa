"""The centre's time: what its wall clock shows, and whose days and months are counted. Moments are kept in UTC."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
