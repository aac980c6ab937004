"""An installation that runs, for all tests of this folder."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import httpx
import pytest

from tests.nodes.installation import Balancer, Installation, installed
from tests.support.brokers import Broker, broker
from tests.support.databases import PostgresFactory
from tests.support.ministry import Ministry
from tests.support.stores import S3Server, s3_server


@pytest.fixture(scope="session")
def nats() -> Iterator[Broker]:
    with broker() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresFactory, nats: Broker, s3: S3Server
) -> Iterator[tuple[Installation, Ministry]]:
    """Two nodes and a worker, and the ministry that they serve."""
    folder = tmp_path_factory.mktemp("installation")
    whole = installed(folder, postgres.url(folder), nats, s3)
    ministry = asyncio.run(whole.prepare())
    processes = [*whole.nodes, whole.worker]
    for process in processes:
        process.start()
    yield whole, ministry
    for process in processes:
        if process.is_running:
            process.stop()


@pytest.fixture
async def installation(prepared: tuple[Installation, Ministry]) -> Installation:
    """The installation, whole again whatever a test before has done to it."""
    whole, _ = prepared
    for process in [*whole.nodes, whole.worker]:
        if not process.is_running:
            process.start()
    if not whole.broker._listens():
        whole.broker.start()
    await whole.ready()
    return whole


@pytest.fixture
def ministry(prepared: tuple[Installation, Ministry]) -> Ministry:
    return prepared[1]


@pytest.fixture
async def balancer(installation: Installation) -> AsyncGenerator[Balancer]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield Balancer(installation, client)
