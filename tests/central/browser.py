"""A real browser, steered by the W3C's WebDriver over plain HTTP: Debian's chromium, as narrow as a telephone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.central.programs import until

DRIVER = shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PREFERENCES = {"profile.managed_default_content_settings.javascript": 2}
"""No script runs."""


@dataclass
class Browser:
    """One window. CSS selectors find what is pressed; what is missing is an error of the driver."""

    session: str

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = Request(
            f"{self.session}{path}", data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        self.call("POST", "/url", {"url": url})

    def find(self, css: str) -> str:
        found: dict[str, str] = self.call("POST", "/element", {"using": "css selector", "value": css})
        return found[ELEMENT]

    def count(self, css: str) -> int:
        return len(self.call("POST", "/elements", {"using": "css selector", "value": css}))

    def press(self, css: str) -> None:
        self.call("POST", f"/element/{self.find(css)}/click")

    def choose(self, css: str, *files: Path) -> None:
        """Chooses files as in the dialogue that the telephone would open."""
        self.call("POST", f"/element/{self.find(css)}/value", {"text": "\n".join(map(str, files))})

    def text(self, css: str = "body") -> str:
        words: str = self.call("GET", f"/element/{self.find(css)}/text")
        return words

    def shows(self, words: str) -> None:
        """Waits until the page says this; fails when it does not."""
        until(lambda: words in self._text_now())

    def _text_now(self) -> str:
        try:
            return self.text()
        except HTTPError:  # the page before has just gone
            return ""

    def width(self, css: str) -> tuple[float, float]:
        """Width and height in CSS pixels."""
        rect: dict[str, float] = self.call("GET", f"/element/{self.find(css)}/rect")
        return rect["width"], rect["height"]

    def picture(self) -> str:
        """The window as PNG in base64."""
        content: str = self.call("GET", "/screenshot")
        return content


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser that keeps nothing after the test; the test is skipped where there is none."""
    if DRIVER is None:
        pytest.skip("no chromium is installed")
    driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert driver.stdout is not None
    try:
        port = next(line.rstrip(".\n").rpartition(" ")[2] for line in driver.stdout if "successfully on port" in line)
        options = {
            "args": ["--headless=new", "--no-sandbox", "--window-size=412,900", f"--user-data-dir={folder}"],
            "prefs": PREFERENCES,
        }
        base = Browser(f"http://127.0.0.1:{port}")
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        window = Browser(f"{base.session}/session/{base.call('POST', '/session', wanted)['sessionId']}")
        try:
            yield window
        finally:
            window.call("DELETE", "")
    finally:
        driver.terminate()
        driver.wait(10)
        driver.stdout.close()
