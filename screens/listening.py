"""听读: what the voice says of a page, and when.

A page that comes is read from the top: the service's name when it is another one, the question, what stands in the
answer zone to be read, how many choices there are. What is focused is said with its state; what changes in place is
said when it changes. Texts are handed over one by one, as they stand there, because the voice alone knows who listens:
fixed sentences may sound in the hall, a person's own words only in an earphone. So nothing is put together here from
both, and what counts (places, choices) is whole sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from kivy.uix.widget import Widget

from kiosk.pages import Head
from kiosk.texts import _, sentences
from kiosk.voice import Voice
from screens.candidates import CandidateRow
from screens.digits import Places
from screens.home import HomeView
from screens.layout import Across, Block, Column
from screens.reading import Passage, is_choice, passages, targets
from screens.slot import Slot
from screens.text import Text
from screens.theme import Theme
from screens.touch import Target
from screens.view import View
from screens.widgets import Key, ListRow, Tile
from screens.writing import CandidateKey, Field

NO_HEAD = Head(title="")
_OFFERED = (CandidateKey, ListRow, Tile)
MANY = 13
"""Choices that are not counted any more."""
HAN, LETTER, LETTERS = 0.25, 0.07, 0x2E7F
"""Seconds in which a slow voice says a character and a letter, and the last sign that counts as a letter."""


class Reader:
    """Reads the page that stands in the body of the glass. ``body`` gives its parts, ``now`` is monotonic, in seconds.

    ``until`` is when what a person asked for has been said, about.
    """

    def __init__(self, voice: Voice, body: Callable[[], Sequence[Widget]], now: Callable[[], float]) -> None:
        self.until = float("-inf")
        self._voice = voice
        self._body = body
        self._now = now
        self._head = NO_HEAD
        self._texts: list[tuple[str, ...]] = []
        self._places = 0
        self._written: Written | None = None
        self._offered: list[tuple[str, ...]] = []
        self._counted = ""
        self._caption: Caption | None = None
        self._begins = False

    def begin(self) -> None:
        """The next page is the first that is read: how to listen is said with it."""
        self._begins, self._head = True, NO_HEAD

    def forget(self) -> None:
        """Says no more, and knows nothing of what was read."""
        self.hush()
        self._head, self._texts, self._places, self._caption, self._begins = NO_HEAD, [], 0, None, False
        self._written, self._offered = None, []

    def captioned(self, view: View, question: Block) -> Block:
        """The question zone with a line for what is said besides what stands on the page: who cannot hear reads it."""
        # Elsewhere there is no room for it, and who begins to listen there by a key knows the keys.
        by_keys = self._begins and isinstance(view, HomeView)
        how = how_to_listen(by_keys=by_keys)
        self._caption = Caption(view.look, how, across="centre" if view.centred else "left")
        return Column([question, self._caption], gap=view.look.mm(1))

    def drop_caption(self) -> None:
        """Neither shows nor says anything besides the page."""
        self._caption = None

    def page(self, head: Head) -> None:
        """A page has come."""
        title = head.title if head.title != self._head.title else ""
        how = self._caption.how if self._begins and self._caption is not None else ()
        self._head, self._begins = head, False
        self._places = sum(len(places.fill) for places in self._places_there())
        self._written = self._written_there()
        self._say(title, *self._whole(), *how)

    def again(self) -> None:
        """The page once more, from its very top."""
        self._say(self._head.title, *self._whole())

    def passage(self, passage: Passage) -> None:
        """What is focused or touched."""
        if passage.widget is self._caption:
            self._say(*self._caption.sentences)
            return
        target = passage.target
        state = "" if target is None else _("选上了") if target.ticked else "" if target.enabled else _("现在不能选")
        self._say(*_told_apart(passage), state)

    def changed(self, focused: Passage | None, *, recount: bool) -> None:
        """The page was laid out again: what stands there that did not before, and what became of ``focused``."""
        before = self._texts
        found = self._look()
        new = _new(found, before)
        state: list[str] = []
        if focused is not None and focused.target is not None:
            state = [*focused.texts, _("选上了") if focused.target.ticked else _("取消了")]
        counted, self._counted = self._counted, self._count(found)
        self._written = self._written_there()
        self._say(*new, *state, self._counted if recount and self._counted != counted else "")

    def typed(self) -> bool:
        """Says what a key of a pad did; whether it filled the last place."""
        for places in self._places_there():
            before, self._places = self._places, len(places.fill)
            if self._places > before:
                # The digit is a text of its own: it may only sound in the earphone, and a secret one nowhere.
                self._say(place_in_words(self._places), "" if places.secret else places.fill[-1])
                return self._places == places.length
            if self._places < before:
                self._say(_("删掉了一位") if self._places else _("都删掉了"))
        return False

    def wrote(self, *, turned: bool) -> None:
        """Says what a key did to what is written, and what there is to choose by it. ``turned``: other answers than
        before are there."""
        written = self._written_there()
        if written is None or (written == self._written and not turned):
            return
        did = "" if self._written is None else _what_was_done(self._written, written)
        self._written = written
        texts, offered = self._texts, self._offered
        found = self._look()
        # What the field holds is said by what was done to it; how to write has been said. That nothing is found is
        # said of each letter.
        nothing = [p for p in found if p.target is None and isinstance(p.widget.parent, Slot)]
        own = (Field, Slot) if written.letters else (Field, Slot, CandidateRow)
        new = _new([p for p in found if not isinstance(p.widget.parent, own)], texts) + _new(nothing, ())
        choices = [passage for passage in found if isinstance(passage.widget, _OFFERED)]
        hits = any(not isinstance(passage.widget, CandidateKey) for passage in choices)
        counted, self._counted = self._counted, self._count(found)
        first: Passage | None = None
        if not did:  # another of the found, another page of the characters
            first = next((passage for passage in choices if passage.texts not in offered), None)
        elif not nothing and (not hits or not self._counted):
            first = next(iter(choices), None)
        told = [did, *new, *(_told_apart(first) if first is not None else ())]
        count = self._counted if first is None and (hits or self._counted != counted or not any(told)) else ""
        self._say(*told, count)

    @contextmanager
    def unasked(self) -> Iterator[None]:
        """What is said within, nobody asked for: ``until`` stays."""
        until = self.until
        yield
        self.until = until

    def warned(self) -> None:
        """The idle warning stands there."""
        self._say(_("还在看吗？"), _("再看一会儿"))

    def hush(self) -> None:
        """Says no more of what it is saying."""
        self.until = float("-inf")
        self._voice.hush()

    def _whole(self) -> list[str]:
        self._counted = self._count(self._look())
        return [*(text for texts in self._texts for text in texts), self._counted]

    def _look(self) -> list[Passage]:
        """What stands there, with the caption brought up to date; what is to be read of it is remembered."""
        found = [passage for passage in passages(self._body()) if not isinstance(passage.widget, Caption)]
        self._texts = [passage.texts for passage in found if passage.target is None]
        self._offered = [passage.texts for passage in found if isinstance(passage.widget, _OFFERED)]
        if self._caption is not None:
            self._caption.count(self._count(found))
        return found

    def _count(self, found: Sequence[Passage]) -> str:
        return "" if self._caption is None else count_in_words(targets(found))

    def _places_there(self) -> list[Places]:
        return [widget for part in self._body() for widget in part.walk() if isinstance(widget, Places)]

    def _written_there(self) -> Written | None:
        fields = (widget for part in self._body() for widget in part.walk() if isinstance(widget, Field))
        return next((Written(field.written, field.letters.replace(" ", "")) for field in fields), None)

    def _say(self, *texts: str) -> None:
        told = [text for text in texts if text]
        if told:
            self.until = self._now() + sum(HAN if ord(sign) > LETTERS else LETTER for text in told for sign in text)
            self._voice.say(told)


class Written(NamedTuple):
    """What stands in the field of a keyboard: the text, and the letters that are still to become one."""

    text: str
    letters: str


class Caption(Text):
    """How many choices there are and how to listen, as it is said. It has room for the longest from the start."""

    def __init__(self, look: Theme, how: tuple[str, ...], *, across: Across) -> None:
        self.how = self.sentences = how
        longest = max((*_counts(), _below()), key=len)
        super().__init__(look, sentences((longest, *how)), "body", "soft", across=across)

    def count(self, words: str) -> None:
        """Shows that count."""
        self.sentences = (words, *self.how) if words else self.how
        top = self.top
        self.say(sentences(self.sentences))
        self.place(self.x, top)


def _new(found: Sequence[Passage], before: Sequence[tuple[str, ...]]) -> list[str]:
    """What is there to be read that was not."""
    there = (p for p in found if p.target is None and not p.covered and p.texts not in before)
    return [text for passage in there for text in passage.texts]


def _told_apart(passage: Passage) -> tuple[str, ...]:
    """Its texts; after a character a word in which it stands, as others sound the same."""
    if not isinstance(passage.widget, CandidateKey):
        return passage.texts
    return (*passage.texts, passage.widget.in_a_word)


def _what_was_done(before: Written, now: Written) -> str:
    """What was written: one sign, mostly, which may only sound in the earphone. Or that something was taken away."""
    if now == before:
        return ""
    if now.text != before.text and now.text.startswith(before.text):
        written = now.text.removeprefix(before.text)
        return written if written.strip() else _("空格")
    if len(now.letters) > len(before.letters):
        return now.letters.removeprefix(before.letters)
    return _("删掉了一个") if now.text or now.letters else _("都删掉了")


def how_to_listen(*, by_keys: bool) -> tuple[str, ...]:
    """How to listen and choose: by touch, by the keys of a keyboard or an audio keypad."""
    touch = _("点一下听，再点一下选。")
    return (touch, _("用按键的：按“下一个”听，按“确定”选。")) if by_keys else (touch,)


def count_in_words(there: Sequence[Target]) -> str:
    """How much there is to choose from, "" where there is nothing. Where there is a pad, what it found, or the pad."""
    if any(isinstance(target, Key) for target in there):
        found = sum(isinstance(target, ListRow | Tile) for target in there)
        return _counts()[min(found, MANY)] or _below()
    return _counts()[min(sum(is_choice(target) for target in there), MANY)]


def _below() -> str:
    return _("请按下面的键。")


def _counts() -> tuple[str, ...]:
    return (
        "",
        _("有一个选择。"), _("有两个选择。"), _("有三个选择。"), _("有四个选择。"),
        _("有五个选择。"), _("有六个选择。"), _("有七个选择。"), _("有八个选择。"),
        _("有九个选择。"), _("有十个选择。"), _("有十一个选择。"), _("有十二个选择。"),
        _("有很多选择。"),
    )  # fmt: skip


def place_in_words(number: int) -> str:
    """Which place of a number was filled; "" beyond the longest number there is."""
    words = (
        _("第一位"), _("第二位"), _("第三位"), _("第四位"), _("第五位"), _("第六位"),
        _("第七位"), _("第八位"), _("第九位"), _("第十位"), _("第十一位"), _("第十二位"),
        _("第十三位"), _("第十四位"), _("第十五位"), _("第十六位"), _("第十七位"), _("第十八位"),
    )  # fmt: skip
    return words[number - 1] if number <= len(words) else ""
