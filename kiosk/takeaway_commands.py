"""``python main.py outbox export | acknowledge | salvage``: records carried to central by hand, and its answer.

What does the work is loaded by the command that needs it: the kiosk itself starts without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.alone import InUse, alone_in
from kiosk.audit import leave
from kiosk.command_line import Where, fail
from kiosk.contract.audit import AuditEvent, CarriedByHand, PublishedRefused, PublishedTaken
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Keys
from kiosk.errors import Declined, NotKept, Unavailable
from kiosk.keystore import DeviceKey, FileKeyStore, KeyUnusable
from kiosk.ledger import Ledger
from kiosk.pinning import read_pinned
from kiosk.release import VERSION

if TYPE_CHECKING:
    from kiosk.takeaway import Run


def add_to(app: typer.Typer) -> None:
    """Adds the commands to ``app``, beside ``outbox status``.

    Each notes in the ledger what it is about to do, and does nothing where that cannot be kept.
    """

    @app.command()
    def export(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help="The file to write, on a stick for instance.")],
        everything: Annotated[bool, typer.Option("--all", help="Also what central has already.")] = False,
        kiosk: Annotated[str | None, typer.Option(help="Records under an earlier name of this kiosk.")] = None,
    ) -> None:
        """Write what central does not have into a file that somebody carries there: python -m central import FILE.

        It is signed, read back and compared; the records stay here until central's answer is acknowledged. Works beside
        a running kiosk. Exit code 4: the stick is full, write-protected or was pulled out.
        """
        from kiosk import takeaway

        where: Where = context.obj
        path = where.outbox
        if file.exists():
            fail(2, f"{file}: is there already; give another name, or delete it")
        with _told():
            present = takeaway.kiosks_in(path) if path.exists() else {}
            name = kiosk or next(reversed(present), None)
            if name is None or name not in present:
                fail(1, f"there is nothing of kiosk {name} here" if name else "nothing was recorded here yet")
            runs = takeaway.runs_in(path, name, everything=everything)
            device = FileKeyStore(where.data).device_key()
            _note(where.notes, CarriedByHand(what="export"))
            written = takeaway.write(file, runs, name, device, datetime.now(UTC))
        if written.records:
            typer.echo(f"{file}: {written.records} records of kiosk {name}, in {len(written.ledgers)} ledgers")
            typer.echo(f"carry it to central: python -m central import {file.name}")
        else:
            typer.echo("nothing to carry: central has all of it")
        for other, pending in present.items():
            if other != name and pending:
                typer.echo(f"not in it: {pending} records of kiosk {other}; --kiosk {other}")

    @app.command()
    def acknowledge(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help="What `python -m central import` wrote: FILE.ack.")],
    ) -> None:
        """Note what central answered to an export, as if the line had brought it. Again does no harm.

        Newer keys that the root key signed, and that come with it, are pinned. Exit code 1: it is not for this kiosk,
        not central's, or not whole, or the kiosk has to be ended first because another ledger begins by it or newer
        keys come with it; nothing of it was noted then.
        """
        from kiosk import takeaway

        where: Where = context.obj
        path = where.outbox
        with _told():
            newest = takeaway.newest_in(path) if path.exists() else None
            if newest is None:
                fail(1, "nothing was recorded here yet")
            root = _told_root(where)
            ledger = Ledger(path, kiosk=newest.kiosk, mode=newest.mode, now=lambda: datetime.now(UTC))
            with _alone(where.data) as alone, closing(ledger):
                pinned = takeaway.Pinned(file=where.keys, keys=_pinned_or_lost(where, root), told_root=root)
                _note(where.notes, CarriedByHand(what="acknowledge"))
                try:
                    noted = takeaway.acknowledge(file, ledger, pinned, alone=alone)
                except takeaway.KeysRefused:
                    _note(where.notes, PublishedRefused(what="keys", why="signature"))
                    raise
        typer.echo(f"stored {noted.stored}, quarantined {noted.quarantined}, not waiting here {noted.elsewhere}")
        if noted.left:
            typer.echo(f"sent again: {noted.left} that central took then; it has not said since that it has them")
        if noted.keys is not None:
            typer.echo(f"keys of version {noted.keys.version} came with it: what is recorded next is sealed to them")
            if noted.keys.minimum > VERSION:
                typer.echo("by them this program is too old to serve people: it has to be updated")
            _note(where.notes, PublishedTaken(what="keys", number=noted.keys.version), done=True)

    @app.command()
    def salvage(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(help="A database that was set aside: outbox-damaged-….db.")],
        out: Annotated[Path | None, typer.Option(help="Write what is whole into this file, as export does.")] = None,
        send: Annotated[bool, typer.Option("--send", help="Send it to central; needs --settings.")] = False,
        kiosk: Annotated[str | None, typer.Option(help="Records under an earlier name of this kiosk.")] = None,
    ) -> None:
        """Say what can be read of a damaged outbox and what is missing, and bring it to central.

        The file is only read. Doing it twice does no harm. Exit code 1: nothing in it can be read, or central did not
        take all of it; 5: central cannot be reached.
        """
        from kiosk import takeaway
        from kiosk.carving import Carver
        from kiosk.salvage import Salvage

        where: Where = context.obj
        if out is not None and out.exists():
            fail(2, f"{out}: is there already; give another name, or delete it")
        if send and where.settings is None:
            fail(2, "--send needs --settings: the demonstration's central is only there while its kiosk runs")
        with _told(), Carver(file) as carver:
            found = Salvage(carver)
            present = found.kiosks()
            name = kiosk or max(present, key=lambda each: present[each], default=None)
            if name is None or name not in present:
                fail(1, f"{file}: there is nothing of kiosk {name} in it" if name else f"{file}: nothing can be read")
            for each, count in present.items():
                typer.echo(f"kiosk {each}: {count} records are whole")
            for gap in found.missing():
                places = str(gap.first) if gap.first == gap.last else f"{gap.first} to {gap.last}"
                typer.echo(f"  missing  kiosk {gap.kiosk} ledger {gap.ledger.hex()}: seq {places}")
            device = FileKeyStore(where.data).device_key()
            if out is not None or send:
                _note(where.notes, CarriedByHand(what="salvage"))
            if out is not None:
                runs = takeaway.in_batches(name, found.records(name))
                written = takeaway.write(out, runs, name, device, datetime.now(UTC))
                typer.echo(f"{out}: {written.records} records of kiosk {name}")
                typer.echo(f"carry it to central: python -m central import {out.name}")
            if send and where.settings is not None:
                runs = takeaway.in_batches(name, found.records(name))
                _send(where.settings, _pinned(where, _told_root(where)), runs, device)


def _send(settings: Path, pinned: Keys, runs: Iterable[Run], device: DeviceKey) -> None:
    from kiosk import takeaway
    from kiosk.central import CentralClient
    from kiosk.settings import SettingsError, read_settings
    from kiosk.trust import Authorities, Trust

    try:
        central, authorities = read_settings(settings).central, Authorities.of(pinned.authorities)
    except SettingsError as error:
        fail(2, str(error))
    except (ContractError, OSError) as error:
        fail(1, f"the authorities above central cannot be used: {error}")
    trust = Trust(device=device, voices=pinned.acknowledgement, ca=central.ca, authorities=authorities)
    client = CentralClient(str(central.url), trust)
    try:
        outcomes = takeaway.send(client, pinned, runs)
    except Unavailable as error:
        fail(5, f"central cannot be reached: {error.reason}; do it once more later")
    except Declined as error:
        fail(1, f"central refuses: {error.title} ({error.code})")
    finally:
        client.close()
    typer.echo(f"central: {', '.join(f'{outcome} {count}' for outcome, count in sorted(outcomes.items()))}")
    if outcomes.keys() - {"stored", "duplicate"}:
        fail(1, "not all of it was taken: see central's log")


def _told_root(where: Where) -> str | None:
    from kiosk.settings import SettingsError, read_settings

    try:
        return None if where.settings is None else read_settings(where.settings).central.root
    except SettingsError as error:
        fail(2, str(error))


def _pinned_or_lost(where: Where, root: str | None) -> Keys | None:
    """None where they were lost, and the root that the machine was told can say which take their place."""
    if root is not None:
        try:
            return read_pinned(where.keys.read_bytes(), root)
        except (FileNotFoundError, ContractError):
            return None
        except OSError:
            pass
    return _pinned(where, root)


def _pinned(where: Where, root: str | None) -> Keys:
    try:
        return read_pinned(where.keys.read_bytes(), root)
    except FileNotFoundError:
        fail(1, "this kiosk has not met central yet: it cannot tell whose answer it is")
    except (OSError, ContractError):
        fail(1, f"{where.keys}: the pinned keys cannot be read")


@contextmanager
def _alone(data: Path) -> Iterator[bool]:
    """Whether no kiosk runs here; none starts meanwhile then."""
    with ExitStack() as held:
        try:
            held.enter_context(alone_in(data))
        except (InUse, OSError):
            alone = False
        else:
            alone = True
        yield alone


def _note(folder: Path, event: AuditEvent, *, done: bool = False) -> None:
    try:
        leave(folder, event, datetime.now(UTC))
    except OSError as error:
        fail(1, f"it cannot be noted here, and is {'done' if done else 'not done'}: {error.strerror}")


@contextmanager
def _told() -> Iterator[None]:
    """What went wrong is a line and an exit code."""
    from kiosk import takeaway

    try:
        yield
    except takeaway.NotWritten as error:
        fail(4, str(error))
    except (takeaway.NotTaken, KeyUnusable) as error:
        fail(1, str(error))
    except NotKept as error:
        fail(1, f"the outbox cannot be used: {error.reason} {error.detail}".rstrip())
