"""What a push message may say in its sealed part: what its official may read at that moment.

Everything that the inbox tells by its subject alone is looked up under the official's own rights;
what may not be read now, or may not be spread yet, leaves no words at all.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from api.documents import queries as documents
from api.inbox.rules import sentence_of
from api.meetings import queries as meetings
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound
from core.messages import say
from push.composing import Words
from push.models import Notification

#: What a subject is called, and the path at which it is read.
_About = tuple[str, str]


async def words_of(view: ReadTx, actor: Actor, told: Notification) -> Words | None:
    """Return what a notification tells the actor now; nothing where its subject may not be read."""
    title = say(sentence_of(told.kind), "vi", gathers=told.gathers or 1)
    if told.subject is None:
        return Words(title, told.kind)
    kind, _, id_ = told.subject.partition(":")
    try:
        found = await _SUBJECTS[kind](view, actor, UUID(id_))
    except (KeyError, ValueError, NotFound):  # of no kind that is known here, or not to be read
        return None
    return Words(title, told.kind, *found) if found else None


async def _document(view: ReadTx, actor: Actor, document_id: UUID) -> _About | None:
    found = await documents.document(view, actor, document_id)
    return None if found.held else (found.title, f"/documents/{found.id}")


async def _meeting(view: ReadTx, actor: Actor, meeting_id: UUID) -> _About | None:
    found, _ = await meetings.meeting(view, actor, meeting_id)
    return found.title, f"/meetings/{found.id}"


_SUBJECTS: dict[str, Callable[[ReadTx, Actor, UUID], Awaitable[_About | None]]] = {
    "document": _document,
    "room": _meeting,
}
