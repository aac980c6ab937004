"""How long minutes may be, and who may be let write them: pure functions over plain values."""

from collections.abc import Collection, Mapping
from uuid import UUID

from api.meetings.rules import Act, Part, may
from api.meetings.writing.errors import TooLong, WrongWriters

#: What the text is called inside the Yjs document: `doc.getText('minutes')`.
ROOT = "minutes"
#: In characters that can be read, and in bytes with all that was ever deleted.
MOST_CHARACTERS, MOST_BYTES = 200_000, 2 * 1024 * 1024
#: So many updates are kept one by one; then they become one.
MOST_PIECES = 200


def name_of(meeting_id: UUID) -> str:
    """Return what the shared text of a meeting's minutes is called on sockets."""
    return f"{ROOT}:{meeting_id}"


def meeting_of(name: str) -> UUID | None:
    """Return the meeting whose minutes a shared text is, if it is any."""
    try:
        meeting_id = UUID(name.removeprefix(f"{ROOT}:"))
    except ValueError:
        return None
    return meeting_id if name_of(meeting_id) == name else None


def must_be_short(characters: int, size: int) -> None:
    """Refuse a text that is too long to be read, or too large to be kept."""
    if characters > MOST_CHARACTERS:
        raise TooLong(most=MOST_CHARACTERS)
    if size > MOST_BYTES:
        raise TooLong(most=MOST_BYTES)


def must_be_writers(chosen: Collection[UUID], parts: Mapping[UUID, Part]) -> None:
    """Refuse writers who take no part, or who do not read the minutes either."""
    if not all(one in parts and may(Act.NOTE_SHARED, parts[one]) for one in chosen):
        raise WrongWriters
