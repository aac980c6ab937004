"""The WebSocket route: takes the handshake, then leaves the phone to its connection.

The ticket comes as a second subprotocol (`khonggiay.v1, ticket.<ticket>`) or in a first frame
`auth`; never in the URL, which ends up in logs.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, WebSocket

from realtime.connection import Connection, Realtime
from realtime.fanout import FanoutWebSocketProtocol, wire_of
from realtime.frames import PROTOCOL
from realtime.limits import Limits

PATH = "/realtime"
TICKET = "ticket."

#: What `uvicorn.Config` needs for this route: no compression (it costs more than it saves on small
#: events), no pings of uvicorn's own (the protocol has its own), small messages only.
SERVER_OPTIONS: dict[str, Any] = {
    "ws": FanoutWebSocketProtocol,
    "ws_per_message_deflate": False,
    "ws_ping_interval": None,
    "ws_max_size": 4 * Limits().frame,
}

router = APIRouter()


@router.websocket(PATH)
async def talk(websocket: WebSocket) -> None:
    """Speak `khonggiay.v1` with one phone."""
    offered: Sequence[str] = websocket.scope["subprotocols"]
    if offered and PROTOCOL not in offered:
        await websocket.close()  # before the handshake: 403
        return
    await websocket.accept(PROTOCOL if offered else None)
    realtime: Realtime = websocket.app.state.realtime
    async with wire_of(websocket) as wire:
        await Connection(realtime, wire).talk(websocket, ticket_in(offered))


def ticket_in(offered: Sequence[str]) -> str | None:
    """Return the ticket among the subprotocols, if there is one."""
    tickets = [name.removeprefix(TICKET) for name in offered if name.startswith(TICKET)]
    return tickets[0] if tickets else None
