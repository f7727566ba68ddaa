"""The window's loop comes round when there is a reason, and hears the finger before it draws."""

from __future__ import annotations

import asyncio

import pytest
from kivy.clock import Clock
from kivy.core.window import Window

from screens.gallery.samples import SAMPLES
from screens.touch import Target
from tests.fingertip import Fingertip
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_touch_shows_in_the_first_frame_after_it(glass: Glass) -> None:
    """Also while every frame is another one, for a page comes in: a finger that the X server tells of is heard before
    the next of them is drawn."""
    finger = Fingertip()
    for number, name in enumerate(("home", "choose-list", "home", "choose-list")):
        page, head = SAMPLES[name]
        await glass.show(page, head, coming=True)
        target = next(one for one in glass.stage.walk() if isinstance(one, Target))
        showed: list[bool] = []

        def flipped(_window: object, target: Target = target, showed: list[bool] = showed) -> None:
            showed.append(target.pressed)

        await asyncio.sleep(0.005 * number)  # at several moments of a frame
        Window.bind(on_flip=flipped)
        finger.put_down(target.x + 6, Window.height - target.center_y)
        async with asyncio.timeout(30):
            while not showed or not any(showed):
                await turn(0)
        Window.unbind(on_flip=flipped)
        finger.take_up(2, 2)
        while target.pressed:
            await turn(0)
        assert showed[0]


async def test_nobody_there_and_nothing_to_do(glass: Glass) -> None:
    """In a quarter of a second the loop comes round a few times; sixty a second would be fifteen."""
    await glass.sample("home")
    await turn(0.25)
    before = Clock.frames
    await turn(0.25)
    assert Clock.frames - before < 8


async def turn(seconds: float) -> None:
    """Until the loop comes round, so many seconds later by kivy's clock."""
    there: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    Clock.schedule_once(lambda _dt: there.set_result(None), seconds)
    await there
