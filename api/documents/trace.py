"""The one trace of a document: the event log of it and of what is answered, in sentences."""

from collections.abc import Iterable, Iterator
from heapq import merge
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

_PREFIX = "document:"
_LONGEST = 10_000


async def of(view: ReadTx, actor: Actor, document_id: UUID) -> list[TraceLine]:
    """Return everything that happened to a document that the actor may read, oldest first.

    What it answers and what answers it belongs to it, as far as the actor may read that. Of one
    moment the answer's facts come first: its issue is what resolves the other.
    """
    traces = [
        await streams.read_after(view.session, _stream_of(one.id), 0, limit=_LONGEST)
        for one in await queries.exchange(view, actor, document_id)
    ]
    entries = list(_told_once(merge(*traces, key=lambda entry: entry.at)))
    mentioned = {official for entry in entries for official in _ids(entry.body).values()}
    known = await people.names(view, list(mentioned))
    return [_line(entry, known) for entry in entries]


def _stream_of(document_id: UUID) -> str:
    return f"{_PREFIX}{document_id}"


def _told_once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give each fact once, though it stand in the streams of several documents."""
    seen: set[UUID] = set()
    for entry in entries:
        if entry.id not in seen:
            seen.add(entry.id)
            yield entry


def _line(entry: Entry, known: dict[UUID, Official]) -> TraceLine:
    ids = _ids(entry.body)
    by = known.get(ids["by"]) if "by" in ids else None
    facts = {key: value for key, value in entry.body.items() if isinstance(value, str | int)}
    facts |= {key: known[one].full_name for key, one in ids.items() if one in known}
    return TraceLine(
        document_id=UUID(entry.stream.removeprefix(_PREFIX)),
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
