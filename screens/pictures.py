"""Pictures of the window as files."""

from __future__ import annotations

from pathlib import Path

from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels


def save_picture(path: Path) -> None:
    """Saves the window as a PNG. Drawn once more first, because what a flip leaves behind is undefined.

    Kivy's own ``Window.screenshot`` numbers its files and cannot be told a name.
    """
    from PIL import Image

    Window.dispatch("on_draw")
    width, height = Window.size
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    picture = Image.frombytes("RGB", (width, height), pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if picture.getextrema() == ((0, 0), (0, 0), (0, 0)):
        raise OSError("the picture is black: nothing has been drawn")
    picture.save(path)
