"""``python -m central keys``: the root key, what it signs, and keys that take the place of others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer
from pydantic import ValidationError

from central import publications, roots
from central.command_line import Keys, Url, things, told
from central.keys import BadKeys
from kiosk.contract.messages import Keys as Published
from kiosk.contract.rooted import KIND
from kiosk.contract.signed import Signed

M = TypeVar("M", Published, Signed)

Authority = Annotated[
    list[Path] | None,
    typer.Option(
        help="A file with the certificate of an authority (PEM), of which one has to stand above central's in TLS."
    ),
]
RootFile = Annotated[Path, typer.Option("--root", help="The root key's file, at a machine that is on no network.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``."""
    of_keys = typer.Typer(add_completion=False, help="The root key, the keys that it signs, and new ones.")
    app.add_typer(of_keys, name="keys")

    @of_keys.command("root")
    def make_root(file: Annotated[Path, typer.Argument(help="Where it is written; never at central.")]) -> None:
        """Make the root key, once, at a machine that is on no network. Prints its hash, which the kiosks are told."""
        with told(BadKeys):
            typer.echo(f'root = "{roots.make_root(file, datetime.now(UTC))}"')

    @of_keys.command("make")
    def make_key(
        use: Annotated[Literal["sealing", "settings", "acknowledgements"], typer.Argument(help="What it is for.")],
        db: Url = None,
        keys: Keys = None,
    ) -> None:
        """Make one more key. Kiosks with a root believe it once the root has signed it; others never exchange theirs.

        The keys before stay where they are: what was sealed to them is still opened.
        """
        with things(db, keys) as (_database, key_folder):
            now = datetime.now(UTC)
            made = key_folder.make_sealing(now) if use == "sealing" else key_folder.make_signing(use, now)
        typer.echo(f"made: {made.id}")

    @of_keys.command("show")
    def show(
        file: Annotated[Path, typer.Argument(help="What is written, to be carried to the root key.")],
        without: Annotated[
            list[str] | None, typer.Option("--without", help="The name of a key that goes; its file stays till then.")
        ] = None,
        authority: Authority = None,
        any_authority: Annotated[
            bool, typer.Option("--any-authority", help="Kiosks judge central's certificate as they were told, again.")
        ] = False,
        minimum: Annotated[
            str | None, typer.Option(help="The oldest version of the program that may serve people, as 1.2.0.")
        ] = None,
        db: Url = None,
        keys: Keys = None,
    ) -> None:
        """Write the public halves of what central holds, as the next version for the root to sign.

        Authorities and minimum are those of the version before where nothing is said.
        """
        with things(db, keys) as (database, key_folder):
            unsigned = roots.to_sign(
                database,
                key_folder,
                datetime.now(UTC),
                without=without or (),
                authorities=[] if any_authority else authority or None,
                minimum=None if minimum is None else _version(minimum),
            )
            _write(file, unsigned.model_dump_json(indent=1, exclude={"rooted"}))
        typer.echo("\n".join(roots.in_words(unsigned)))

    @of_keys.command("sign")
    def sign(
        file: Annotated[Path, typer.Argument(help="What `keys show` wrote.")],
        root: RootFile,
        out: Annotated[Path, typer.Option(help="What is written, to be carried back to central.")],
    ) -> None:
        """Sign them by the root, at a machine that is on no network. Needs neither central nor its database."""
        with told(BadKeys):
            keys = _read(file, Published)
            typer.echo("\n".join(roots.in_words(keys)))
            _write(out, roots.sign(keys, root, datetime.now(UTC)).model_dump_json())
        typer.echo(f"signed: {out}")

    @of_keys.command("publish")
    def publish(
        file: Annotated[Path, typer.Argument(help="What `keys sign` wrote.")], db: Url = None, keys: Keys = None
    ) -> None:
        """Serve what the root signed. A central that runs speaks by new acknowledgement keys after its next start."""
        with things(db, keys) as (database, key_folder):
            before = roots.newest(database)
            version, root = roots.take(database, key_folder, _read(file, Signed), datetime.now(UTC))
            after = roots.newest(database)
        typer.echo(f"published: version {version}, root {root}")
        if before is not None and after is not None and {*before.acknowledgement} - {*after.acknowledgement}:
            typer.echo("start central anew now, so that it speaks by a key that kiosks know")

    @of_keys.command("list")
    def list_published(db: Url = None, keys: Keys = None) -> None:
        """List what the root signed, the newest last."""
        with things(db, keys) as (database, _folder):
            typer.echo("\n".join(publications.published(database, KIND)))


def _version(words: str) -> tuple[int, int, int]:
    match words.split("."):
        case [major, minor, patch] if all(part.isascii() and part.isdigit() for part in (major, minor, patch)):
            return int(major), int(minor), int(patch)
    raise BadKeys(f"{words}: a version is three numbers, as 1.2.0")


def _read(file: Path, model: type[M]) -> M:
    try:
        return model.model_validate_json(file.read_bytes())
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
    except ValidationError:
        raise BadKeys(f"{file}: is not what it should be") from None


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
