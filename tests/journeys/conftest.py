"""A server with a small demo ministry, for the stories that are told on it."""

import asyncio
from collections.abc import Iterator

import pytest

from api.demo import seed
from core.config import Settings
from tests.support.databases import SqliteFactory
from tests.support.server import Server

#: As many as the rules of the seed's tasks and meeting ask for; each takes a tenth of a second.
LETTERS = 12


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory, sqlite: SqliteFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ministry")
    sqlite.url(folder)
    asyncio.run(seed.load(Settings(data=folder), count=LETTERS))
    served = Server(folder)
    served.start()
    asyncio.run(served.ready())
    yield served
    served.stop()
