"""What a node refuses to start with, each time with a sentence that names the next step."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from api import server, wiring
from core.config import BlobStore, BusServers, Http, Settings
from core.db import Database
from core.errors import ForeignKeys
from tests.support.databases import PostgresFactory

BUS = BusServers(url=SecretStr("nats://127.0.0.1:9"))
BUCKET = BlobStore(url="s3://khonggiay", endpoint="http://127.0.0.1:9")
NOBODY = "postgresql+asyncpg://127.0.0.1:9/none"
Told = Callable[[], str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return lambda: capsys.readouterr().out


def node(folder: Path, **more: object) -> Settings:
    given = {"data": folder, "bus": BUS, "blobs": BUCKET, "http": Http(port=0)} | more
    return Settings.model_validate(given)


@pytest.mark.parametrize(
    "lacking", [{"database_url": ""}, {"database_url": "sqlite+aiosqlite:///x"}, {"blobs": {}}]
)
@pytest.mark.parametrize("start", [server.work, lambda s: server.serve(s, demo=False)])
def test_nodes_need_one_database_and_one_bucket(
    tmp_path: Path, told: Told, start: Callable[[Settings], int], lacking: dict[str, object]
) -> None:
    settings = node(tmp_path, **({"database_url": NOBODY} | lacking))

    assert start(settings) == 1

    said = told()
    assert "Several nodes need a PostgreSQL database" in said
    assert "Nhiều nút cần chung một cơ sở dữ liệu PostgreSQL" in said


def test_without_a_bus_nobody_works_beside_the_server(tmp_path: Path, told: Told) -> None:
    assert server.work(Settings(data=tmp_path)) == 1

    assert "`khonggiay serve` does the work itself" in told()


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, told: Told) -> None:
    assert server.work(node(tmp_path, database_url=NOBODY)) == 1

    assert "The database does not answer" in told()


@pytest.mark.engines
def test_nodes_do_not_change_the_schema_by_themselves(
    tmp_path: Path, postgres: PostgresFactory, told: Told
) -> None:
    settings = node(tmp_path, database_url=postgres.url(tmp_path))
    asyncio.run(forget_the_schema(settings))

    assert server.work(settings) == 1

    assert "run `khonggiay migrate` once" in told()


async def forget_the_schema(settings: Settings) -> None:
    db = Database(settings.database)
    async with db.begin() as tx:
        await (await tx.session.connection()).execute(text("DELETE FROM alembic_version"))
    await db.dispose()


def test_a_folder_is_of_one_process_alone(tmp_path: Path, told: Told) -> None:
    with server._only_one(Settings(data=tmp_path)) or pytest.fail("no lock"):
        assert server.work(node(tmp_path, database_url=NOBODY)) == 1

    assert "Another process already uses the folder" in told()


def test_a_node_with_other_keys_is_no_node_of_this_installation(
    tmp_path: Path, database_url: str
) -> None:
    first, second, third = (
        Settings(data=tmp_path / name, database_url=database_url) for name in "abc"
    )
    wiring.assemble(first)
    asyncio.run(wiring.must_fit(first))
    asyncio.run(wiring.must_fit(first))

    wiring.assemble(second)
    with pytest.raises(ForeignKeys) as refused:
        asyncio.run(wiring.must_fit(second))
    third.shared = first.data
    wiring.assemble(third)
    asyncio.run(wiring.must_fit(third))

    assert refused.value.facts["key"] in {"access-token.pem", "refresh.key"}
    assert not (third.data / "keys").exists()
