"""How urgent a fact is: as urgent as the most urgent document that it is about."""

from uuid import UUID

from sqlmodel import col, select

from api.documents.models import Document
from core.db import ReadTx
from core.events import Event
from push.rules import Urgency

_DOCUMENT = "document:"
_RISING = list(Urgency)


async def urgency_of(view: ReadTx, happened: Event) -> Urgency:
    """Return the urgency of a fact; what is about no document is as usual."""
    topics = [topic for topic in happened.topics() if topic.startswith(_DOCUMENT)]
    if not topics:
        return Urgency.NORMAL
    ids = [UUID(topic.removeprefix(_DOCUMENT)) for topic in topics]
    stamped = select(Document.urgency).where(col(Document.id).in_(ids))
    found = [Urgency(one) for one in (await view.session.exec(stamped)).all()]
    return max(found, key=_RISING.index, default=Urgency.NORMAL)
