"""Every fact that a stream may carry, in one list, so that the public contract misses none."""

import inspect
from collections.abc import Iterator
from types import ModuleType

from api.documents import events as documents
from api.lookup.saved import events as saved_searches
from api.meetings import events as meetings
from api.meetings.attendance import events as attendance
from api.meetings.floor import events as floor
from api.meetings.invitations import events as invitations
from api.meetings.notes import events as notes
from api.meetings.papers import events as papers
from api.meetings.record import events as record
from api.meetings.recording import events as recording
from api.meetings.secrecy import events as secrecy
from api.meetings.votes import events as votes
from api.meetings.writing import events as writing
from api.people import events as people
from api.signing import events as signing
from api.signing.beside import events as beside
from api.signing.csc import events as csc
from api.signing.longterm import events as longterm
from api.signing.pins import events as pins
from api.tasks import events as tasks
from core.events import Event
from push import events as push


def _facts_of(module: ModuleType) -> Iterator[type[Event]]:
    for _, thing in inspect.getmembers(module, inspect.isclass):
        if issubclass(thing, Event) and "name" in vars(thing):
            yield thing


FACTS: tuple[type[Event], ...] = tuple(
    fact
    for module in (
        people,
        documents,
        signing,
        longterm,
        beside,
        pins,
        csc,
        tasks,
        meetings,
        invitations,
        papers,
        attendance,
        floor,
        votes,
        secrecy,
        record,
        writing,
        recording,
        notes,
        saved_searches,
        push,
    )
    for fact in _facts_of(module)
)
