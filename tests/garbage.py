"""How often a part of the tests looks for garbage: what was imported stays, and making thousands of models a second is
no reason to look through all of them. A fifth to a quarter of the time of central's and the kiosk's tests.

Not for those of devices, which leave transports to be collected in time, nor for those that draw: nobody has looked.
"""

from __future__ import annotations

import gc


def look_less() -> None:
    """Called when all tests have been collected."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
