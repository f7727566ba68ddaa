"""The telephone's page in a real browser that runs no script, against the program as it is served."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from central.upload_page import SAID
from kiosk.contract.uploads import UploadState
from tests.central.browser import browser
from tests.central.kiosks import FakeKiosk
from tests.central.photographs import NO_PICTURES, photograph
from tests.central.programs import central, until
from tests.central.test_uploads import open_upload, say, state

TOUCH = 44
"""CSS pixels that a thumb needs."""


def test_a_person_walks_through_the_page(tmp_path: Path) -> None:
    """Begin, one picture by the camera's way, two from the album, a file that is none, one deleted, 传好了."""
    files = [tmp_path / f"IMG_{number}.jpg" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(photograph(number))
    wrong = tmp_path / "照片.jpg"
    wrong.write_bytes(NO_PICTURES["a PDF"])
    with (
        central("--db", f"sqlite:///{tmp_path}/central.db") as server,
        browser(tmp_path / "browser") as phone,
    ):
        kiosk = FakeKiosk(server.http)
        kiosk.send()
        opened = open_upload(kiosk)
        phone.open(opened.url)
        phone.shows("居住证或者房产证")
        phone.press("form button")
        phone.shows("从相册里选")
        residence, other = "form[action$='/papers/residence']", "form[action$='/papers/other']"
        assert min(phone.width(f"{residence} button")) >= TOUCH
        phone.choose(f"{residence} input[capture]", files[0])
        phone.press(f"{residence} button")
        phone.shows("已传 1 张")
        phone.choose(f"{other} input[multiple]", files[1], files[2])
        phone.press(f"{other} button")
        phone.shows("已传 2 张")
        assert phone.count("img") == 3
        phone.choose(f"{other} input[multiple]", wrong)
        phone.press(f"{other} button")
        phone.shows(SAID["pdf"])
        (tmp_path / "page.png").write_bytes(b64decode(phone.picture()))
        phone.press("form[action$='/remove'] button")
        until(lambda: phone.count("img") == 2)
        phone.press("form[action$='/done'] button")
        phone.shows("一共传了 2 张")
        heard: UploadState = state(kiosk, opened)
        assert (heard.finished, len(heard.arrived)) == (True, 2)
        assert len(say(kiosk, opened, "close").arrived) == 2
        phone.open(opened.url)
        phone.shows("自助机上已经往下办了")
