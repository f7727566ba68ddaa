"""How long a key takes to search a catalogue of a thousand items: what the centre's own tables grow to in a city.

The entries are the catalogue's own, made a thousand by numbering their names; the keys are those of people who write
first letters, whole pinyin and characters with letters behind. Each key looks through everything anew.
"""

from __future__ import annotations

import time
from dataclasses import replace
from statistics import median, quantiles

from kiosk.catalog import load_catalog
from kiosk.finding import Finder
from kiosk.pages import Option
from kiosk.pinyin import dictionary
from tests.bench.result import Bench, Result

BAR = 10.0
"""Milliseconds."""
ITEMS = 1000
ROUNDS = 20
WRITTEN = (("", "kdl"), ("", "kadiule"), ("", "waidikanbing"), ("", "ydjyba"), ("卡", "diu"), ("社保卡丢了", ""))
FIGURES = "零一二三四五六七八九"


def measure() -> Result:
    """The 99th percentile over all keys of all rounds, the first of each word included."""
    finder = Finder(thousand(), dictionary())
    taken = []
    for _round in range(ROUNDS):
        for written, letters in WRITTEN:
            keys = [(written, letters[:end]) for end in range(1, len(letters) + 1)] if letters else []
            for text, typed in keys or [(written[:end], "") for end in range(1, len(written) + 1)]:
                begun = time.perf_counter()
                finder.find(text, typed)
                taken.append(1000 * (time.perf_counter() - begun))
    value = quantiles(taken, n=100)[98]
    return {"value": value, "bar": BAR, "ok": value <= BAR, "peers": {"median": median(taken), "worst": max(taken)}}


def thousand() -> list[Option[str]]:
    """The services of the search page, each with a number behind its names."""
    options = load_catalog().search_page().options
    return [
        replace(
            options[at % len(options)],
            value=f"item-{at}",
            label=f"{options[at % len(options)].label}{numbered(at // len(options))}",
            words=tuple(f"{word}{numbered(at // len(options))}" for word in options[at % len(options)].words),
        )
        for at in range(ITEMS)
    ]


def numbered(number: int) -> str:
    return "".join(FIGURES[int(figure)] for figure in str(number))


BENCHES: dict[str, Bench] = {"search_ms_p99": measure}
