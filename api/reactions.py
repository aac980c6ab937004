"""Which fact starts which work: one visible table.

The job is written in the transaction that emits the fact, so that a crash can lose neither.
"""

from uuid import UUID

from core.db import Tx
from core.events import Event

#: Name of the fact -> kinds of the jobs that it starts; each job gets `{"fact", "name", "body"}`.
REACTIONS: dict[str, tuple[str, ...]] = {
    "documents.returned": ("signing.supersede", "meetings.minutes_returned"),
    "documents.registered": ("lookup.index",),
    "documents.drafted": ("lookup.index",),
    "documents.text_read": ("lookup.index",),
    "documents.quarantined": (
        "lookup.index",
        "signing.end_withdrawn",
        "meetings.follow_quarantine",
    ),
    "documents.released": ("lookup.index", "signing.lengthen", "meetings.follow_quarantine"),
    "documents.numbered": ("lookup.index",),
    "documents.cosigned": ("signing.lengthen",),
    "documents.signed": ("signing.lengthen", "meetings.minutes_signed"),
    "documents.sealed": ("lookup.index", "signing.lengthen"),
    "documents.issued": ("lookup.index",),
    "documents.force_said": ("lookup.index",),
    # Whoever may read a document from now on may have looked for such.
    "documents.confirmed": ("lookup.watch",),
    "signing.requested": ("lookup.watch",),
    "tasks.assigned": ("lookup.watch",),
    "tasks.reassigned": ("lookup.watch",),
}


async def react(tx: Tx, happened: Event, fact_id: UUID) -> None:
    """Enqueue what the fact starts."""
    for kind in REACTIONS.get(happened.name, ()):
        body = happened.model_dump(mode="json")
        payload = {"fact": str(fact_id), "name": happened.name, "body": body}
        tx.enqueue(kind, str(fact_id), payload)
