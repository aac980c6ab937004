"""The `khonggiay` command: serve, work, migrate, seed, demo, verify, simulate, ballot, lookup, ….

Heavy parts are imported inside the command that needs them, so that the server starts fast.
"""

import asyncio
import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from typer._click.exceptions import UsageError

from api.meetings.secrecy.command import app as ballots
from core import logs
from core.config import Settings
from core.console import refuse, tell, warn
from core.errors import AppError

_FAILED = 1
_PRIVATE = 0o077
#: Where what a command says cannot be written.
_UNSAID = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO})
_HELP = """Không Giấy: làm việc, họp và ký không giấy / a ministry works without paper.

`khonggiay serve --demo` nạp một bộ nhỏ để dùng thử và phục vụ nó; `khonggiay demo` kể một ngày làm
việc trên văn bản của bạn. Thiết lập nằm trong biến môi trường: KHONGGIAY_DATA (thư mục dữ liệu,
./data), KHONGGIAY_HTTP__PORT, KHONGGIAY_DATABASE_URL và các biến khác trong core/config.py.

`khonggiay serve --demo` loads a small ministry and serves it; `khonggiay demo` tells an official's
day on a document of yours. Settings stand in the environment: KHONGGIAY_DATA (the data folder,
./data), KHONGGIAY_HTTP__PORT, KHONGGIAY_DATABASE_URL and the others of core/config.py.
"""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=_HELP,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

simulations = typer.Typer(
    no_args_is_help=True,
    help="Phần mô phỏng thay cho phần thật / parts that stand in for real ones.",
)
app.add_typer(simulations, name="simulate")
app.add_typer(ballots, name="ballot")


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0: any free one.", min=0, max=65535, show_default="8000"
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo ministry when it is not there.")
    ] = False,
) -> None:
    """Phục vụ API và socket / serve the API and the sockets.

    The database in the data folder is made and migrated first. Without KHONGGIAY_BUS__URL the jobs
    behind the API are done here too. GET /health/ready says when it is there; Ctrl-C stops it: what
    runs is finished, at most 5 s. Exit status: 0 stopped, 1 not started, with the reason.
    """
    from api import server  # noqa: PLC0415

    settings = _settings()
    settings.http.host = host or settings.http.host
    settings.http.port = settings.http.port if port is None else port
    raise typer.Exit(server.serve(settings, demo=demo))


@app.command()
def work() -> None:
    """Làm việc phía sau nhiều nút / do the jobs behind several nodes.

    Jobs, push and housekeeping in a process of their own. Only where several nodes share a
    database (KHONGGIAY_DATABASE_URL) and a bus (KHONGGIAY_BUS__URL); a single `khonggiay serve`
    does this work itself.
    """
    from api import server  # noqa: PLC0415

    raise typer.Exit(server.work(_settings()))


@app.command()
def migrate() -> None:
    """Đưa cơ sở dữ liệu lên cấu trúc mới nhất / bring the database to the newest schema.

    Nothing happens where it is already. `serve` does this itself for the database in its data
    folder. Where there are nodes, run it once, before those of a new release start.
    """
    from api import migrations  # noqa: PLC0415

    settings = _settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(settings.database)
    tell("console.migrated", revision=migrations.newest())


@app.command()
def restored() -> None:
    """Bắt đầu lại sau khi khôi phục bản sao lưu / begin anew after a backup was put back.

    Phones take everything anew and log in again. Nothing else may run meanwhile.
    """
    from api import server  # noqa: PLC0415

    raise typer.Exit(server.restored(_settings()))


@app.command()
def seed() -> None:
    """Nạp bộ dùng thử / load the demo ministry into a migrated database.

    Refused in production. `serve --demo` does it once. A loading that was interrupted goes on
    where it stopped.
    """
    from api.demo import seed as ministry  # noqa: PLC0415

    asyncio.run(ministry.load(_settings()))


@app.command()
def demo(
    pdf: Annotated[
        Path | None,
        typer.Option(help="The incoming PDF; a demo decision if none.", readable=False),
    ] = None,
    url: Annotated[
        str, typer.Option(help="A running `serve --demo`; a server is started if none.")
    ] = "",
) -> None:
    """Kể một ngày làm việc đang thật sự diễn ra / tell an official's day as it really happens.

    Every step happens over HTTP, WebSocket and WebRTC, against a server of its own unless --url
    names one. It leaves signed.pdf, trust/ and transcript.txt in demo/ of the data folder.
    Exit status: 0 only if every step held, else 1 and the step that did not.
    """
    from api.demo import story  # noqa: PLC0415

    raise typer.Exit(story.tell(_settings(), pdf=pdf, url=url))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The PDF to verify.", readable=False)],
    trust: Annotated[
        Path | None,
        typer.Option(
            help="Folder of PEM or DER certificates to trust.",
            exists=True,
            file_okay=False,
            show_default="trust/ in the data folder",
        ),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(
            help="`own`: what has our form must be complete; `issued`: every file; `any`: none."
        ),
    ] = "own",
    online: Annotated[
        bool,
        typer.Option(
            "--online",
            help="Ask the authorities on this installation's list for revoked certificates.",
        ),
    ] = False,
) -> None:
    """Kiểm tra chữ ký của một PDF, in JSON / verify the signatures of a PDF; print JSON.

    Mã thoát: 0 hợp lệ, 1 không hợp lệ, 2 chưa kết luận được (kể cả chưa ký), 3 không phải PDF.
    Exit status: 0 valid, 1 invalid, 2 indeterminate (unsigned too), 3 no PDF can be made out;
    64 the command was mistyped.
    No network is used without --online. Example:
    khonggiay verify signed.pdf --trust data/demo/trust
    """
    from api.signing.verify import command  # noqa: PLC0415

    inquiry = None
    if online:
        from api import wiring  # noqa: PLC0415

        inquiry = wiring.inquiry_of(_settings())
    raise typer.Exit(command.run(file, trust or Settings().trust, policy, inquiry))


