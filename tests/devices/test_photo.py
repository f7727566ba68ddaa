from __future__ import annotations

import io
import os
import time

import pytest
from PIL import Image

from devices.photo import HEIGHT, PIXELS, WIDTH, ModuleDecoder, NoDecoder, Photo, PhotoDecoder, Silhouette
from devices.simulated.people import load_people
from devices.simulated.photo import MAGIC

ODD = "tests.devices.odd_decoder"
SIMULATED = "devices.simulated.photo"


def asked(decoder: PhotoDecoder, what: str) -> Photo | Silhouette:
    return decoder.decode(what.encode().ljust(1024, b"\0"))


def picture(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    return image.convert("RGB")


@pytest.mark.parametrize("what", ["well", "chatter"])
def test_a_decoder_gives_the_picture_whatever_its_library_prints(what: str, capfd: pytest.CaptureFixture[str]) -> None:
    decoded = asked(ModuleDecoder(ODD), what)
    assert isinstance(decoded, Photo)
    assert len(decoded.bgr) == PIXELS
    assert picture(decoded.png()).getcolors() == [(WIDTH * HEIGHT, (0, 0x80, 0xFF))]
    assert ("licence ok" in capfd.readouterr().err) == (what == "chatter")


def test_a_decoder_that_hangs_is_not_waited_for_and_does_not_stay() -> None:
    before = children()
    started = time.monotonic()
    assert asked(ModuleDecoder(ODD, within=0.3), "hang") == Silhouette(why="decoder is too slow")
    assert time.monotonic() - started < 2.0
    assert children() == before


@pytest.mark.parametrize("what", ["crash", "short"])
def test_a_decoder_that_crashes_costs_the_picture_and_nothing_else(what: str) -> None:
    decoder = ModuleDecoder(ODD)
    assert asked(decoder, what) == Silhouette(why="decoder failed")
    assert isinstance(asked(decoder, "well"), Photo)


def test_a_decoder_that_is_not_there_has_failed(capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(ModuleDecoder("tests.devices.no_such_decoder"), "well") == Silhouette(why="decoder failed")
    assert "no_such_decoder" in capfd.readouterr().err


def test_a_card_without_a_photo_is_no_matter_for_a_decoder() -> None:
    assert ModuleDecoder(ODD).decode(b"") == Silhouette(why="the card holds no photo")


def test_without_a_decoder_there_is_a_silhouette_that_is_no_photo() -> None:
    """It is a value of another kind, says why, and shows head and shoulders before a plain wall."""
    decoded = NoDecoder().decode(bytes(1024))
    assert decoded == Silhouette(why="no photo decoder is installed")
    assert isinstance(decoded, Silhouette)
    drawn = picture(decoded.drawing())
    wall, head, body = (drawn.getpixel(place) for place in ((5, 5), (51, 50), (51, 120)))
    assert head == body != wall
    assert drawn.getpixel((5, 60)) == drawn.getpixel((96, 60)) == wall


def test_the_people_of_the_simulator_have_faces_that_only_its_own_decoder_knows() -> None:
    people = load_people()
    photos = {person.card().photo for person in people.values()}
    assert len(photos) == len(people)
    assert all(photo.startswith(MAGIC) and len(photo) == 1024 for photo in photos)
    chen, lin = (ModuleDecoder(SIMULATED).decode(people[name].card().photo) for name in ("chen-jianguo", "lin-xiuying"))
    assert isinstance(chen, Photo)
    assert isinstance(lin, Photo)
    assert chen.bgr != lin.bgr


def test_the_simulators_decoder_refuses_a_real_photo(capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(ModuleDecoder(SIMULATED), "WLf") == Silhouette(why="decoder failed")
    assert "not a simulated photo" in capfd.readouterr().err


def test_a_photo_does_not_show_itself_in_a_log() -> None:
    assert repr(Photo(bgr=b"face" * 9639)) == "Photo()"


def children() -> str:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return file.read()
