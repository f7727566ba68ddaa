"""Settings as central publishes them: the text of a TOML file, of the same tables as a machine's own.

Kind ``settings`` of ``signed``. What of it a machine lets itself be told, the kiosk's program judges: each field names
its owner there.
"""

from __future__ import annotations

from typing import Final

from kiosk.contract.canonical import Plain
from kiosk.contract.errors import ContractError

KIND: Final = "settings"
OCTETS_AT_MOST: Final = 64 * 1024


def text_of(content: Plain) -> str:
    """The text of what was published. Raises ContractError."""
    if not isinstance(content, str):
        raise ContractError("settings are a text")
    if (size := len(content.encode())) > OCTETS_AT_MOST:
        raise ContractError(f"{size} bytes, at most {OCTETS_AT_MOST}")
    return content
