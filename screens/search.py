"""Finds a service by what people write: first letters, pinyin or characters; what is found stands above the keys."""

from __future__ import annotations

from kiosk.pages import Search
from kiosk.texts import _
from screens.findings import Findings
from screens.layout import Block
from screens.theme import Rect
from screens.view import Setting, View


class SearchView(View):
    """Before the first letter it offers what is asked for most."""

    def __init__(self, setting: Setting, page: Search) -> None:
        super().__init__(setting, page)
        self.findings = Findings(
            setting,
            page.options,
            self.press,
            nothing=page.nothing,
            example=page.example or _("例如：卡丢了，或按 K D L"),
        )

    def unfinished(self) -> object:
        return self.findings.writing.unfinished()

    def resume(self, unfinished: object) -> None:
        self.findings.writing.resume(unfinished)

    def answer(self, zone: Rect) -> Block:
        return self.findings.block(zone)
