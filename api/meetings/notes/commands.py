"""What phones do about annotations over the room's socket."""

from uuid import UUID

from api.meetings.commands import Command, Json
from api.meetings.notes import service
from api.meetings.notes.models import Annotation
from api.meetings.notes.schemas import OneNote, PutNote
from core.actor import Actor
from core.db import Tx


async def _put(tx: Tx, actor: Actor, meeting_id: UUID, said: PutNote) -> Json:
    return _told(await service.put(tx, actor, meeting_id, said))


async def _drop(tx: Tx, actor: Actor, meeting_id: UUID, said: OneNote) -> Json:
    return _told(await service.drop(tx, actor, meeting_id, said.note_id))


async def _submit(tx: Tx, actor: Actor, meeting_id: UUID, said: OneNote) -> Json:
    return _told(await service.submit(tx, actor, meeting_id, said.note_id))


def _told(note: Annotation) -> Json:
    return {"id": str(note.id), "version": note.version}


COMMANDS = {
    "note.put": Command(PutNote, _put),
    "note.drop": Command(OneNote, _drop),
    "note.submit": Command(OneNote, _submit),
}
