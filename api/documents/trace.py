"""The one trace of a document: its stream of the event log, in sentences."""

from typing import Any
from uuid import UUID

from api.documents import queries
from api.documents.schemas import TraceLine, Who
from api.people import queries as people
from api.people.models import Official
from core import streams
from core.actor import Actor
from core.clock import VIETNAM
from core.db import ReadTx
from core.messages import Language, catalogue, say
from core.streams import Entry

_LONGEST = 10_000


async def of(view: ReadTx, actor: Actor, document_id: UUID) -> list[TraceLine]:
    """Return everything that happened to a document that the actor may read, oldest first."""
    await queries.document(view, actor, document_id)
    entries = await streams.read_after(view.session, f"document:{document_id}", 0, limit=_LONGEST)
    mentioned = {official for entry in entries for official in _ids(entry.body).values()}
    known = await people.names(view, list(mentioned))
    return [_line(entry, known) for entry in entries]


def _line(entry: Entry, known: dict[UUID, Official]) -> TraceLine:
    ids = _ids(entry.body)
    by = known.get(ids["by"]) if "by" in ids else None
    facts = {key: value for key, value in entry.body.items() if isinstance(value, str | int)}
    facts |= {key: known[one].full_name for key, one in ids.items() if one in known}
    return TraceLine(
        position=entry.seq,
        at=entry.at,
        at_in_vietnam=entry.at.astimezone(VIETNAM),
        name=entry.name,
        who=Who(id=by.id, full_name=by.full_name, position=by.position) if by else None,
        sentence_vi=_sentence(entry.name, "vi", facts),
        sentence_en=_sentence(entry.name, "en", facts),
    )


def _sentence(name: str, language: Language, facts: dict[str, str | int]) -> str:
    """Say what happened; a fact without a sentence of its own is told by its name."""
    code = f"trace.{name}"
    return say(code, language, **facts) if code in catalogue(language) else name


def _ids(body: dict[str, Any]) -> dict[str, UUID]:
    """Return the ids in a fact's body by their keys."""
    found = {}
    for key, value in body.items():
        if isinstance(value, str):
            try:
                found[key] = UUID(value)
            except ValueError:
                continue
    return found
