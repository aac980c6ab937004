"""A browser that knows the documented protocol alone sits in a meeting: voices go both ways."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from api.demo.socket import Socket
from tests.journeys.room import planned
from tests.journeys.world import World, world
from tests.support.browser import PATIENCE, Page, page
from tests.support.calls import Ask, Call, offering
from tests.support.databases import SqliteFactory
from tests.support.serving import served

pytestmark = [pytest.mark.story, pytest.mark.engines]

SCRIPT = Path(__file__).with_name("room.html")
SOME, PITCH = 50, 440


@asynccontextmanager
async def site() -> AsyncGenerator[str]:
    """Serve the page: a microphone is lent to pages that came over HTTP from this machine."""
    app = FastAPI()
    app.get("/")(lambda: HTMLResponse(SCRIPT.read_text("utf-8")))
    async with served(app) as here:
        yield here.url


def with_voices(page_url: str) -> dict[str, str]:
    """Return the settings of a server that forwards voices and lets the page's script in."""
    return {
        "MEDIA__ENGINE": "aiortc",
        "MEDIA__ADDRESS": "127.0.0.1",
        "HTTP__ORIGINS": json.dumps([page_url]),
    }


async def in_session(here: World) -> str:
    meeting = await here.post("secretary", "/meetings", json=planned(here))
    path = f"/meetings/{meeting['id']}"
    await here.post("leader", f"{path}/approve")
    for step in ("invite", "open-check-in", "open"):
        await here.post("secretary", f"{path}/{step}")
    return f"room:{meeting['id']}"


async def test_a_browser_and_a_phone_hear_each_other_as_the_floor_goes_to_and_fro(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    async with (
        site() as url,
        world(tmp_path / "world", sqlite, settings=with_voices(url)) as here,
        page(tmp_path) as browser,
        offering("127.0.0.1"),
    ):
        room = await in_session(here)
        chair, officer = [await come_in(here, who, room) for who in ("leader", "officer")]
        await browser.open(url)
        await enter(browser, here, room)
        phone = Call(asking(officer, room))
        await phone.listen()
        await phone.publish(PITCH)

        turn = await give_floor(chair, await ask_for_floor(officer, room), room)
        await until(lambda: counts(browser, "hears", "inbound-rtp"))
        heard = await counts(browser, "hears", "inbound-rtp")
        assert await phone.heard() == [0, 0, 0]
        await officer.command(room, "floor.end", {"turn_id": turn})
        asked = await browser.run(ASKS_FOR_THE_FLOOR)
        await give_floor(chair, str(asked["d"]["turn_id"]), room)
        await until(lambda: counts_of(phone))
        got, sent = await counts_of(phone), await counts(browser, "speaks", "outbound-rtp")
        await asyncio.gather(phone.close(), chair.close(), officer.close())

    assert (heard["lost"], heard["energy"] > 0) == (0, True)
    assert SOME <= got["packets"] <= sent["packets"] + SOME  # it goes on while we count


ASKS_FOR_THE_FLOOR = """ask({
  t: "cmd", k: "floor.ask", s: room, key: crypto.randomUUID(), d: { kind: "speech" },
})"""


async def come_in(here: World, who: str, room: str) -> Socket:
    socket = await Socket.open(here.phones[who], here.server.url)
    assert (await socket.hear(room))["t"] == "ok"
    return socket


async def enter(browser: Page, here: World, room: str) -> None:
    """Let the page come in as the secretary, hear and be ready to speak."""
    address = here.server.url.replace("http", "ws", 1) + "/realtime"
    ticket = await here.phones["secretary"].ticket()
    words = ", ".join(json.dumps(each) for each in (address, ticket, room))
    for script in (f"enter({words})", "hear()", "speak()"):
        await browser.run(script)


async def ask_for_floor(who: Socket, room: str) -> str:
    answer = await who.command(room, "floor.ask", {"kind": "speech"})
    return str(answer["d"]["turn_id"])


async def give_floor(chair: Socket, turn_id: str, room: str) -> str:
    for kind in ("floor.grant", "floor.start"):
        assert (await chair.command(room, kind, {"turn_id": turn_id}))["t"] == "ok"
    return turn_id


def asking(socket: Socket, room: str) -> Ask:
    async def ask(kind: str, data: dict[str, Any]) -> dict[str, Any]:
        answer = await socket.command(room, kind, data)
        assert answer["t"] == "ok", answer
        return dict(answer["d"])

    return ask


async def counts(browser: Page, which: str, kind: str) -> dict[str, float]:
    return dict(await browser.run(f"counted({json.dumps(which)}, {json.dumps(kind)})"))


async def counts_of(phone: Call) -> dict[str, float]:
    return {"packets": sum(await phone.heard())}


async def until(count: Callable[[], Awaitable[dict[str, float]]]) -> None:
    """Wait until enough packets were counted."""
    async with asyncio.timeout(PATIENCE):
        while (await count())["packets"] < SOME:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # WebRTC's statistics have no event
