"""What sockets are told by the capabilities: who comes in, who hears what, what a command does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from typing_extensions import override

from api.documents import queries as documents
from api.documents.schemas import Width
from api.meetings import flows as meetings
from api.meetings import queries as meeting_queries
from api.meetings.floor import voices
from api.meetings.papers import flows as papers
from api.meetings.papers import queries as paper_queries
from api.meetings.papers.flows import Table
from api.meetings.writing import flows as minutes
from api.meetings.writing.rules import ROOT, meeting_of
from core import sessions
from core.actor import Actor
from core.db import Database
from core.errors import AppError, Malformed, NotFound
from push import messages
from push import queries as push
from realtime.errors import UnknownCommand
from realtime.floor import Speaking
from realtime.gate import Admitted, Gate
from realtime.pictures import Album, Picture, Wanted
from realtime.texts.document import SharedText
from realtime.texts.gate import Kept, TextGate, Written

Json = dict[str, Any]
_JPEG = "image/jpeg"
#: The kinds of commands, each with the shape of its `d`, for the public contract.
COMMANDS = {kind: command.shape for kind, command in meetings.COMMANDS.items()}


@dataclass(frozen=True)
class CapabilityGate(Gate, TextGate):
    """Asks the capability that a stream or a text belongs to: `user:`, `room:`, `minutes:`, ..."""

    db: Database

    @override
    async def admit(self, ticket: str, /) -> Admitted:
        async with self.db.begin() as tx:
            said = await sessions.redeem_ticket(tx, ticket)
        return Admitted(said.actor, said.session_until, said.session_id, said.turn)

    @override
    async def may_hear(self, actor: Actor, stream: str, /) -> bool:
        kind, id_ = _parts_of(stream)
        if id_ is None or kind not in _HEARING:
            return False
        return await _HEARING[kind](self.db, actor, id_)

    @override
    async def snapshot(self, actor: Actor, stream: str, /) -> Json:
        kind, id_ = _parts_of(stream)
        if id_ is None or kind not in _SNAPSHOTS:
            raise NotFound(stream=stream[:80])
        return await _SNAPSHOTS[kind](self.db, actor, id_)

    @override
    async def command(self, actor: Actor, kind: str, stream: str, key: UUID, data: Json, /) -> Json:
        where, id_ = _parts_of(stream)
        if where != "room" or id_ is None or kind not in meetings.COMMANDS:
            raise UnknownCommand(kind=kind[:40])
        return await self.rooms.do(actor, id_, kind=kind, key=key, data=data)

    @cached_property
    def rooms(self) -> meetings.Commands:
        """What is said in rooms, over sockets and over HTTP."""
        return meetings.Commands(self.db)

    @override
    async def floor(self, stream: str, /) -> Speaking:
        kind, id_ = _parts_of(stream)
        if kind != "room" or id_ is None:
            return Speaking()
        async with self.db.read() as view:
            return await voices.speaking(view, id_)

    @override
    async def readers(self, stream: str, document_id: UUID, /) -> frozenset[UUID]:
        kind, id_ = _parts_of(stream)
        if kind != "room" or id_ is None:
            return frozenset()
        async with self.db.read() as view:
            return await paper_queries.readers(view, id_, document_id)

    @override
    async def acked(self, actor: Actor, stream: str, seq: int, /) -> None:
        """Let no phone ring for what it has heard."""
        await messages.note_heard(self.db, actor, stream, seq)

    @override
    async def may_read(self, actor: Actor, text: str, /) -> bool:
        meeting_id = meeting_of(text)
        return meeting_id is not None and await minutes.may_read(self.db, actor, meeting_id)

    @override
    async def refusal(self, actor: Actor, text: str, /) -> AppError | None:
        return await minutes.refusal(self.db, actor, _minutes_of(text))

    @override
    def blank(self, text: str, /) -> SharedText:
        return SharedText(ROOT)

    @override
    async def catch_up(self, text: str, shared: SharedText, /) -> list[bytes]:
        return await minutes.catch_up(self.db, _minutes_of(text), shared)

    @override
    async def keep(self, text: str, shared: SharedText, written: Sequence[Written], /) -> Kept:
        return await minutes.keep(self.db, _minutes_of(text), shared, written)


def _minutes_of(text: str) -> UUID:
    meeting_id = meeting_of(text)
    if meeting_id is None:
        raise NotFound(text=text[:80])
    return meeting_id


@dataclass(frozen=True)
class TableAlbum(Album):
    """Pages of the tables of meetings, over the rooms' own sockets."""

    table: Table

    @override
    async def picture(self, actor: Actor, stream: str, wanted: Wanted, /) -> Picture:
        kind, id_ = _parts_of(stream)
        if kind != "room" or id_ is None:
            raise NotFound(stream=stream[:80])
        if wanted.width not in set(Width):
            raise Malformed(where="d.width")
        seen = await papers.open_page(
            self.table.office, actor, id_, wanted.document_id,
            page=wanted.page, width=wanted.width,
        )  # fmt: skip
        if wanted.have == seen.etag:
            return Picture(seen.etag, _JPEG, b"")
        data = [chunk async for chunk in await papers.bytes_of(self.table, seen)]
        return Picture(seen.etag, _JPEG, b"".join(data))


def _parts_of(stream: str) -> tuple[str, UUID | None]:
    kind, _, id_ = stream.partition(":")
    try:
        return kind, UUID(id_)
    except ValueError:
        return kind, None


async def _hears_user(_: Database, actor: Actor, official_id: UUID) -> bool:
    return official_id == actor.id


async def _hears_document(db: Database, actor: Actor, document_id: UUID) -> bool:
    async with db.read() as view:
        try:
            await documents.document(view, actor, document_id)
        except NotFound:
            return False
    return True


async def _hears_room(db: Database, actor: Actor, meeting_id: UUID) -> bool:
    async with db.read() as view:
        return await meeting_queries.may_hear(view, actor, meeting_id)


async def _show_user(db: Database, actor: Actor, official_id: UUID) -> Json:
    async with db.read() as view:
        return {"unread": await push.unread(view, official_id)} if official_id == actor.id else {}


async def _show_document(db: Database, actor: Actor, document_id: UUID) -> Json:
    async with db.read() as view:
        found = await documents.document(view, actor, document_id)
    return {"document_id": str(found.id), "state": found.state, "version": found.version}


_HEARING: dict[str, Callable[[Database, Actor, UUID], Awaitable[bool]]] = {
    "user": _hears_user,
    "document": _hears_document,
    "room": _hears_room,
}
_SNAPSHOTS: dict[str, Callable[[Database, Actor, UUID], Awaitable[Json]]] = {
    "user": _show_user,
    "document": _show_document,
    "room": meetings.snapshot,
}
