"""Whoever is let write can neither fill a node nor hold it up."""

import asyncio

import pytest

from api.meetings.writing import service
from core.bus.local import LocalBus
from realtime.frames import Code
from realtime.texts.document import SharedText
from realtime.texts.gate import Written
from realtime.texts.shelf import MOST_WAITING_BYTES, OpenText
from tests.api.meetings.writing.conftest import Office


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_waits_for_a_commit_is_bounded_in_bytes(office: Office) -> None:
    secretary = office.ministry.secretary
    editor = await office.editor(secretary)
    await editor.write("Một.")
    await editor.has_kept("Một.")
    (writer,) = office.shelf._editors()
    text = OpenText(office.text, office.shelf.gate, LocalBus())
    no_update = Written(secretary.actor, bytes(MOST_WAITING_BYTES // 4))

    taken = [text.write(writer, no_update) for _ in range(5)]

    assert taken == [True] * 4 + [False]
    assert await editor.ends() == Code.BAD_FRAME


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_everything_else_goes_on_between_two_updates_of_a_commit(office: Office) -> None:
    actor, ours, theirs = (
        office.ministry.secretary.actor,
        SharedText("minutes"),
        SharedText("minutes"),
    )
    written = [Written(actor, theirs.rewrite("x" * number)) for number in range(1, 51)]
    turns = 0
    async with office.engines.db.begin() as tx:
        taking = asyncio.create_task(service._taken(tx, office.meeting_id, ours, written, {}))
        while not taking.done():
            turns += 1
            await asyncio.sleep(0)

    assert await taking == written
    assert ours.words == theirs.words
    assert turns >= len(written)