@simulations.command("operator")
def simulate_operator(
    port: Annotated[int, typer.Option(help="Port of its SOAP services (mutual TLS).")] = 18083,
    web_port: Annotated[int, typer.Option(help="Port of its phones.")] = 18084,
) -> None:
    """Chạy nhà mạng SIM mô phỏng / run a simulated SIM operator; refused in production.

    It prints the settings with which `khonggiay serve` finds it, and the remote keys that it
    keeps. Stop with Ctrl-C.
    """
    from api import wiring  # noqa: PLC0415
    from api.signing.mssp import simulated_process  # noqa: PLC0415

    parts = wiring.simulated_parts(_settings())
    simulated_process.run(parts.operator, parts.remote, simulated_process.Ports(port, web_port))


@simulations.command("trust")
def simulate_trust(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9317,
) -> None:
    """Phục vụ TSA, OCSP, CRL mô phỏng / serve the demo's TSA, OCSP, CRL; refused in production.

    The servers need its address in KHONGGIAY_TRUST_SERVICES__SIMULATED_URL, and its network in
    KHONGGIAY_TRUST_SERVICES__PRIVATE. Stop with Ctrl-C.
    """
    from api import server  # noqa: PLC0415

    server.serve_simulated_trust(_settings(), port)


@app.command()
def openapi(
    write: Annotated[bool, typer.Option("--write", help="Write into the openapi/ folder.")] = False,
) -> None:
    """In hoặc ghi hợp đồng API / print or write the public contract.

    The HTTP side as OpenAPI 3.1; --write also writes the sockets' AsyncAPI 3 document.
    """
    from api import contract  # noqa: PLC0415

    if write:
        for path in contract.write(Path("openapi")):
            print(f"wrote {path}")
    else:
        sys.stdout.write(contract.http())


lookup = typer.Typer(
    no_args_is_help=True,
    help="Tìm kiếm: đo trên kho văn bản, lập lại chỉ mục / the search: measure it, rebuild it.",
)
app.add_typer(lookup, name="lookup")
DbOption = Annotated[
    str, typer.Option("--db", help="URL of the database; the configured one if none.")
]


@lookup.command("load")
def lookup_load(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, title, number, issuer, type, ...")],
    db: DbOption = "",
) -> None:
    """Nạp một kho văn bản / load a corpus into a database of its own, which is made first."""
    from api import measuring  # noqa: PLC0415

    raise typer.Exit(measuring.load(db or _settings().database, file))


@lookup.command("eval")
def lookup_eval(
    file: Annotated[Path, typer.Argument(help="JSON lines: query, relevant (ids).")],
    db: DbOption = "",
    fold: Annotated[bool, typer.Option("--fold", help="Ask without diacritics.")] = False,
    half: Annotated[bool, typer.Option("--half", help="Ask with every second one's.")] = False,
) -> None:
    """Hỏi mọi câu trong tệp / ask every question of a file.

    The last line says how well and how quickly it was answered.
    """
    from api import measuring  # noqa: PLC0415

    spelling = "folded" if fold else "half" if half else "as written"
    raise typer.Exit(measuring.evaluate(db or _settings().database, file, spelling))


@lookup.command("rebuild")
def lookup_rebuild(db: DbOption = "") -> None:
    """Lập lại chỉ mục / read every document anew into the index, while the server runs."""
    from api import measuring  # noqa: PLC0415

    raise typer.Exit(measuring.rebuild(db or _settings().database))


def _settings() -> Settings:
    """Read the settings of a command that writes data: nobody else may read those."""
    os.umask(_PRIVATE)
    return Settings()


def main() -> None:
    """Run the command; what the person at the terminal can mend is said in a sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever the terminal claims of itself; a path may hold bytes that are no text.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logs.configure()
    try:
        sys.exit(_run())
    except OSError as error:
        if error.filename is None and error.errno in _UNSAID:
            with suppress(OSError):
                warn("console.unsaid", why=str(error.strerror))
            os._exit(os.EX_IOERR)  # an orderly leave would flush the same output, and fail again
        if error.filename is None:
            raise
        warn("console.folder_unusable", path=str(error.filename), why=str(error.strerror))
        sys.exit(_FAILED)


def _run() -> int:
    try:
        status = app(standalone_mode=False) or 0
        sys.stdout.flush()
    except UsageError as error:
        error.show()
        warn("console.mistyped")
        return os.EX_USAGE
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = "__".join(str(part) for part in fault["loc"]).upper()
            warn("console.wrong_setting", name=f"KHONGGIAY_{name}", why=fault["msg"])
        return os.EX_CONFIG
    except AppError as refusal:
        refuse(refusal)
        return _FAILED
    return int(status)
