"""Which view draws which kind of page."""

from __future__ import annotations

from typing import TypeVar

from kiosk import pages
from screens.attract import AttractView
from screens.choose import ChooseView
from screens.choose_day import ChooseDayView
from screens.choose_place import ChoosePlaceView
from screens.confirm import ConfirmView
from screens.digits import DigitsView
from screens.done import DoneView
from screens.home import HomeView
from screens.notice import NoticeView
from screens.number import NumberView
from screens.place_card import PlaceCardView
from screens.rating import RatingView
from screens.receipt_preview import ReceiptPreviewView
from screens.result import ResultView
from screens.search import SearchView
from screens.send_papers import SendPapersView
from screens.table import TableView
from screens.tick import TickView
from screens.view import Setting, View
from screens.wait import WaitView
from screens.words import WordsView

T = TypeVar("T")


def make_view(setting: Setting, page: pages.Page[T], draft: object) -> View:
    """The view of ``page``; ``draft`` is the answer that is marked already. TypeError for a kind without a view."""
    match page:
        case pages.Home():
            return HomeView(setting, page)
        case pages.Attract():
            return AttractView(setting, page)
        case pages.Choose():
            return ChooseView(setting, page, draft)
        case pages.PlaceCard():
            return PlaceCardView(setting, page)
        case pages.Done():
            return DoneView(setting, page)
        case pages.Notice():
            return NoticeView(setting, page)
        case pages.Table():
            return TableView(setting, page)
        case pages.Tick():
            return TickView(setting, page, draft)
        case pages.Digits():
            return DigitsView(setting, page, draft)
        case pages.Words():
            return WordsView(setting, page, draft)
        case pages.EnterNumber():
            return NumberView(setting, page, draft)
        case pages.ChoosePlace():
            return ChoosePlaceView(setting, page, draft)
        case pages.ChooseDay():
            return ChooseDayView(setting, page, draft)
        case pages.Confirm():
            return ConfirmView(setting, page)
        case pages.Result():
            return ResultView(setting, page)
        case pages.Rating():
            return RatingView(setting, page)
        case pages.ReceiptPreview():
            return ReceiptPreviewView(setting, page)
        case pages.SendPapers():
            return SendPapersView(setting, page)
        case pages.Wait():
            return WaitView(setting, page)
        case pages.Search():
            return SearchView(setting, page)
        case _:
            raise TypeError(f"no view draws {type(page).__name__}")
