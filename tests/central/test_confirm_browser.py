"""The link of a message in a real browser: from the press to the authority, through the program as it is served."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from tests.central.browser import browser
from tests.central.kiosks import LIN, FakeKiosk, service
from tests.central.programs import central, until
from tests.central.test_services import matter_of
from tests.central.test_upload_browser import TOUCH


def test_a_yes_by_telephone_submits_what_waited(tmp_path: Path) -> None:
    with (
        central("--db", f"sqlite:///{tmp_path}/central.db") as server,
        browser(tmp_path / "browser") as phone,
    ):
        kiosk = FakeKiosk(server.http)
        record = kiosk.write(service(LIN, check="owed"))
        kiosk.send()
        until(lambda: bool(kiosk.telephone()))
        phone.open(f"{server.public_url}/c/{kiosk.telephone()[-1]['token']}")
        phone.shows("是您本人要办的吗？")
        phone.shows(str(record.number))
        assert min(phone.width("form button")) >= TOUCH
        (tmp_path / "question.png").write_bytes(b64decode(phone.picture()))
        assert matter_of(kiosk, record).state == "kept"
        phone.press("form button")
        phone.shows("确认好了")
        (tmp_path / "done.png").write_bytes(b64decode(phone.picture()))
        until(lambda: matter_of(kiosk, record).state == "sent")
