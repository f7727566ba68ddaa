"""The real dock, which also tells what it shows: `python -m tests.screens.seen_dock CONTROL CENTRAL DATA`.

Its first line on stdout is {"seen": PORT}. Whoever sends a line there gets one JSON object back: what can be pressed
and where in the window, every text, the papers, how far each roll is scrolled, whether something is held down, and the
printer's paper as it is known even where it is not drawn yet. "picture PATH" saves the window first, "collect" collects
garbage.
"""

from __future__ import annotations

import gc
import json
import socketserver
import sys
import threading
from pathlib import Path

from screens.dock import run_dock


def main() -> int:
    control, central, data = sys.argv[1:4]
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Window)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"seen": server.server_address[1]}) + "\n")
    sys.stdout.flush()
    return run_dock(control, central or None, Path(data))


class _Window(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        from kivy.clock import Clock

        for line in self.rfile:
            told = threading.Event()
            seen: dict[str, object] = {}

            def look(
                _dt: float, line: bytes = line, seen: dict[str, object] = seen, told: threading.Event = told
            ) -> None:
                seen |= _seen(line.decode().split())
                told.set()

            Clock.schedule_once(look)
            told.wait(10)
            self.wfile.write(json.dumps(seen).encode() + b"\n")


def _seen(order: list[str]) -> dict[str, object]:
    from kivy.app import App
    from kivy.core.window import Window

    from screens.dock.face import DockFace
    from screens.dock.panels import Paper
    from screens.pictures import save_picture

    face = App.get_running_app().face
    assert isinstance(face, DockFace)
    if order and order[0] == "picture":
        save_picture(Path(order[1]))
    elif order:
        gc.collect()
    height = Window.height
    printer = face.board.state["printer"] if face.board.state else None
    return {
        "held": face._finger is not None,
        "known_paper": printer and printer["paper"],
        "size": list(Window.size),
        "targets": {
            str(means): [rect.x + rect.width / 2, height - rect.y - rect.height / 2]
            for means, rect in face.targets().items()
        },
        "words": face.words(),
        "papers": [
            {"text": paper.printed.text, "place": [*paper.to_window(paper.x, paper.y), *paper.size]}
            for paper in face.walk()
            if isinstance(paper, Paper)
        ],
        "rolls": {
            name: [roll.center_x, height - roll.center_y, roll.scroll_y]
            for name, roll in (("messages", face.messages), ("papers", face.papers))
        },
    }


if __name__ == "__main__":
    sys.exit(main())
