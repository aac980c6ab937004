"""Fixtures every test may use."""

import gc
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import settings

from api import wiring
from api.app import create_app
from api.demo.phone import Phone
from api.wiring import Engines
from core.bounds import SandboxLimits
from core.config import Rates, Settings
from core.db import Database
from core.tokens import TokenKeys
from tests.support import statements
from tests.support.clock import Clock
from tests.support.databases import PostgresFactory, SqliteFactory, postgres_server, spare_the_disk
from tests.support.ministry import Ministry, Person, found, phone_of
from tests.support.workers import LastingSandbox

statements.compile_once()
#: A busy machine is no fault of what is tested; what hangs is ended by the suite's own time-out.
settings.register_profile("house", settings.default, deadline=None)
settings.load_profile("house")


#: What takes more than milliseconds to stand up; `make fast` leaves out who asks for one of them,
STANDING = frozenset({"sqlite", "postgres", "workers"})
#: and who stands up processes, sockets, stores or signed files by itself.
BY_THEMSELVES = (
    "api/documents/ocr", "api/documents/pages", "api/documents/paper", "api/lookup/test_corpus",
    "api/lookup/test_non_interference", "api/meetings/secrecy",
    "api/meetings/writing/test_before", "api/signing/pdf",
    "api/signing/verify/test_any_file", "api/signing/verify/test_command",
    "api/signing/verify/test_findings", "api/signing/verify/test_lasting",
    "api/signing/verify/test_tampering", "api/test_cli", "architecture", "attacks", "contracts",
    "core/blobs", "core/bus", "core/sandbox", "corpus", "journeys", "nodes", "push/gateway",
    "realtime",
)  # fmt: skip


def _by_themselves(path: Path) -> bool:
    return str(path.relative_to(Path(__file__).parent)).startswith(BY_THEMSELVES)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Spare `make fast` the reading of what it leaves out."""
    asks_for_plain = str(config.option.markexpr).startswith("plain")
    return True if asks_for_plain and _by_themselves(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of plain values: the inner loop."""
    for item in items:
        is_plain = STANDING.isdisjoint(getattr(item, "fixturenames", ()))
        if is_plain and not _by_themselves(item.path):
            item.add_marker(pytest.mark.plain)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end: modules and tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteFactory:
    return SqliteFactory(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresFactory]:
    with postgres_server() as server, closing(PostgresFactory(server)) as factory:
        yield factory


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engines)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database on each engine."""
    factory: SqliteFactory | PostgresFactory = request.getfixturevalue(request.param)
    with factory.lent(tmp_path) as url:
        yield url


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that ran in the test's own process must not leave its log to the next test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's own keys; making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("keys")
    TokenKeys(folder)
    return folder


@pytest.fixture(scope="session")
def workers() -> Iterator[LastingSandbox]:
    sandbox = LastingSandbox(SandboxLimits())
    yield sandbox
    sandbox.end()


@pytest.fixture
async def engines(
    database_url: str, tmp_path: Path, clock: Clock, keys: Path, workers: LastingSandbox
) -> AsyncGenerator[Engines]:
    """Every part of the embedded profile, on each database; nothing works in the background."""
    shutil.copytree(keys, tmp_path / "keys")
    unhurried = Rates(enabled=False)
    settings = Settings(data=tmp_path, database_url=database_url, rates=unhurried)
    engines = wiring.assemble(settings, clock=clock, sandbox=workers)
    spare_the_disk(engines.db)
    yield engines
    await engines.db.dispose()


@pytest.fixture
def db(engines: Engines) -> Database:
    return engines.db


@pytest.fixture(scope="session")
def assembled() -> list[FastAPI]:
    """The one application of this process, once it is there: its routes take long to assemble."""
    return []


@pytest.fixture
def app(engines: Engines, assembled: list[FastAPI]) -> FastAPI:
    """The application on this test's engines."""
    if not assembled:
        assembled.append(create_app(engines, works=False))
    (app,) = assembled
    app.state.engines = engines
    app.state.realtime, app.state.texts = engines.realtime, engines.texts
    return app


@pytest.fixture
async def http(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
async def ministry(db: Database) -> Ministry:
    """A small ministry, and a stranger of another agency."""
    return await found(db)


@pytest.fixture
def as_(
    engines: Engines, http: httpx.AsyncClient, clock: Clock
) -> Callable[[Person], Awaitable[Phone]]:
    """Say who is asking: `leader = await as_(ministry.leader)`."""

    async def give(person: Person) -> Phone:
        return await phone_of(engines, http, clock, person)

    return give
