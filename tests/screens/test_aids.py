"""看和听: large type, white on black, low position and the other language, from every page and gone with the visit."""

from __future__ import annotations

import pytest

from kiosk.desk import Left
from kiosk.manner import Anew, Manner
from kiosk.pages import Attract, Wait
from screens.aids import DONE
from screens.foot import AIDS
from screens.gallery.samples import SAMPLES
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    "name", [name for name, (page, _head) in SAMPLES.items() if not isinstance(page, Wait | Attract)]
)
async def test_every_page_has_it(glass: Glass, name: str) -> None:
    """One press away, in normal type and in the largest."""
    for manner in (Manner(), Manner(care=True, larger=True)):
        glass.stage.dress(manner)
        await glass.show(*SAMPLES[name])
        means = [means for means, _place in glass.stage.targets()]
        while AIDS not in means and "page:next" in means:
            await glass.finger.press("page:next")
            means = [means for means, _place in glass.stage.targets()]
        assert AIDS in means


async def test_the_page_below_is_kept(glass: Glass) -> None:
    """好了 brings back what stood there, with what had been typed."""
    await glass.sample("digits-phone")
    for digit in "138":
        await glass.finger.press(f"key:{digit}")
    await glass.finger.press(AIDS)
    assert DONE in _offered(glass)
    assert "key:1" not in _offered(glass)
    await glass.finger.press(DONE)
    assert "key:1" in _offered(glass)
    assert glass.stage._view is not None
    assert glass.stage._view.entered == "138"  # type: ignore[attr-defined]


async def test_they_stay_over_a_page_that_changes_by_itself(glass: Glass) -> None:
    """A picture arrives while somebody looks for larger type: 好了 brings back the page as it is by then."""
    await glass.sample("send-papers")
    await glass.finger.press(AIDS)
    await glass.sample("send-papers-came")
    assert DONE in _offered(glass)
    await glass.finger.press(DONE)
    assert "finish" in _offered(glass)
    await glass.finger.press(AIDS)
    await glass.sample("digits-phone")
    assert DONE not in _offered(glass), "another page has none"


@pytest.mark.parametrize(
    ("means", "manner"),
    [
        ("aids:large", Manner(larger=True)),
        ("aids:care", Manner(care=True)),
        ("aids:largest", Manner(care=True, larger=True)),
        ("aids:contrast", Manner(contrast=True)),
        ("aids:low", Manner(low=True)),
        ("aids:listen", Manner(listen=True)),
        ("aids:language", Manner(language="en")),
    ],
)
async def test_each_switch(glass: Glass, means: str, manner: Manner) -> None:
    """A press changes one thing; where the page comes again, the aids stand over it until 好了."""
    await glass.sample("choose-list")
    await glass.finger.press(AIDS)
    await glass.finger.press(means)
    with pytest.raises(Anew) as anew:
        await glass.answer()
    assert anew.value.manner == manner
    glass.stage.dress(manner)
    await glass.show(*SAMPLES["choose-list"])
    assert DONE in _offered(glass)
    await glass.finger.press(DONE)
    assert DONE not in _offered(glass)
    assert not glass.answered


async def test_louder_and_softer(glass: Glass) -> None:
    """Where pages are read aloud it can be made louder, which is heard at once."""
    await glass.sample("choose-list")
    await glass.finger.press(AIDS)
    assert "aids:volume-plus" not in _offered(glass)
    await glass.finger.press(DONE)
    glass.stage.dress(Manner(listen=True))
    await glass.show(*SAMPLES["choose-list"])
    await glass.finger.press(AIDS)
    before = glass.voice.volume
    await glass.finger.press("aids:volume-plus")
    assert glass.voice.volume == before + 10
    assert glass.voice.last == ["大点声"]


async def test_a_card_closes_it(glass: Glass) -> None:
    """When the page is answered meanwhile, the next page stands there and not the aids."""
    await glass.sample("card")
    await glass.finger.press(AIDS)
    await glass.leave()
    await glass.sample("tick")
    assert DONE not in _offered(glass)


async def test_the_wipe_takes_it_back(glass: Glass) -> None:
    """Nothing of how the last person saw the screens is left for the next."""
    await glass.sample("choose-list")
    await glass.finger.press(AIDS)
    await glass.finger.press("aids:contrast")
    with pytest.raises(Anew):
        await glass.answer()
    glass.stage.dress(Manner(contrast=True))
    glass.stage.wipe()
    assert glass.stage.manner == Manner()
    await glass.show(*SAMPLES["home"])
    assert DONE not in _offered(glass)


async def test_nobody_stays_at_it(glass: Glass) -> None:
    """It is left by the idle warning's end as every page is."""
    await glass.sample("choose-list")
    await glass.finger.press(AIDS)
    glass.clock.freeze()
    glass.clock.ahead += 76
    glass.stage.tick()
    with pytest.raises(Left):
        await glass.answer()


async def test_low_position(glass: Glass) -> None:
    """On every page all that can be pressed stands in the lower half."""
    for care in (False, True):
        glass.stage.dress(Manner(low=True, care=care))
        for name, (page, head) in SAMPLES.items():
            if isinstance(page, Attract):  # where to touch is everywhere
                continue
            await glass.show(page, head)
            half = glass.stage._look.panel.y + glass.stage._look.panel.height / 2 + 1
            assert [(name, means) for means, place in glass.stage.targets() if place.top > half] == []


def _offered(glass: Glass) -> list[object]:
    return [means for means, _place in glass.stage.targets()]
