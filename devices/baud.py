"""Finds the rate of a serial device that answers at one rate only, by asking at one after another.

Which rate it is set to nobody can read from outside, and a device keeps what somebody set years ago. It is only asked,
never set. A question at a wrong rate is noise to it, so the question has to be one that costs nothing. All rates take
less than two seconds, and the one that was right last is the first to be tried: a device that comes back is back within
what the supervisor promises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from devices.errors import Silent
from devices.lines import BAUDS, Line, open_line

_found: Final[dict[str, int]] = {}
"""The rate that was right last, by URL."""


def open_at_its_rate(url: str, is_there: Callable[[Line], bool]) -> Line:
    """The line of this URL, at the rate at which `is_there` says so: the last one, then from the fastest down.

    A URL that names its rate, and a line of another kind, is only opened. Silent when nobody answers at any rate;
    NotFound and ValueError as open_line.
    """
    parts = urlsplit(url)
    if parts.scheme != "serial" or parts.query:
        return open_line(url)
    for baud in sorted(BAUDS, key=lambda baud: (baud != _found.get(url), -baud)):
        line = open_line(f"{url}?baud={baud}")
        try:
            right = is_there(line)
        except BaseException:
            line.close()
            raise
        if right:
            _found[url] = baud
            return line
        line.close()
    raise Silent("nothing answers at any rate")
