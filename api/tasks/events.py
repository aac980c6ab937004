"""What tasks tell the rest of the system; each fact also stands on its document's stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class TaskEvent(Event):
    """Something happened to a task.

    Attributes:
        by: who did it.
        concerns: the assigner and everybody who works on it; each hears it on their own stream.
        rings: those of them whose phones ring.
    """

    task_id: UUID
    document_id: UUID
    by: UUID
    concerns: tuple[UUID, ...]
    rings: tuple[UUID, ...] = ()

    @override
    def topics(self) -> frozenset[str]:
        people = {f"user:{official_id}" for official_id in self.concerns}
        return frozenset({f"document:{self.document_id}", *people})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset(self.rings)


class TaskAssigned(TaskEvent):
    """A leader gave a task to its lead and coordinators."""

    name: ClassVar[str] = "tasks.assigned"


class TaskAccepted(TaskEvent):
    """The lead accepted."""

    name: ClassVar[str] = "tasks.accepted"


class TaskDeclined(TaskEvent):
    """The lead declined."""

    name: ClassVar[str] = "tasks.declined"


class TaskStarted(TaskEvent):
    """The lead began."""

    name: ClassVar[str] = "tasks.started"


class TaskReported(TaskEvent):
    """The lead reported the result."""

    name: ClassVar[str] = "tasks.reported"


class TaskReturned(TaskEvent):
    """The assigner sent the result back."""

    name: ClassVar[str] = "tasks.returned"


class TaskCompleted(TaskEvent):
    """The assigner took the result."""

    name: ClassVar[str] = "tasks.completed"


class TaskCancelled(TaskEvent):
    """The assigner withdrew the task."""

    name: ClassVar[str] = "tasks.cancelled"


class PartAccepted(TaskEvent):
    """A coordinator accepted."""

    name: ClassVar[str] = "tasks.part_accepted"


class PartReported(TaskEvent):
    """A coordinator reported."""

    name: ClassVar[str] = "tasks.part_reported"
