"""What whoever holds the database could find out: every row, and every byte of its files."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import inspect
from sqlmodel import SQLModel, select

from api.meetings.secrecy.ballots import known_as
from api.meetings.secrecy.models import BallotHandout, SealedBallot
from api.tables import TABLES
from api.wiring import Engines
from tests.support.ministry import Ministry
from tests.support.secret_votes import Committee, open_box, sealed

VOTERS = 10
#: Where a credential, a tracker or a ballot may stand.
THEIRS = {"sealed_ballot", "ballot_credential", "ballot_box"}


async def every_row(engines: Engines) -> dict[str, list[dict[str, Any]]]:
    async with engines.db.read() as view:
        found = {}
        for table in TABLES:
            columns = table.__table__.c  # type: ignore[attr-defined]
            rows = (await view.session.exec(select(*columns))).all()
            found[str(table.__tablename__)] = [
                dict(zip(columns.keys(), row, strict=True)) for row in rows
            ]
    return found


async def test_nothing_that_is_kept_leads_from_a_person_to_a_ballot(
    engines: Engines, ministry: Ministry, committee: Committee, http: httpx.AsyncClient,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    box = await open_box(engines, ministry, committee, VOTERS)
    choices = [secrets.randbelow(2) for _ in box.slips]
    ballots = await sealed(box.setup, box.slips, choices)
    before = await every_row(engines)
    at = f"/ballot-boxes/{box.uuid}/ballots"
    capsys.readouterr()

    async def cast(ballot: str) -> str:
        answer = await http.post(at, json={"ballot": ballot})
        return str(answer.json()["tracker"])

    trackers = await asyncio.gather(*(cast(one) for one in ballots))

    logged = capsys.readouterr()
    after = await every_row(engines)
    grown = {name for name, rows in after.items() if len(rows) != len(before[name])}
    assert grown == {"sealed_ballot"}, "casting leaves nothing but ballots"
    secret = traces_of(ballots, trackers)
    for name, rows in after.items():
        found = [row for row in rows if any(one in str(row) for one in secret)]
        assert not found or name in THEIRS, name
        for row in found:
            assert not any(str(one) in str(row) for one in box.voters), name
            assert not [column for column in row if column.endswith("_at")], name
    assert not any(one in logged.out + logged.err for one in secret)
    assert not any(slip in str(after) for slip in box.slips), "a private part came to the server"
    if engines.db.engine.dialect.name == "sqlite":
        files = b"".join(one.read_bytes() for one in sorted(tmp_path.glob("*.db*")))
        came = [files.rfind(one.encode()) for one in trackers]
        assert min(came) >= 0
        assert came != sorted(came), "the file shows the order of arrival"
        assert came != sorted(came, reverse=True), "the file shows the order of arrival"
        assert not any(slip.encode() in files for slip in box.slips)


def traces_of(ballots: Sequence[str], trackers: Sequence[str]) -> list[str]:
    credentials = [str(json.loads(one)["credential"]) for one in ballots]
    return [*trackers, *credentials, *(known_as(one) for one in credentials)]


def test_the_tables_of_a_ballot_have_neither_a_time_nor_a_number_nor_a_person() -> None:
    def columns(table: type[SQLModel]) -> set[str]:
        return {str(column.key) for column in inspect(table).columns}

    assert columns(SealedBallot) == {"vote_id", "known_as", "agency_id", "tracker", "ballot"}
    assert columns(BallotHandout) == {"vote_id", "mandate_id", "agency_id"}
    for table in (SealedBallot, BallotHandout):
        (options,) = [one for one in table.__table_args__ if isinstance(one, dict)]
        assert options == {"sqlite_with_rowid": False}
