"""The index follows the documents, fact by fact; and what is found is taken away."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from api.lookup import exporting, service
from api.lookup.exporting import Column, Format
from api.lookup.index.port import Index
from api.lookup.queries import Asked
from api.lookup.reading import read
from api.lookup.saved.queries import anybody_watches
from core.actor import Actor
from core.db import Database, Tx
from core.errors import Stale
from core.jobs import Job, enqueue_once
from core.worker import RunAgain

Progress = Callable[[int], None]
#: The job that holds what has become findable against the saved searches.
WATCH = "lookup.watch"
_SOON = timedelta(milliseconds=50)
_BATCH = 200


def _tell_nobody(_: int) -> None:
    """Work in silence."""


async def follow(db: Database, index: Index, payload: dict[str, Any]) -> None:
    """Index the document that a fact speaks of, as it stands now; saved searches come after it."""
    try:
        await _index(db, index, UUID(payload["body"]["document_id"]), payload)
    except Stale as changed:
        raise RunAgain(_SOON) from changed


async def _index(
    db: Database, index: Index, document_id: UUID, fact: dict[str, Any] | None = None
) -> None:
    async with db.read() as view:
        source = await service.source(view, document_id)

    reading = await asyncio.to_thread(read, source)

    async with db.begin() as tx:
        await service.keep(tx, index, source, reading)
        if fact is not None and await anybody_watches(tx, document_id):
            await _have_watched(tx, fact)


async def _have_watched(tx: Tx, fact: dict[str, Any]) -> None:
    job = Job(kind=WATCH, key=fact["fact"], payload=fact, next_at=tx.now, created_at=tx.now)
    await enqueue_once(tx.session, job)


async def catch_up(db: Database, index: Index) -> None:
    """Index what the index does not know, or knows as an older version read it."""
    await _index_all(db, index, only_outdated=True, progress=_tell_nobody)


async def rebuild(db: Database, index: Index, progress: Progress) -> int:
    """Read every document anew, one by one, while the search goes on."""
    return await _index_all(db, index, only_outdated=False, progress=progress)


async def documents_there_are(db: Database) -> int:
    """Return how many documents there are."""
    async with db.read() as view:
        return await service.count(view)


async def _index_all(db: Database, index: Index, *, only_outdated: bool, progress: Progress) -> int:
    done, after = 0, None
    while True:
        async with db.read() as view:
            ids = await service.ids_after(view, after, only_outdated=only_outdated, limit=_BATCH)
        if not ids:
            return done
        for document_id in ids:
            await _index_now(db, index, document_id)
            done += 1
            progress(done)
        after = ids[-1]


async def _index_now(db: Database, index: Index, document_id: UUID) -> None:
    """Index a document, again while others change it."""
    while True:
        try:
            return await _index(db, index, document_id)
        except Stale:
            await asyncio.sleep(0)


async def export(
    db: Database, index: Index, actor: Actor, asked: Asked, columns: Sequence[Column], form: Format
) -> bytes:
    """Return what answers as a table; that it was taken away is written down first."""
    async with db.read() as view:
        table = await exporting.rows(view, index, actor, asked, columns)
        mark = await exporting.mark(view, actor, table)
    async with db.begin() as tx:
        tx.audit(actor, "lookup.export", actor.id, rows=len(table) - 1, file=form.value)
    return await asyncio.to_thread(exporting.written, table, form, mark)
