"""Minutes that are written together survive a server that dies: what came back was kept."""

import asyncio
import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pycrdt import Doc, Text
from websockets.exceptions import WebSocketException

from api.demo.editor import Editor
from tests.journeys.world import World, killing, world
from tests.support.databases import SqliteFactory

pytestmark = pytest.mark.story

KILLS = 3


@pytest.fixture
async def office(tmp_path: Path, sqlite: SqliteFactory) -> AsyncGenerator[World]:
    async with world(tmp_path / "server", sqlite, settings={"RATES__ENABLED": "false"}) as office:
        yield office


async def begun(office: World) -> str:
    """Hold a meeting to its end, begin its minutes, and let the officer write them too."""
    ministry = office.ministry
    people = [{"official_id": str(ministry.leader.id), "part": "chair"}]
    people += [{"official_id": str(ministry.officer.id)}]
    plan = {"title": "Giao ban", "starts_at": "2026-12-01T08:00:00+07:00", "people": people}
    meeting: str = (await office.post("secretary", "/meetings", json=plan))["id"]
    await office.post("leader", f"/meetings/{meeting}/approve")
    for step in ("invite", "open-check-in", "open", "close", "minutes"):
        await office.post("secretary", f"/meetings/{meeting}/{step}")
    said = {"official_ids": [str(ministry.officer.id)]}
    phone = await office.fresh("secretary")
    answer = await phone.send("PUT", f"/meetings/{meeting}/minutes/writers", json=said)
    assert answer.is_success, answer.text
    return meeting


async def test_what_came_back_to_its_writer_is_there_after_a_kill(office: World) -> None:
    meeting = await begun(office)
    written = ""
    for number in range(KILLS):
        editor = await Editor.open(await office.fresh("secretary"), office.server.url, meeting)
        await editor.write(f"Câu {number}. ", at=0)
        await editor.has_kept(f"Câu {number}. ")
        written = editor.words

        office.server.kill()
        await editor.ends()
        office.server.start()
        await office.server.ready()

        read = (await office.get("leader", f"/meetings/{meeting}/minutes")).json()
        assert read["text"] == written

    assert all(f"Câu {number}. " in written for number in range(KILLS))


async def test_two_who_write_while_the_server_dies_lose_nothing(office: World) -> None:
    meeting, chance = await begun(office), random.Random(5)
    async with killing(office.server, chance, most=KILLS, longest=1.0):
        await asyncio.gather(*(keep_writing(office, who, meeting) for who in WRITERS))
    reader = await Editor.open(await office.fresh("leader"), office.server.url, meeting)

    words = await reader.sees(lambda seen: seen.count("✓") >= len(WRITERS) * len(SENTENCES))
    for who in WRITERS:
        for sentence in SENTENCES:
            assert words.count(f"{who}: {sentence}") == 1
    await reader.close()


WRITERS = ("secretary", "officer")
SENTENCES = [f"câu {number}✓ " for number in range(30)]


async def keep_writing(office: World, who: str, meeting: str) -> None:
    """Write on whatever happens, as an app does: coming back brings along what was not kept."""
    document: Doc[Text] = Doc()
    editor = await present(office, who, meeting, document)
    for sentence in SENTENCES:
        said = f"{who}: {sentence}"
        if editor.closed is not None:
            editor = await present(office, who, meeting, document)
        try:
            await editor.write(said)
        except WebSocketException:
            editor = await present(office, who, meeting, document)
    while not await is_kept(editor, f"{who}: {SENTENCES[-1]}"):
        editor = await present(office, who, meeting, document)
    await editor.close()


async def is_kept(editor: Editor, words: str) -> bool:
    try:
        await editor.has_kept(words)
    except ConnectionError:
        return False
    return True


async def present(office: World, who: str, meeting: str, document: "Doc[Text]") -> Editor:
    """Come back until the server is there."""
    while True:
        try:
            phone = await office.fresh(who)
            return await Editor.open(phone, office.server.url, meeting, document)
        except (OSError, WebSocketException):
            await office.server.ready()
