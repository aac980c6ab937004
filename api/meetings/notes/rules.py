"""Who may write and read which annotation: pure functions over plain values."""

from enum import StrEnum
from uuid import UUID

from api.meetings.rules import Act, Part, may


class Layer(StrEnum):
    """Whom an annotation is for (riêng, chung, góp ý chính thức)."""

    PRIVATE = "private"
    SHARED = "shared"
    OPINION = "opinion"


class Motivation(StrEnum):
    """Why something was annotated (Web Annotation Vocabulary)."""

    COMMENTING = "commenting"
    HIGHLIGHTING = "highlighting"
    EDITING = "editing"


#: What somebody must be allowed to do to write into a layer.
WRITES = {Layer.PRIVATE: Act.NOTE, Layer.SHARED: Act.NOTE_SHARED, Layer.OPINION: Act.GIVE_OPINION}


def may_see(layer: Layer, *, author: UUID, reader: UUID, part: Part, submitted: bool) -> bool:
    """Say whether somebody may read an annotation.

    Private ones are their author's alone, and so is an opinion before it is submitted: neither the
    chair nor anybody else is let in.
    """
    if reader == author:
        return True
    if layer is Layer.PRIVATE or (layer is Layer.OPINION and not submitted):
        return False
    return may(Act.NOTE_SHARED, part)
