"""After a backup was put back: phones notice, whatever they had seen, and log in again."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from api import server, wiring
from api.demo.phone import Phone
from api.wiring import Engines
from core.config import Settings
from core.streams import Stream
from tests.support.answers import kind, rows
from tests.support.databases import SqliteFactory
from tests.support.ministry import Ministry, Person

As = Callable[[Person], Awaitable[Phone]]


async def test_every_session_is_over_and_every_position_is_lost(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    phone = await as_(ministry.officer)
    mine = f"user:{ministry.officer.id}"
    before = await engines.realtime.log.mark(mine)

    streams, sessions = await wiring.begin_anew(engines.settings)
    engines.door.forget()

    assert sessions == 1
    assert streams == len(await rows(engines.db, Stream))
    assert (await engines.realtime.log.mark(mine)).epoch != before.epoch
    assert kind(await phone.send("GET", "/me")) == "identity.session_ended"
    assert kind(await phone.refresh()) == "identity.refresh_refused"


def test_the_command_says_what_it_did(
    tmp_path: Path, sqlite: SqliteFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    sqlite.url(tmp_path)

    assert server.restored(Settings(data=tmp_path)) == 0

    assert "0 streams begin anew, 0 sessions are ended" in capsys.readouterr().out


def test_it_waits_for_no_database_that_is_older_or_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path)

    assert server.restored(settings) == 1
    assert "khonggiay migrate" in capsys.readouterr().out

    with server._only_one(settings) or pytest.fail("nobody holds the folder"):
        assert server.restored(settings) == 1
    assert "stop it first" in capsys.readouterr().out
