"""What a meeting allows: pure functions over plain values; the tables are the specification."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from api.meetings.errors import NoSuchPage, NotYourPart, WrongPeople, WrongState


class State(StrEnum):
    """Where a meeting stands."""

    DRAFT = "draft"
    INVITED = "invited"
    IN_SESSION = "in_session"
    RECESS = "recess"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can happen to a meeting."""

    INVITE = "invite"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    CANCEL = "cancel"


#    from               move         to
MOVES = {
    (State.DRAFT,      Move.INVITE): State.INVITED,
    (State.DRAFT,      Move.CANCEL): State.CANCELLED,
    (State.INVITED,    Move.OPEN):   State.IN_SESSION,
    (State.INVITED,    Move.CANCEL): State.CANCELLED,
    (State.IN_SESSION, Move.PAUSE):  State.RECESS,
    (State.IN_SESSION, Move.CLOSE):  State.CLOSED,
    (State.RECESS,     Move.RESUME): State.IN_SESSION,
    (State.RECESS,     Move.CLOSE):  State.CLOSED,
}  # fmt: skip

BEGIN = State.DRAFT
FINAL = frozenset(State) - {state for state, _ in MOVES}
#: While a meeting stands here its people hear its room.
HEARD = frozenset({State.INVITED, State.IN_SESSION, State.RECESS, State.CLOSED})


class Part(StrEnum):
    """What somebody is in a meeting (chủ trì, thư ký, thành viên, khách mời)."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    GUEST = "guest"


class Act(StrEnum):
    """What somebody may want to do in a meeting."""

    CHANGE_STATE = "change_state"
    CHANGE_TABLE = "change_table"
    TURN_PAGE = "turn_page"
    HAND_OVER = "hand_over"


#: Who may do what by their part; the presenter also turns pages and hands over.
RIGHTS = {
    Act.CHANGE_STATE: frozenset({Part.CHAIR, Part.SECRETARY}),
    Act.CHANGE_TABLE: frozenset({Part.CHAIR, Part.SECRETARY}),
    Act.TURN_PAGE: frozenset({Part.SECRETARY}),
    Act.HAND_OVER: frozenset({Part.CHAIR, Part.SECRETARY}),
}
PRESENTS = frozenset({Act.TURN_PAGE, Act.HAND_OVER})


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def must_be_in_session(state: State) -> None:
    """Refuse what only happens while the meeting runs."""
    if state is not State.IN_SESSION:
        raise WrongState(state=state, move="present")


def may(act: Act, part: Part, *, presents: bool) -> bool:
    """Say whether somebody may do something in a meeting."""
    return part in RIGHTS[act] or (presents and act in PRESENTS)


def must_be_allowed(act: Act, part: Part, *, presents: bool) -> None:
    """Refuse an act that neither part nor presenting allows."""
    if not may(act, part, presents=presents):
        raise NotYourPart(act=act)


def must_be_a_meeting(people: Collection[tuple[UUID, Part]]) -> None:
    """Refuse a meeting without exactly one chair and one secretary, or that names one twice."""
    parts = [part for _, part in people]
    named = {official_id for official_id, _ in people}
    alone = parts.count(Part.CHAIR) == parts.count(Part.SECRETARY) == 1
    if not alone or len(named) != len(people):
        raise WrongPeople


def must_have_page(page: int, pages: int) -> None:
    """Refuse a page that is not there; pages count from 0."""
    if not 0 <= page < pages:
        raise NoSuchPage(page=page, pages=pages)
