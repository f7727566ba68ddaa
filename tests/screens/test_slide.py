"""Pages come in from the side they are on, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from kiosk.manner import Back, Manner
from screens.gallery.samples import SAMPLES
from screens.pictures import save_picture
from screens.slide import LASTS
from screens.tour import next_frame
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def come(glass: Glass, name: str) -> int:
    """Shows a sample page; how far aside its first frame stands, in margins."""
    page, head = SAMPLES[name]
    await glass.show(page, head, coming=True)
    return glass.stage._panes.slide.aside // glass.stage._look.size("margin")


async def press_back(glass: Glass) -> None:
    """Asks for the page before."""
    glass.clock.ahead += 1
    await glass.finger.press("foot:back")
    with pytest.raises(Back):
        await glass.answer()


async def test_a_page_comes_from_the_right_and_comes_to_rest(glass: Glass) -> None:
    """In 180 ms, in whole pixels, slower and slower; the first frame is a margin's width aside."""
    glass.clock.freeze()
    await glass.sample("home")
    assert await come(glass, "choose-list") == 1
    aside = [glass.stage._panes.slide.aside]
    for _frame in range(6):
        glass.clock.ahead += LASTS / 6
        await next_frame()
        aside.append(glass.stage._panes.slide.aside)
    assert aside == [56, 31, 18, 9, 3, 0, 0]


async def test_the_page_before_comes_from_the_left(glass: Glass) -> None:
    """返回 and 首页 lead back; the page that was left for help is come back to."""
    glass.clock.freeze()
    await glass.sample("home")
    assert await come(glass, "choose-list") == 1
    assert await come(glass, "place") == 1
    await press_back(glass)
    assert await come(glass, "choose-list") == -1
    assert await come(glass, "notice") == 1
    assert await come(glass, "choose-list") == -1
    assert await come(glass, "home") == -1
    assert await come(glass, "choose-list") == 1


async def test_back_to_a_page_that_was_never_there_comes_from_the_left(glass: Glass) -> None:
    """What a journey answered by itself the first time may be asked on the way back."""
    glass.clock.freeze()
    await glass.sample("choose-list")
    await press_back(glass)
    assert await come(glass, "place") == -1
    assert await come(glass, "notice") == 1, "the next page is the next one again"


async def test_some_pages_just_stand_there(glass: Glass) -> None:
    """In care mode all of them; the same question again, in another language or because it was refused; a page that
    only waits, so that each answer is followed by one motion; the first one of all, and of each visit."""
    glass.clock.freeze()
    assert await come(glass, "home") == 0
    assert await come(glass, "digits-code") == 1
    assert await come(glass, "wait") == 0
    assert await come(glass, "digits-code") == 0
    glass.stage.dress(Manner(language="en"))
    assert await come(glass, "digits-code") == 0
    glass.stage.dress(Manner(care=True))
    assert await come(glass, "choose-list") == 0
    glass.stage.dress(Manner())
    assert await come(glass, "place") == 1
    glass.stage.wipe()
    assert await come(glass, "home") == 0


async def test_what_comes_in_can_be_pressed_where_it_will_stand(glass: Glass) -> None:
    """A finger aims at where things go."""
    glass.clock.freeze()
    await glass.sample("home")
    assert await come(glass, "choose-list") == 1
    where = glass.finger.find("retired")
    assert where.x == glass.stage._look.size("margin")
    await glass.finger.touch(where.x + 2, where.y + 2)
    assert await glass.answer() == "retired"


async def test_question_and_answer_move_and_nothing_else(glass: Glass, tmp_path: Path) -> None:
    """Fills and what stands on them move alike; head and foot stay where they are; a picture is taken at rest."""
    glass.clock.freeze()
    await glass.sample("home")
    await come(glass, "confirm")
    glass.clock.ahead += LASTS / 3
    await next_frame()
    aside = glass.stage._panes.slide.aside
    save_picture(tmp_path / "coming.png")
    glass.stage.picture(tmp_path / "at rest.png")
    look = glass.stage._look
    width, height = map(int, glass.stage.size)
    head, foot = look.size("head"), height - look.size("foot")
    with Image.open(tmp_path / "coming.png") as coming, Image.open(tmp_path / "at rest.png") as rest:
        assert aside > 0
        moved = rest.crop((0, head, width - aside, foot))
        differ = ImageChops.difference(moved, coming.crop((aside, head, width, foot)))
        assert not any(differ.convert("L").histogram()[3:]), "smooth edges alone may be rounded otherwise"
        for still in ((0, 0, width, head), (0, foot, width, height)):
            assert rest.crop(still).tobytes() == coming.crop(still).tobytes()
