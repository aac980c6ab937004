"""What a search is narrowed to; every filter is part of the selects, beside the rights."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from api.documents.models import Document, DocumentReader
from api.documents.rules import Direction, State, Urgency
from api.meetings.models import Participant, TableDocument
from api.tasks.models import Task, TaskPart
from core.actor import Actor


class Mine(StrEnum):
    """What the official has to do with a document."""

    DRAFTED = "drafted"
    TO_SIGN = "to_sign"
    PRESENTED = "presented"
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
    issued_from: date | None = None
    issued_to: date | None = None
    task_id: UUID | None = None
    meeting_id: UUID | None = None
    mine: Mine | None = None

    @property
    def are_set(self) -> bool:
        """Say whether anything is narrowed."""
        return any(getattr(self, one.name) is not None for one in fields(self))

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Return what a document must fulfil."""
        found = [
            col(getattr(Document, name)) == value
            for name in _EQUALS
            if (value := getattr(self, name)) is not None
        ]
        if self.issued_from:
            found.append(col(Document.issued_on) >= self.issued_from)
        if self.issued_to:
            found.append(col(Document.issued_on) <= self.issued_to)
        return found + self._of_others(actor)

    def _of_others(self, actor: Actor) -> list[ColumnElement[bool]]:
        """Return what tasks, meetings and readers say; a foreign task or meeting holds nothing."""
        found: list[ColumnElement[bool]] = []
        if self.task_id:
            found.append(col(Document.id).in_(_of_task(self.task_id, actor)))
        if self.meeting_id:
            found.append(col(Document.id).in_(_of_meeting(self.meeting_id, actor)))
        if self.mine:
            found.append(_MINE[self.mine](actor))
        return found


_EQUALS = ("direction", "state", "urgency", "type_code", "issuer", "number", "signer_id")


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


def _let(actor: Actor, *reasons: str) -> ColumnElement[bool]:
    readers = select(DocumentReader.document_id).where(DocumentReader.official_id == actor.id)
    if reasons:
        readers = readers.where(col(DocumentReader.reason).in_(reasons))
    return col(Document.id).in_(readers)


_MINE: dict[Mine, Callable[[Actor], ColumnElement[bool]]] = {
    Mine.DRAFTED: lambda actor: col(Document.drafted_by) == actor.id,
    Mine.TO_SIGN: lambda actor: col(Document.signer_id) == actor.id,
    Mine.PRESENTED: lambda actor: _let(actor, "presented"),
    Mine.LET: _let,
}
