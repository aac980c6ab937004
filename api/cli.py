"""The `khonggiay` command: serve, work, migrate, seed, demo, verify, simulate, openapi, lookup.

Heavy parts are imported inside the command that needs them, so that the server starts fast.
"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.config import Settings

#: Exit statuses of `verify`.
NOT_A_PDF = 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Không Giấy: a ministry works, meets and signs without paper.",
    pretty_exceptions_enable=False,
)

simulations = typer.Typer(no_args_is_help=True, help="Parts that stand in for real ones.")
app.add_typer(simulations, name="simulate")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = -1,
    demo: Annotated[
        bool, typer.Option(help="Load the demo ministry when it is not there.")
    ] = False,
) -> None:
    """Serve the API and the sockets; the embedded profile also does the work behind them.

    The embedded database is migrated first. Stop with Ctrl-C: what runs is finished, at most 5 s.
    """
    from api import server  # noqa: PLC0415

    settings = Settings()
    settings.http.host = host or settings.http.host
    settings.http.port = settings.http.port if port < 0 else port
    raise typer.Exit(server.serve(settings, demo=demo))


@app.command()
def work() -> None:
    """Do the work behind the API in a process of its own: jobs, push, housekeeping."""
    from api import server  # noqa: PLC0415

    raise typer.Exit(server.work(Settings()))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from api import migrations  # noqa: PLC0415

    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(settings.database)
    print(f"The database is at the newest schema ({migrations.newest()}).")


@app.command()
def restored() -> None:
    """Say that a backup was restored: phones take everything anew, and log in again."""
    from api import server  # noqa: PLC0415

    raise typer.Exit(server.restored(Settings()))


@app.command()
def seed() -> None:
    """Load the demo ministry into an empty database; refused in production."""
    from api.demo import seed as ministry  # noqa: PLC0415

    asyncio.run(ministry.load(Settings()))


@app.command()
def demo(
    pdf: Annotated[
        Path | None, typer.Option(help="The incoming PDF; a demo decision if none.")
    ] = None,
    url: Annotated[str, typer.Option(help="A running server; one is started if none.")] = "",
) -> None:
    """Tell an official's day, step by step, while it really happens over the network."""
    from api.demo import story  # noqa: PLC0415

    raise typer.Exit(story.tell(Settings(), pdf=pdf, url=url))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The PDF to verify.")],
    trust: Annotated[
        Path | None, typer.Option(help="Folder of PEM or DER certificates to trust.")
    ] = None,
    policy: Annotated[
        str,
        typer.Option(
            help="`own`: what has our form must be complete; `issued`: every file; `any`: none."
        ),
    ] = "own",
) -> None:
    """Verify the signatures of a PDF and print the verdict as JSON.

    Exit status: 0 valid, 1 invalid, 2 indeterminate (unsigned too), 3 no PDF can be made out.
    """
    from api.signing.verify import command  # noqa: PLC0415

    raise typer.Exit(command.run(file, trust or Settings().trust, policy))


@simulations.command("operator")
def simulate_operator(
    port: Annotated[int, typer.Option(help="Port of its SOAP services (mutual TLS).")] = 18083,
    web_port: Annotated[int, typer.Option(help="Port of its phones.")] = 18084,
) -> None:
    """Run a simulated SIM operator as a process of its own; refused in production.

    It prints the settings with which `khonggiay serve` finds it. Stop with Ctrl-C.
    """
    from api import wiring  # noqa: PLC0415
    from api.signing.mssp import simulated_process  # noqa: PLC0415
    from core.errors import RefusedInProduction  # noqa: PLC0415

    try:
        core, _ = wiring.simulated_operator(Settings())
    except RefusedInProduction as refusal:
        print(f"Not started: {refusal}", file=sys.stderr)
        raise typer.Exit(1) from refusal
    simulated_process.run(core, simulated_process.Ports(port, web_port))


@app.command()
def simulated_trust(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9317,
) -> None:
    """Serve the demo authority's TSA, OCSP and CRL over HTTP; refused in production.

    The servers need its address in KHONGGIAY_TRUST_SERVICES__SIMULATED_URL, and its network in
    KHONGGIAY_TRUST_SERVICES__PRIVATE.
    """
    from api import server  # noqa: PLC0415

    server.serve_simulated_trust(Settings(), port)


@app.command()
def openapi(
    write: Annotated[bool, typer.Option("--write", help="Write into the openapi/ folder.")] = False,
) -> None:
    """Print the HTTP contract, or write both contracts into openapi/."""
    from api import contract  # noqa: PLC0415

    if write:
        for path in contract.write(Path("openapi")):
            print(f"wrote {path}")
    else:
        sys.stdout.write(contract.http())


lookup = typer.Typer(no_args_is_help=True, help="The search: measure it on a corpus, rebuild it.")
app.add_typer(lookup, name="lookup")
DbOption = Annotated[
    str, typer.Option("--db", help="URL of the database; the configured one if none.")
]


@lookup.command("load")
def lookup_load(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, title, number, issuer, type, ...")],
    db: DbOption = "",
) -> None:
    """Load a corpus of documents into a database of its own, which is made and migrated."""
    from api import measuring  # noqa: PLC0415

    raise typer.Exit(measuring.load(db or Settings().database, file))


@lookup.command("eval")
def lookup_eval(
    file: Annotated[Path, typer.Argument(help="JSON lines: query, relevant (ids).")],
    db: DbOption = "",
    fold: Annotated[bool, typer.Option("--fold", help="Ask without diacritics.")] = False,
    half: Annotated[bool, typer.Option("--half", help="Ask with every second one's.")] = False,
) -> None:
    """Ask every question of a file; the last line says how well and how quickly it was answered."""
    from api import measuring  # noqa: PLC0415

    spelling = "folded" if fold else "half" if half else "as written"
    raise typer.Exit(measuring.evaluate(db or Settings().database, file, spelling))


@lookup.command("rebuild")
def lookup_rebuild(db: DbOption = "") -> None:
    """Read every document anew into the index, while the server runs."""
    from api import measuring  # noqa: PLC0415

    raise typer.Exit(measuring.rebuild(db or Settings().database))


def main() -> None:
    """Run the command."""
    app()
