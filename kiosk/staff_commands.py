"""``python main.py staff pin | card``: what lets a worker vouch for somebody at this machine. Nothing is kept here."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kiosk.command_line import fail
from kiosk.identity import NotANumber, check_number
from kiosk.staff import BadPin, sealed_card, sealed_pin
from kiosk.texts import _


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``."""
    staff = typer.Typer(add_completion=False, help="Who may vouch for somebody at this machine.")
    app.add_typer(staff, name="staff")

    @staff.command()
    def pin(
        code: Annotated[str, typer.Option(help="The worker's code, as records name them.")] = "w01",
        name: Annotated[str, typer.Option(help="The worker's name, as the screen shows it.")] = "姓名",
    ) -> None:
        """Ask a worker for a new PIN, twice and unseen, and print what to add to kiosk.toml. Keeps nothing."""
        typed = typer.prompt(
            _("新的作证密码（六位数字）"), hide_input=True, confirmation_prompt=_("再输一次"), err=True
        )
        try:
            entry = {"code": code, "name": name, "pin": sealed_pin(str(typed))}
        except BadPin as error:
            fail(2, str(error))
        typer.echo("[[staff]]")
        for key, value in entry.items():
            typer.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}")

    @staff.command()
    def card() -> None:
        """Ask for the number of a worker's own identity card, twice and unseen; print what to add to kiosk.toml."""
        asked, again = _("工作人员自己的身份证号"), _("再输一次")
        typed = str(typer.prompt(asked, hide_input=True, confirmation_prompt=again, err=True))
        try:
            doubts = check_number(typed.upper())
        except NotANumber:
            doubts = ("no number",)
        if doubts:
            fail(2, "that is no identity number")
        typer.echo(f"card = {json.dumps(sealed_card(typed))}")
