"""Hot reads: the same rows as the ORM gives, without it, on both databases."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Integer, Uuid, select
from sqlmodel import col

from core.db import Database
from core.devices import DeviceState
from core.reads import HotRead, SqliteReads, given
from core.sessions import Device

LATER = datetime(2026, 1, 5, 8, 0, 0, 123456, tzinfo=UTC)
OWNER = uuid4()


def device(number: int, state: DeviceState = DeviceState.APPROVED) -> Device:
    return Device(
        agency_id=OWNER,
        official_id=OWNER,
        name=f"điện thoại {number}",
        thumbprint=f"print-{number}",
        public_jwk={},
        state=state,
        registered_at=LATER - timedelta(days=number),
        changed_at=LATER,
        session_id=uuid4() if number % 2 else None,
    )


async def keep(db: Database, *devices: Device) -> None:
    async with db.begin() as tx:
        tx.session.add_all(devices)


MINE = HotRead(
    select(
        col(Device.id), col(Device.name), col(Device.state), col(Device.registered_at),
        col(Device.session_id),
    )
    .where(
        col(Device.official_id) == given("official_id", Uuid()),
        col(Device.state).in_([DeviceState.PENDING, DeviceState.APPROVED]),
    )
    .order_by(col(Device.registered_at))
    .limit(given("limit", Integer()))
)  # fmt: skip


async def test_rows_come_as_json_wants_them(db: Database) -> None:
    kept = [device(number) for number in (3, 2, 1)]
    await keep(db, *kept, device(4, DeviceState.REVOKED))

    rows = await db.rows(MINE, official_id=OWNER, limit=10)

    assert rows == [
        (
            str(one.id),
            one.name,
            "approved",
            one.registered_at,
            str(one.session_id) if one.session_id else None,
        )
        for one in kept
    ]


async def test_each_run_has_its_own_values(db: Database) -> None:
    await keep(db, *(device(number) for number in range(5)))

    few, nobody = await asyncio.gather(
        db.rows(MINE, official_id=OWNER, limit=2), db.rows(MINE, official_id=uuid4(), limit=2)
    )

    assert (len(few), list(nobody)) == (2, [])


async def test_a_read_sees_what_was_committed_before_it(db: Database) -> None:
    assert len(await db.rows(MINE, official_id=OWNER, limit=9)) == 0

    await keep(db, device(1))

    assert len(await db.rows(MINE, official_id=OWNER, limit=9)) == 1


async def test_a_read_does_not_see_an_open_transaction_nor_wait_for_it(db: Database) -> None:
    async with db.begin() as tx:
        tx.session.add(device(1))
        await tx.session.flush()

        assert len(await db.rows(MINE, official_id=OWNER, limit=9)) == 0


async def test_many_reads_at_once_all_answer(db: Database) -> None:
    await keep(db, *(device(number) for number in range(3)))

    every = await asyncio.gather(*(db.rows(MINE, official_id=OWNER, limit=9) for _ in range(100)))

    assert {len(rows) for rows in every} == {3}


class TestOnSqlite:
    """What only the embedded database does."""

    @pytest.fixture
    def database_url(self, sqlite: object, tmp_path: object) -> str:
        url: str = sqlite.url(tmp_path)  # type: ignore[attr-defined]
        return url

    async def test_a_read_waits_for_a_database_that_is_locked(
        self, db: Database, database_url: str
    ) -> None:
        with closing(sqlite3.connect(database_url.partition("///")[2])) as other:
            other.execute("PRAGMA locking_mode=EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            reading = asyncio.create_task(db.rows(MINE, official_id=OWNER, limit=9))
            await asyncio.sleep(0)

            assert not reading.done()
        assert len(await reading) == 0

    async def test_a_read_cannot_write(self, db: Database) -> None:
        reads = SqliteReads(db.engine.sync_engine)
        await reads.rows(MINE, {"official_id": UUID(int=0), "limit": 1})

        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reads._connection.execute("DELETE FROM device")  # type: ignore[union-attr]
        await reads.close()
