"""What tasks tell the rest of the system; each fact also stands on its document's stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class TaskEvent(Event):
    """Something happened to a task.

    Attributes:
        by: who did it; none where it was time itself.
        on_behalf_of: for whom, if that was a deputy.
        concerns: the assigner and everybody who works on it; each hears it on their own stream.
        rings: those of them whose phones ring.
    """

    task_id: UUID
    document_id: UUID
    by: UUID | None
    on_behalf_of: UUID | None = None
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


class TaskSuspended(TaskEvent):
    """The assigner suspended the task; its deadline's clock stands still."""

    name: ClassVar[str] = "tasks.suspended"


class TaskResumed(TaskEvent):
    """The assigner let the task go on; the deadline moved by the time it stood still."""

    name: ClassVar[str] = "tasks.resumed"


class TaskReassigned(TaskEvent):
    """The assigner gave the task to another lead."""

    name: ClassVar[str] = "tasks.reassigned"

    lead_id: UUID


class ExtensionAsked(TaskEvent):
    """The lead asked for a later deadline."""

    name: ClassVar[str] = "tasks.extension_asked"


class ExtensionWithdrawn(TaskEvent):
    """The lead needs no later deadline any more."""

    name: ClassVar[str] = "tasks.extension_withdrawn"


class ExtensionGranted(TaskEvent):
    """The assigner set a later deadline."""

    name: ClassVar[str] = "tasks.extension_granted"


class ExtensionRefused(TaskEvent):
    """The assigner leaves the deadline as it is."""

    name: ClassVar[str] = "tasks.extension_refused"


class TaskEvaluated(TaskEvent):
    """The assigner graded the work."""

    name: ClassVar[str] = "tasks.evaluated"


class TaskReminded(TaskEvent):
    """The assigner or a follower urged those who work on it."""

    name: ClassVar[str] = "tasks.reminded"


class TaskNearlyDue(TaskEvent):
    """The deadline is near."""

    name: ClassVar[str] = "tasks.nearly_due"


class TaskOverdue(TaskEvent):
    """The deadline has passed without a report."""

    name: ClassVar[str] = "tasks.overdue"


class TaskEscalated(TaskEvent):
    """The task is overdue still, and nobody has done anything: the assigner's deputy hears."""

    name: ClassVar[str] = "tasks.escalated"


class PartAccepted(TaskEvent):
    """A coordinator accepted."""

    name: ClassVar[str] = "tasks.part_accepted"


class PartReported(TaskEvent):
    """A coordinator reported."""

    name: ClassVar[str] = "tasks.part_reported"
