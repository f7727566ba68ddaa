"""``python main.py doctor``: whether the machine is well (体检), and whether it keeps to itself what people tell it."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from kiosk.alone import InUse, alone_in, is_held
from kiosk.audit import leave
from kiosk.command_line import Where, fail, log_to_stderr
from kiosk.companions import CompanionFailed, Companions, demonstrate
from kiosk.contract.audit import DoctorRun
from kiosk.settings import SettingsError, read_settings
from kiosk.texts import _, spoken


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("doctor")
    def see_the_doctor(
        context: typer.Context,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object, in English.")] = False,
        privacy: Annotated[
            bool, typer.Option("--privacy", help="Whether the machine keeps to itself what people tell it.")
        ] = False,
    ) -> None:
        """Look at devices, central, clock, outbox, disk and fonts, and say what to do. Exit code 1: something must be
        done.

        Devices that a running kiosk has are left alone. With --privacy it looks at swap, temporary files, dumps, files
        that others can read, and the services that could write down what people say.
        """
        from kiosk.doctor import examine, in_words

        log_to_stderr()
        where: Where = context.obj
        file, data = where.settings, where.data
        if privacy:
            _look_at_privacy(file, data, as_json=as_json)
        runs = is_held(data)
        try:
            with ExitStack() as held, Companions() as beside:
                settings = read_settings(file) if file else None
                if file is None and not runs:
                    data.mkdir(parents=True, exist_ok=True, mode=0o700)
                    held.enter_context(alone_in(data))
                    settings = demonstrate(data, beside, dock=False)
                with spoken("en" if as_json else "zh"):
                    if file is None:
                        typer.echo(_("没有给设置文件，查的是演示：设备和中心都是模拟的。"), err=True)
                    checks = examine(settings, data, outbox=where.outbox, keys=where.keys, kiosk_runs=runs)
                    words = list(in_words(checks))
        except (SettingsError, CompanionFailed, InUse, OSError) as error:
            fail(2, str(error))
        bad = sum(check.bad for check in checks)
        if data.is_dir():
            with suppress(OSError):  # a disk that takes nothing is among what was found
                leave(where.notes, DoctorRun(bad=bad), datetime.now(UTC))
        ok = not bad
        if as_json:
            typer.echo(json.dumps({"ok": ok, "checks": [check.as_json() for check in checks]}, ensure_ascii=False))
        else:
            typer.echo("\n".join(words))
        raise typer.Exit(0 if ok else 1)


def _look_at_privacy(file: Path | None, data: Path, *, as_json: bool) -> NoReturn:
    from kiosk.doctor import in_words
    from kiosk.privacy import Ground, examine_privacy, names

    try:
        settings = read_settings(file) if file else None
    except SettingsError as error:
        fail(2, str(error))
    with spoken("en" if as_json else "zh"):
        checks = examine_privacy(settings, file, data, Ground())
        words = list(in_words(checks, names()))
    ok = not any(check.bad for check in checks)
    if as_json:
        words = [json.dumps({"ok": ok, "checks": [check.as_json() for check in checks]}, ensure_ascii=False)]
    typer.echo("\n".join(words))
    raise typer.Exit(0 if ok else 1)
