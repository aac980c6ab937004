"""The WebSocket route of shared texts: any client of npm's `y-websocket` protocol may connect.

The ticket comes as a second subprotocol (`khonggiay.text.v1, ticket.<ticket>`), never in the URL,
which ends up in logs.
"""

from collections.abc import Sequence

from fastapi import APIRouter, WebSocket

from realtime.endpoint import ticket_in
from realtime.fanout import wire_of
from realtime.texts.contract import ADDRESS, PROTOCOL
from realtime.texts.shelf import Shelf
from realtime.texts.writer import Writer

router = APIRouter()


@router.websocket(ADDRESS)
async def write_together(websocket: WebSocket, name: str) -> None:
    """Speak Yjs with one client about one text."""
    offered: Sequence[str] = websocket.scope["subprotocols"]
    ticket = ticket_in(offered)
    if PROTOCOL not in offered or ticket is None:
        await websocket.close()  # before the handshake: 403
        return
    await websocket.accept(PROTOCOL)
    shelf: Shelf = websocket.app.state.texts
    async with wire_of(websocket) as wire:
        await Writer(shelf, wire).talk(websocket, ticket, name)
