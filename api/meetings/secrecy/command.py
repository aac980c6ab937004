"""`khonggiay ballot …`: what trustees, registrars, voters and auditors do on their own machines.

Every command works on files alone: what the API answered goes in, what the API takes comes out.
None of them is for the machine that runs the server.
"""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from api.meetings.secrecy import archive, hands
from api.meetings.secrecy.ballots import tracker_of
from api.meetings.secrecy.hands import Remembered, Trustee
from api.meetings.secrecy.teller.port import TellerAbsent, TellerFailed, TellerRefused
from api.meetings.secrecy.tool import Tool
from core.config import Settings

_T = TypeVar("_T")
_FAILED = 1
_PRIVATE = 0o077

app = typer.Typer(
    no_args_is_help=True,
    help="Secret votes, on the machine of a trustee, registrar, voter or auditor (belenios-tool).",
)
Folder = Annotated[
    Path, typer.Argument(help="A folder of this trustee's own; it holds the key.", readable=False)
]
Ceremony = Annotated[Path, typer.Argument(help="What GET …/ceremony answered.", readable=False)]
Archive = Annotated[
    Path, typer.Argument(help="The archive: GET /ballot-boxes/{uuid}/archive.", readable=False)
]


@app.command("key")
def take_step(folder: Folder, ceremony: Ceremony) -> None:
    """Take a trustee's next step of the key ceremony.

    Prints the step and what PUT …/ceremony/{step} takes. The key never leaves the folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    step, said = _run(_trustee(folder).next(_json(ceremony)))
    print(step, file=sys.stderr)
    _print({"said": said})


@app.command("open")
def open_part(folder: Folder, ceremony: Ceremony, file: Archive) -> None:
    """Verify a closed vote and open this trustee's part of its sum.

    Prints what PUT …/decryption takes. No single ballot is opened.
    """
    seen = _json(ceremony)
    opened = _trustee(folder).factors(file.read_bytes(), int(seen["number"]), str(seen["key"]))
    _print({"factors": _run(opened)})


@app.command("credentials")
def make_credentials(
    uuid: Annotated[str, typer.Argument(help="The vote's uuid.")],
    count: Annotated[int, typer.Argument(help="How many mandates it has.", min=1)],
    slips: Annotated[Path, typer.Argument(help="Where the private parts go.", readable=False)],
) -> None:
    """Make the credentials of a vote (registrar).

    Prints what PUT …/credentials takes. The slips go to the voters, one each, drawn by lot or
    handed over closed; destroy the file afterwards.
    """
    public, private = _run(hands.credentials(_tool(), uuid, count))
    os.umask(_PRIVATE)
    slips.write_text("".join(f"{one}\n" for one in private))
    _print({"credentials": public})


@app.command("mark")
def mark_ballot(
    file: Archive,
    choice: Annotated[int, typer.Argument(help="The choice, counted from 0.", min=0)],
    credential: Annotated[Path, typer.Option(help="A file with the credential.", readable=False)],
) -> None:
    """Mark and seal a ballot (voter).

    Prints what POST /ballot-boxes/{uuid}/ballots takes; the tracker to keep goes to the other
    output.
    """
    marked = hands.ballot(_tool(), file.read_bytes(), credential.read_text().strip(), choice)
    ballot = _run(marked)
    print(tracker_of(ballot), file=sys.stderr)
    _print({"ballot": ballot})


@app.command("recount")
def recount(
    file: Archive,
    setup: Annotated[
        Path | None, typer.Option(help="The archive as it was fetched before voting.")
    ] = None,
    head: Annotated[str | None, typer.Option(help="The digest that the room was told.")] = None,
    tracker: Annotated[list[str] | None, typer.Option(help="Of a ballot; repeatable.")] = None,
) -> None:
    """Verify and count a published vote; anybody can.

    Exit status: 0 it holds, 1 it does not, with every fault.
    """
    first = None if setup is None else archive.setup_of(setup.read_bytes()).head
    known = Remembered(first, head, tracker or ())
    found = _run(hands.recount(_tool(), file.read_bytes(), known))
    _print({"counts": found.counts, "ballots": found.ballots, "faults": found.faults})
    raise typer.Exit(_FAILED if found.faults else 0)


def _tool() -> Tool:
    return Tool(Settings().voting)


def _trustee(folder: Path) -> Trustee:
    os.umask(_PRIVATE)
    return Trustee(_tool(), folder)


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    try:
        return asyncio.run(work)
    except TellerAbsent:
        why = "belenios-tool is not installed (apt-get install belenios-tool)"
    except (TellerRefused, TellerFailed, KeyError, ValueError) as refusal:
        why = f"{type(refusal).__name__}: {refusal}"
    print(why, file=sys.stderr)
    raise typer.Exit(_FAILED)


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _print(said: dict[str, Any]) -> None:
    print(json.dumps(said, ensure_ascii=False))
