"""Facts: what happened, in the past tense, ready for the log."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

#: The stream that every process follows: who may no longer speak, or hear. No phone hears it.
DOOR = "door:everybody"


class Event(BaseModel):
    """One thing that has happened.

    `name` is the public contract: phones subscribe to it and it never changes. An event carries
    ids and small public facts, never a secret and never the content of a document.
    """

    model_config = ConfigDict(frozen=True)

    name: ClassVar[str]

    def topics(self) -> frozenset[str]:
        """Name the streams that hear of it: `document:<id>`, `user:<id>`, `room:<id>`."""
        return frozenset()

    def subject(self) -> str | None:
        """Name the stream where whoever is told reads on, if it does not hear of this itself."""
        return None

    def notifies(self) -> frozenset[UUID]:
        """Name the officials whose phones ring."""
        return frozenset()
