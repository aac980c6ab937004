"""`khonggiay ballot …`: what trustees, registrars, voters and auditors do on their own machines.

Every command works on files alone: what the API answered goes in, what the API takes comes out.
None of them is for the machine that runs the server.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from core.config import Settings
from core.console import warn

if TYPE_CHECKING:
    from api.meetings.secrecy.hands import Trustee
    from api.meetings.secrecy.tool import Tool

_T = TypeVar("_T")
_FAILED = 1
_PRIVATE = 0o077

app = typer.Typer(
    no_args_is_help=True,
    help="Bỏ phiếu kín, trên máy của từng người / secret votes, on the machine of a trustee,"
    " registrar, voter or auditor (belenios-tool).",
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
    """Làm bước tạo khóa tiếp theo / take a trustee's next step of the key ceremony.

    Prints the step and what PUT …/ceremony/{step} takes. The key never leaves the folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    step, said = _run(lambda: _trustee(folder).next(_json(ceremony)))
    print(step, file=sys.stderr)
    _print({"said": said})


@app.command("open")
def open_part(folder: Folder, ceremony: Ceremony, file: Archive) -> None:
    """Mở phần khóa của mình / verify a closed vote and open this trustee's part of its sum.

    Prints what PUT …/decryption takes. No single ballot is opened.
    """

    def opened() -> Coroutine[Any, Any, str]:
        seen = _json(ceremony)
        number, key = int(seen["number"]), str(seen["key"])
        return _trustee(folder).factors(file.read_bytes(), number, key)

    _print({"factors": _run(opened)})


@app.command("credentials")
def make_credentials(
    uuid: Annotated[str, typer.Argument(help="The vote's uuid.")],
    count: Annotated[int, typer.Argument(help="How many mandates it has.", min=1)],
    slips: Annotated[
        Path, typer.Argument(help="Where the private parts go: a new file.", readable=False)
    ],
) -> None:
    """Lập mã phiếu / make the credentials of a vote (registrar).

    Prints what PUT …/credentials takes. The slips go to the voters, one each, drawn by lot or
    handed over closed; destroy the file afterwards. Slips that are there are never written over.
    """
    from api.meetings.secrecy import hands  # noqa: PLC0415

    if slips.exists():
        warn("console.slips_are_there", path=str(slips))
        raise typer.Exit(_FAILED)
    public, private = _run(lambda: hands.credentials(_tool(), uuid, count))
    os.umask(_PRIVATE)
    with slips.open("x") as file:
        file.writelines(f"{one}\n" for one in private)
    _print({"credentials": public})


@app.command("mark")
def mark_ballot(
    file: Archive,
    choice: Annotated[int, typer.Argument(help="The choice, counted from 0.", min=0)],
    credential: Annotated[Path, typer.Option(help="A file with the credential.", readable=False)],
) -> None:
    """Đánh dấu và niêm phong lá phiếu / mark and seal a ballot (voter).

    Prints what POST /ballot-boxes/{uuid}/ballots takes; the tracker to keep goes to the other
    output.
    """
    from api.meetings.secrecy import ballots, hands  # noqa: PLC0415

    ballot = _run(
        lambda: hands.ballot(_tool(), file.read_bytes(), credential.read_text().strip(), choice)
    )
    print(ballots.tracker_of(ballot), file=sys.stderr)
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
    """Kiểm lại kết quả / verify and count a published vote; anybody can.

    Exit status: 0 it holds, 1 it does not, with every fault.
    """
    from api.meetings.secrecy import archive, hands  # noqa: PLC0415

    def recounted() -> Coroutine[Any, Any, hands.Recount]:
        first = None if setup is None else archive.setup_of(setup.read_bytes()).head
        known = hands.Remembered(first, head, tracker or ())
        return hands.recount(_tool(), file.read_bytes(), known)

    found = _run(recounted)
    _print({"counts": found.counts, "ballots": found.ballots, "faults": found.faults})
    raise typer.Exit(_FAILED if found.faults else 0)


def _tool() -> "Tool":
    from api.meetings.secrecy.tool import Tool  # noqa: PLC0415

    return Tool(Settings().voting)


def _trustee(folder: Path) -> "Trustee":
    from api.meetings.secrecy.hands import Trustee  # noqa: PLC0415

    os.umask(_PRIVATE)
    return Trustee(_tool(), folder)


def _run(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Do the work, the reading of its files too; what it stumbles over is said in a sentence."""
    from api.meetings.secrecy.teller import port  # noqa: PLC0415

    try:
        return asyncio.run(work())
    except port.TellerAbsent:
        warn("console.no_voting_tool")
    except (port.TellerRefused, port.TellerFailed) as refusal:
        warn("console.vote_refused", why=str(refusal))
    except (KeyError, TypeError, ValueError) as odd:
        warn("console.not_of_a_vote", why=f"{type(odd).__name__}: {odd}")
    except OSError as error:
        warn("console.file_unusable", path=str(error.filename))
    raise typer.Exit(_FAILED)


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def _print(said: dict[str, Any]) -> None:
    print(json.dumps(said, ensure_ascii=False))
