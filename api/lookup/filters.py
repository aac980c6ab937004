"""What a search is narrowed to; every filter is part of the selects, beside the rights."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from api.documents.models import Document, DocumentReader
from api.documents.rules import NOTED, Direction, State, Urgency, Validity
from api.lookup.analysis.agencies import names_of
from api.meetings.models import Participant, TableDocument
from api.tasks.models import Task, TaskPart
from api.tasks.rules import Part
from core.actor import Actor


class Mine(StrEnum):
    """What the official has to do with a document."""

    DRAFTED = "drafted"
    TO_SIGN = "to_sign"
    PRESENTED = "presented"
    LEADING = "leading"
    COORDINATING = "coordinating"
    LET = "let"


class Sort(StrEnum):
    """In what order results come."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a search is narrowed to; nothing where none is set."""

    direction: Direction | None = None
    state: State | None = None
    urgency: Urgency | None = None
    type_code: str | None = None
    issuer: str | None = None
    number: int | None = None
    signer_id: UUID | None = None
    signer: str | None = None
    validity: Validity | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    task_id: UUID | None = None
    meeting_id: UUID | None = None
    mine: Mine | None = None

    @property
    def are_set(self) -> bool:
        """Say whether anything is narrowed."""
        return any(getattr(self, one.name) is not None for one in fields(self))

    @property
    def depend_on_who_asks(self) -> bool:
        """Say whether there is anything in `of_others`."""
        return any(one is not None for one in (self.task_id, self.meeting_id, self.mine))

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Filters":
        """Read what was written down."""
        return _SHAPE.validate_python(stored)

    def written(self) -> dict[str, Any]:
        """Write down what is set, as JSON takes it."""
        written: dict[str, Any] = _SHAPE.dump_python(self, mode="json", exclude_none=True)
        return written

    def admits(self, document: Document, today: date) -> bool:
        """Say whether a document fulfils what does not depend on who asks; see `conditions`."""
        alike = all(getattr(self, name) in {None, getattr(document, name)} for name in EQUALS)
        issued = self.issuer is None or document.issuer in names_of(self.issuer)
        holds = self.validity is None or document.force.on(today) is self.validity
        return alike and issued and holds and self._dates_admit(document.issued_on)

    def _dates_admit(self, day: date | None) -> bool:
        since = self.issued_from is None or (day is not None and day >= self.issued_from)
        until = self.issued_to is None or (day is not None and day <= self.issued_to)
        return since and until

    def conditions(self, actor: Actor, today: date) -> list[ColumnElement[bool]]:
        """Return what a document must fulfil."""
        found = [
            col(getattr(Document, name)) == value
            for name in EQUALS
            if (value := getattr(self, name)) is not None
        ]
        if self.issuer is not None:
            found.append(col(Document.issuer).in_(names_of(self.issuer)))
        if self.validity is not None:
            found.append(_holds(self.validity, today))
        if self.issued_from:
            found.append(col(Document.issued_on) >= self.issued_from)
        if self.issued_to:
            found.append(col(Document.issued_on) <= self.issued_to)
        return found + self.of_others(actor)

    def of_others(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Return what tasks, meetings and readers say; a foreign task or meeting holds nothing."""
        found: list[ColumnElement[bool]] = []
        if self.task_id:
            found.append(col(Document.id).in_(_of_task(self.task_id, actor)))
        if self.meeting_id:
            found.append(col(Document.id).in_(_of_meeting(self.meeting_id, actor)))
        if self.mine:
            found.append(_MINE[self.mine](actor))
        return found


_SHAPE = TypeAdapter(Filters)
#: Filters that a document's own field of that name must equal.
EQUALS = ("direction", "state", "urgency", "type_code", "number", "signer_id", "signer")


def _holds(validity: Validity, today: date) -> ColumnElement[bool]:
    """Return the condition under which a document is of a validity; `Force.on` says the same."""
    since, until = col(Document.in_force_from), col(Document.in_force_until)
    noted = col(Document.force_noted)
    is_open = or_(until.is_(None), until > today)
    has_begun = or_(since.is_(None), since <= today)
    if validity is Validity.ENDED:
        return until <= today
    if validity is Validity.NOT_YET:
        return and_(is_open, since > today)
    if validity in NOTED:
        return and_(is_open, has_begun, noted == validity)
    said = or_(since.is_not(None), until.is_not(None))
    return and_(is_open, has_begun, noted.is_(None), said)


def _of_task(task_id: UUID, actor: Actor) -> SelectOfScalar[UUID]:
    working = select(TaskPart.task_id).where(TaskPart.official_id == actor.id)
    return select(Task.document_id).where(
        Task.id == task_id,
        Task.agency_id == actor.agency_id,
        or_(Task.assigner_id == actor.id, col(Task.id).in_(working)),
    )


def _of_meeting(meeting_id: UUID, actor: Actor) -> SelectOfScalar[UUID]:
    invited = select(Participant.meeting_id).where(Participant.official_id == actor.id)
    return select(TableDocument.document_id).where(
        TableDocument.meeting_id == meeting_id, col(TableDocument.meeting_id).in_(invited)
    )


def _worked_on(actor: Actor, part: Part) -> ColumnElement[bool]:
    theirs = (
        select(Task.document_id)
        .join(TaskPart, col(TaskPart.task_id) == col(Task.id))
        .where(TaskPart.official_id == actor.id, TaskPart.part == part)
    )
    return col(Document.id).in_(theirs)


def _let(actor: Actor, *reasons: str) -> ColumnElement[bool]:
    readers = select(DocumentReader.document_id).where(DocumentReader.official_id == actor.id)
    if reasons:
        readers = readers.where(col(DocumentReader.reason).in_(reasons))
    return col(Document.id).in_(readers)


_MINE: dict[Mine, Callable[[Actor], ColumnElement[bool]]] = {
    Mine.DRAFTED: lambda actor: col(Document.drafted_by) == actor.id,
    Mine.TO_SIGN: lambda actor: col(Document.signer_id) == actor.id,
    Mine.PRESENTED: lambda actor: _let(actor, "presented"),
    Mine.LEADING: lambda actor: _worked_on(actor, Part.LEAD),
    Mine.COORDINATING: lambda actor: _worked_on(actor, Part.COORDINATOR),
    Mine.LET: _let,
}
