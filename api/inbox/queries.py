"""A page of the inbox, as the phone gets it."""

from typing import Any

import orjson

from api.inbox import rules
from api.inbox.schemas import Place
from core.actor import Actor
from core.db import Database
from core.messages import say
from core.reads import Row
from push import queries as push


async def page(db: Database, actor: Actor, place: Place) -> bytes:
    """Return a page as the JSON of an `InboxOut`; a test holds its bytes against the schema."""
    unread, rows = await push.inbox(
        db, actor, push.Place(place.before, place.after), limit=place.limit,
        only_unread=place.unread,
    )  # fmt: skip
    found = {
        "items": [_item(row) for row in rows],
        "unread": unread,
        "next_before": rows[-1][0] if len(rows) == place.limit else None,
        "next_after": rows[0][0] if rows else place.after,
    }
    return orjson.dumps(found, option=orjson.OPT_UTC_Z)


def _item(row: Row) -> dict[str, Any]:
    (
        id_,
        kind,
        subject,
        delivery,
        urgency,
        gathers,
        gathered_in,
        on_behalf_of,
        created_at,
        read_at,
    ) = row
    code = rules.sentence_of(kind)
    return {
        "id": id_,
        "kind": kind,
        "title": say(code, "en", gathers=gathers or 1),
        "title_vi": say(code, "vi", gathers=gathers or 1),
        "subject": subject,
        "delivery": delivery,
        "urgency": urgency,
        "gathers": gathers,
        "gathered_in": gathered_in,
        "on_behalf_of": on_behalf_of,
        "created_at": created_at,
        "read_at": read_at,
    }
