"""A picture is made anew: it keeps what it shows and nothing else, and no file does harm."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageStat

from central.pictures import (
    FROM_SCANNERS,
    LONGEST_SIDE,
    OCTETS,
    PAGES,
    THUMBNAIL_SIDE,
    Picture,
    Reason,
    Refused,
    made_anew,
    pages_made_anew,
)
from tests.central.photographs import (
    NO_PICTURES,
    SAID_TO_BE,
    SECRET,
    as_format,
    bomb,
    in_frames,
    photograph,
    polyglot,
    scan,
    sheet,
)


def opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return picture


def refusal(content: bytes, made: Callable[[bytes], object] = made_anew) -> Reason:
    with pytest.raises(Refused) as refused:
        made(content)
    return refused.value.reason


def is_like(content: bytes, page: Image.Image) -> bool:
    """Whether a picture shows this, but for what a JPEG leaves out."""
    difference = ImageChops.difference(opened(content), page)
    return max(ImageStat.Stat(difference).mean) < 2


def test_it_stands_upright_without_place_make_or_comment() -> None:
    """What a telephone writes beside the picture is gone; the red edge that lay on the right stands there."""
    made = made_anew(photograph(size=(1600, 1200)))
    picture = opened(made.content)
    assert (picture.format, picture.size) == ("JPEG", (1200, 1600))
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert SECRET not in made.content
    assert SECRET not in made.thumbnail
    colour = picture.convert("RGB").getpixel((1150, 800))
    assert isinstance(colour, tuple)
    assert colour[0] > 200 > 100 > colour[1]


def test_a_large_one_is_made_smaller() -> None:
    """An A4 page can still be read and printed."""
    made = made_anew(photograph(size=(6000, 4500)))
    assert max(opened(made.content).size) == LONGEST_SIDE
    assert max(opened(made.thumbnail).size) == THUMBNAIL_SIDE
    assert len(made.thumbnail) < 20_000


@pytest.mark.parametrize("kind", FROM_SCANNERS)
def test_every_format_that_is_taken_becomes_a_jpeg(kind: str) -> None:
    """What was transparent is white, for a paper is."""
    (made,) = pages_made_anew(as_format(kind))
    picture = opened(made.content)
    assert picture.format == "JPEG"
    low = picture.convert("RGB").getpixel((400, 599))
    assert isinstance(low, tuple)
    assert min(low) > 240


@pytest.mark.parametrize("what", NO_PICTURES)
def test_what_is_no_picture_is_refused_by_what_it_is(what: str) -> None:
    assert refusal(NO_PICTURES[what]) == SAID_TO_BE.get(what, "no-picture")


def test_a_tiff_comes_from_scanners_alone() -> None:
    assert refusal(as_format("TIFF")) == "no-picture"


def test_every_page_of_a_scan_is_made_anew() -> None:
    """In their order, each upright by what it says itself."""
    made = [page.content for page in pages_made_anew(scan(3))]
    sheets = [sheet(number, (800, 600)) for number in (1, 2, 3)]
    sheets[1] = sheets[1].rotate(-90, expand=True)
    assert [is_like(content, page) for content, page in zip(made, sheets, strict=True)] == [True] * 3


def test_black_and_white_alone_is_made_smaller_with_smooth_edges() -> None:
    """What a fax machine's kind of scan writes: thin strokes are grey then, and not broken."""
    fine = Image.new("1", (6000, 300), 1)
    for column in range(0, 6000, 7):
        fine.paste(0, (column, 0, column + 2, 300))
    out = io.BytesIO()
    fine.save(out, "TIFF")
    (made,) = pages_made_anew(out.getvalue())
    levels = opened(made.content).convert("L").histogram()
    assert sum(count > 0 for count in levels[32:224]) > 4


def test_a_scan_has_so_many_pages_and_no_more() -> None:
    """Refused whole: nobody counts what came of it."""
    assert len(pages_made_anew(scan(PAGES, (80, 60)))) == PAGES
    assert refusal(scan(PAGES + 1, (80, 60)), pages_made_anew) == "too-many"


def test_of_a_scan_that_was_cut_nothing_is_left() -> None:
    """Wherever it was cut: no page is missed without a word."""
    whole = scan(3, (80, 60))
    for end in (len(whole) * part // 8 for part in range(1, 8)):
        assert refusal(whole[:end], pages_made_anew) in ("broken", "no-picture")


@pytest.mark.parametrize("kind", ["MPO", "PNG", "WEBP"])
@pytest.mark.parametrize("made", [lambda content: [made_anew(content)], pages_made_anew])
def test_of_what_is_no_scan_the_first_picture_counts(kind: str, made: Callable[[bytes], list[Picture]]) -> None:
    """Some telephones keep a second view behind a photograph; what moves shows its beginning."""
    (first,) = made(in_frames(kind))
    assert is_like(first.content, sheet(1, (800, 600)))


def test_half_a_picture_is_none() -> None:
    assert refusal(photograph(size=(1600, 1200))[:20_000]) == "broken"


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    """By the size that it says, before a pixel of it is decoded."""
    assert refusal(bomb()) == "too-large"


def test_a_bomb_that_lies_about_its_size_does_no_harm() -> None:
    """What the header does not say is never decoded: a small picture, or none."""
    assert opened(made_anew(bomb(6000, says=40)).content).size == (40, 40)


def test_too_many_bytes_are_refused_unseen() -> None:
    assert refusal(photograph() + bytes(OCTETS)) == "too-large"


def test_of_a_file_that_is_two_things_the_picture_is_left() -> None:
    made = made_anew(polyglot())
    assert b"<script>" not in made.content
    assert b"PK\x03\x04" not in made.content


def test_made_anew_twice_it_is_the_same() -> None:
    """The hash of a picture says which it is, wherever it was made."""
    assert made_anew(photograph(3)).content == made_anew(photograph(3)).content
