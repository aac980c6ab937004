"""What push tells: ids only, on the official's own stream."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event
from push.rules import Delivery, Urgency


class Notified(Event):
    """Something new stands in the inbox; unless it is muted, one more is unread.

    Attributes:
        on_behalf_of: for whom the official acts, if those did not confirm it.
    """

    name: ClassVar[str] = "inbox.notified"

    notification_id: UUID
    official_id: UUID
    kind: str
    delivery: Delivery = Delivery.PUSH
    urgency: Urgency = Urgency.NORMAL
    on_behalf_of: UUID | None = None

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})


class Marked(Event):
    """An official read something, everything up to a notification, or put one back.

    Attributes:
        notification_id: the one; none means everything, up to `up_to` if that is given.
        change: what it changes of the count of the unread.
    """

    name: ClassVar[str] = "inbox.marked"

    official_id: UUID
    notification_id: UUID | None = None
    up_to: UUID | None = None
    read: bool
    change: int

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})
