"""Running the product: one process that serves, or one that works behind others."""

import asyncio
import errno
import fcntl
import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import IO

import uvicorn

from api import background, migrations, wiring
from api.app import create_app
from api.guards.connections import IDLE_SECONDS, guarded
from api.guards.draining import Draining
from api.wiring import Engines
from core.config import Settings
from core.console import explained, tell
from core.errors import AppError, DatabaseUnreachable, NotMigrated, StepFailed
from realtime.endpoint import SERVER_OPTIONS

BACKLOG = 2048


def serve(settings: Settings, *, demo: bool) -> int:
    """Serve until stopped; return the exit status."""
    lock = _begin(settings)
    if lock is None:
        return 1
    with lock:
        listener = _listen(settings)
        if listener is None:
            return 1
        _say_where(lock, _url_of(listener))
        with listener:
            return _until_stopped(lambda: _run(settings, listener, demo=demo))


def work(settings: Settings) -> int:
    """Work until stopped; without a bus between them `serve` already does it."""
    if not settings.has_nodes:
        tell("console.works_itself")
        return 1
    lock = _begin(settings)
    if lock is None:
        return 1
    with lock:
        return _until_stopped(lambda: _work(settings))


def serve_simulated_trust(settings: Settings, port: int) -> None:
    """Put the demo authority's trust services behind HTTP until stopped."""
    from api.signing.trust.simulated_server import server  # noqa: PLC0415 - only for this command

    url = f"http://127.0.0.1:{port}"
    settings.trust_services.simulated_url = settings.trust_services.simulated_url or url
    tell("console.simulated_trust", url=url)
    app = server(wiring.simulated_trust(settings))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def restored(settings: Settings) -> int:
    """Begin anew after a backup was put back; nothing else may run meanwhile."""
    lock = _begin(settings)
    if lock is None:
        return 1
    with lock:
        return _until_stopped(lambda: _begin_anew(settings))


def _begin_anew(settings: Settings) -> None:
    _must_be_migrated(settings)
    streams, sessions = asyncio.run(wiring.begin_anew(settings))
    tell("console.begun_anew", streams=streams, sessions=sessions)


def _begin(settings: Settings) -> IO[str] | None:
    settings.data.mkdir(parents=True, exist_ok=True)
    return _only_one(settings)


def _until_stopped(run: Callable[[], None]) -> int:
    try:
        run()
    except (KeyboardInterrupt, asyncio.CancelledError):  # what ran has been drained
        return 0
    except AppError as refusal:
        print(explained(refusal), flush=True)  # noqa: T201 - to the person who started us
        return 1
    return 0


def _run(settings: Settings, listener: socket.socket, *, demo: bool) -> None:
    wiring.must_be_allowed(settings, demo=demo)
    wiring.sweep(settings)
    _prepare(settings, demo=demo)
    server = _server(settings)
    asyncio.run(wiring.must_fit(settings))
    _greet(listener, demo=demo)
    _keep_what_is_loaded()
    server.run(sockets=[listener])


def _keep_what_is_loaded() -> None:
    """Let no collection look at it again: that would stop the loop for a sixth of a second."""
    gc.collect()
    gc.freeze()


def _work(settings: Settings) -> None:
    wiring.must_be_allowed(settings)
    wiring.sweep(settings)
    _must_be_migrated(settings)
    engines = wiring.assemble(settings)
    asyncio.run(wiring.must_fit(settings))
    tell("console.works")
    _keep_what_is_loaded()
    asyncio.run(_work_for_nodes(engines))


async def _work_for_nodes(engines: Engines) -> None:
    me = asyncio.current_task()
    if me is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    try:
        await background.work_for_nodes(engines)
    finally:
        await engines.signing.mssp.close()
        await engines.signing.remote.close()
        await engines.archive.inquiry.services.close()
        await engines.sandbox.close()
        await engines.db.dispose()


def _server(settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        Draining(create_app(wiring.assemble(settings), works=not settings.has_nodes)),
        **SERVER_OPTIONS,
        http=guarded(settings.http),
        proxy_headers=bool(settings.http.proxies),
        forwarded_allow_ips=[str(network) for network in settings.http.proxies],
        timeout_keep_alive=IDLE_SECONDS,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.http.drain_seconds,
    )
    return uvicorn.Server(config)


def _only_one(settings: Settings) -> IO[str] | None:
    """Hold the data folder's lock: two processes on the local bus would not hear each other."""
    lock = (settings.data / "serve.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        with lock:
            where = lock.read()
        tell("console.folder_taken", folder=str(settings.data.resolve()), where=where)
        return None
    _say_where(lock, "")
    return lock


def _say_where(lock: IO[str], url: str) -> None:
    """Leave in the lock who holds it, for whoever finds the folder taken."""
    lock.truncate(0)
    lock.write(f"{url} PID {os.getpid()}".strip())
    lock.flush()


def _listen(settings: Settings) -> socket.socket | None:
    http = settings.http
    listener = socket.socket(socket.AF_INET6 if ":" in http.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((http.host, http.port))
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        code = "console.port_taken" if taken else "console.port_unusable"
        tell(code, port=http.port, host=http.host, why=error.strerror or str(error))
        return None
    listener.listen(BACKLOG)
    return listener


def _prepare(settings: Settings, *, demo: bool) -> None:
    """Migrate and seed in processes of their own, so that the server itself stays small."""
    if settings.has_nodes:
        _must_be_migrated(settings)
    elif not _is_migrated(settings):
        tell("console.migrating")
        _khonggiay("migrate", settings)
    if demo and not settings.demo_accounts.exists():
        tell("console.seeding")
        _khonggiay("seed", settings)


def _is_migrated(settings: Settings) -> bool:
    try:
        return migrations.current(settings.database) == migrations.newest()
    except OSError as error:
        raise DatabaseUnreachable from error


def _must_be_migrated(settings: Settings) -> None:
    """Refuse an older schema: nodes that start together must not all change it."""
    if not _is_migrated(settings):
        raise NotMigrated


def _khonggiay(command: str, settings: Settings) -> None:
    """Run a step in a process of its own; what stopped it, it has said itself."""
    environment = os.environ | {"KHONGGIAY_DATA": str(settings.data)}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "api", command], check=False, env=environment
    )
    if done.returncode:
        raise StepFailed(command=command)


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(listener: socket.socket, *, demo: bool) -> None:
    url = _url_of(listener)
    tell("console.listening", url=url)
    if demo:
        from api.demo import greeting  # noqa: PLC0415 - only for the demo

        print(greeting.text(url), flush=True)  # noqa: T201
