"""What a meeting allows: pure functions over plain values; the tables are the specification."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from api.meetings.errors import NoSuchPage, NotYourPart, WrongPeople, WrongState

#: Votes are counted in whole shares; one person's may not swallow everybody else's by mistake.
MOST_WEIGHT = 10_000
LONGEST = timedelta(days=30)


class State(StrEnum):
    """Where a meeting stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    INVITED = "invited"
    CHECKIN_OPEN = "checkin_open"
    IN_SESSION = "in_session"
    RECESS = "recess"
    CLOSED = "closed"
    MINUTES_DRAFT = "minutes_draft"
    MINUTES_REVIEW = "minutes_review"
    MINUTES_SIGNED = "minutes_signed"
    ARCHIVED = "archived"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What can happen to a meeting."""

    APPROVE = "approve"
    INVITE = "invite"
    CHECK_IN = "check_in"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    WRITE = "write"
    REVIEW = "review"
    RETURN = "return"
    SIGN = "sign"
    ARCHIVE = "archive"
    POSTPONE = "postpone"
    CANCEL = "cancel"


class Form(StrEnum):
    """How people come together (trực tiếp, trực tuyến, kết hợp, lấy ý kiến bằng phiếu)."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"
    BALLOT = "ballot"


#    from                   move           to
MOVES = {
    (State.DRAFT,          Move.APPROVE):  State.APPROVED,
    (State.DRAFT,          Move.CANCEL):   State.CANCELLED,
    (State.APPROVED,       Move.INVITE):   State.INVITED,
    (State.APPROVED,       Move.CANCEL):   State.CANCELLED,
    (State.INVITED,        Move.CHECK_IN): State.CHECKIN_OPEN,
    (State.INVITED,        Move.POSTPONE): State.POSTPONED,
    (State.INVITED,        Move.CANCEL):   State.CANCELLED,
    (State.CHECKIN_OPEN,   Move.OPEN):     State.IN_SESSION,
    (State.CHECKIN_OPEN,   Move.POSTPONE): State.POSTPONED,
    (State.CHECKIN_OPEN,   Move.CANCEL):   State.CANCELLED,
    (State.POSTPONED,      Move.INVITE):   State.INVITED,
    (State.POSTPONED,      Move.CANCEL):   State.CANCELLED,
    (State.IN_SESSION,     Move.PAUSE):    State.RECESS,
    (State.IN_SESSION,     Move.CLOSE):    State.CLOSED,
    (State.RECESS,         Move.RESUME):   State.IN_SESSION,
    (State.RECESS,         Move.CLOSE):    State.CLOSED,
    (State.CLOSED,         Move.WRITE):    State.MINUTES_DRAFT,
    (State.MINUTES_DRAFT,  Move.REVIEW):   State.MINUTES_REVIEW,
    (State.MINUTES_REVIEW, Move.RETURN):   State.MINUTES_DRAFT,
    (State.MINUTES_REVIEW, Move.SIGN):     State.MINUTES_SIGNED,
    (State.MINUTES_SIGNED, Move.ARCHIVE):  State.ARCHIVED,
}  # fmt: skip
#: A ballot without a meeting is never in session: it ends from where the ballots went out.
BALLOT_MOVES = {
    key: to for key, to in MOVES.items()
    if not {State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS} & {key[0], to}
} | {(State.INVITED, Move.CLOSE): State.CLOSED}  # fmt: skip
MOVES_OF = {form: BALLOT_MOVES if form is Form.BALLOT else MOVES for form in Form}

BEGIN = State.DRAFT
FINAL = frozenset(State) - {state for state, _ in MOVES}
#: While a meeting stands here only who prepares it knows of it.
IN_PREPARATION = frozenset({State.DRAFT, State.APPROVED})
#: While a meeting stands here its people hear its room.
HEARD = frozenset(State) - IN_PREPARATION - FINAL
#: While a meeting stands here people, agenda and table may still be changed.
OPEN_TO_CHANGE = IN_PREPARATION | {
    State.INVITED, State.CHECKIN_OPEN, State.IN_SESSION, State.RECESS, State.POSTPONED,
}  # fmt: skip
#: What a route of its own does, with more than a change of state.
OF_THE_RECORD = frozenset({Move.WRITE, Move.REVIEW, Move.RETURN, Move.SIGN, Move.ARCHIVE})


class Part(StrEnum):
    """What somebody is in a meeting (chủ trì, thư ký, thành viên, dự thay, khách mời)."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    DELEGATE = "delegate"
    GUEST = "guest"


#: Who may hold a vote of their own; a delegate casts the principal's.
VOTERS = frozenset({Part.CHAIR, Part.MEMBER})
PREPARES = frozenset({Part.CHAIR, Part.SECRETARY})


class Act(StrEnum):
    """What somebody may want to do in a meeting."""

    APPROVE = "approve"
    CHANGE_STATE = "change_state"
    CHANGE_AGENDA = "change_agenda"
    PROPOSE_PAPER = "propose_paper"
    CHANGE_TABLE = "change_table"
    TURN_PAGE = "turn_page"
    HAND_OVER = "hand_over"
    POINT = "point"
    ANSWER = "answer"
    CHECK_IN = "check_in"
    KEEP_ATTENDANCE = "keep_attendance"
    ASK_FLOOR = "ask_floor"
    RULE_FLOOR = "rule_floor"
    VOTE = "vote"
    CONDUCT_VOTE = "conduct_vote"
    RECORD = "record"
    HEAR_RECORDING = "hear_recording"
    NOTE = "note"
    NOTE_SHARED = "note_shared"
    GIVE_OPINION = "give_opinion"
    WRITE_MINUTES = "write_minutes"
    WRITE_TEXT = "write_text"
    REVIEW_MINUTES = "review_minutes"
    COMMENT_MINUTES = "comment_minutes"
    READ_LOG = "read_log"
    SEE = "see"


_CHAIR, _SECRETARY, _MEMBER = Part.CHAIR, Part.SECRETARY, Part.MEMBER
_DELEGATE, _GUEST = Part.DELEGATE, Part.GUEST
_LEAD = frozenset({_CHAIR, _SECRETARY})
_SEATED = frozenset({_CHAIR, _SECRETARY, _MEMBER, _DELEGATE})
#: Who may do what by their part. What further hangs on a mandate, an item or a moment, the rules
#: of that matter say.
RIGHTS = {
    Act.APPROVE:         frozenset({_CHAIR}),
    Act.CHANGE_STATE:    _LEAD,
    Act.CHANGE_AGENDA:   _LEAD,
    Act.PROPOSE_PAPER:   _LEAD,
    Act.CHANGE_TABLE:    _LEAD,
    Act.TURN_PAGE:       frozenset({_SECRETARY}),
    Act.HAND_OVER:       _LEAD,
    Act.POINT:           frozenset(),
    Act.ANSWER:          frozenset(Part),
    Act.CHECK_IN:        frozenset(Part),
    Act.KEEP_ATTENDANCE: _LEAD,
    Act.ASK_FLOOR:       frozenset(Part),
    Act.RULE_FLOOR:      _LEAD,
    Act.VOTE:            frozenset({_CHAIR, _MEMBER, _DELEGATE}),
    Act.CONDUCT_VOTE:    _LEAD,
    Act.RECORD:          frozenset({_CHAIR}),
    Act.HEAR_RECORDING:  _SEATED,
    Act.NOTE:            frozenset(Part),
    Act.NOTE_SHARED:     _SEATED,
    Act.GIVE_OPINION:    frozenset({_CHAIR, _MEMBER, _DELEGATE}),
    Act.WRITE_MINUTES:   frozenset({_SECRETARY}),
    Act.WRITE_TEXT:      frozenset({_SECRETARY}),
    Act.REVIEW_MINUTES:  frozenset({_CHAIR}),
    Act.COMMENT_MINUTES: frozenset({_CHAIR, _SECRETARY, _MEMBER}),
    Act.READ_LOG:        _LEAD,
    Act.SEE:             frozenset(Part),
}  # fmt: skip
#: What whoever presents may do as well: the one the presentation was handed to.
PRESENTS = frozenset({Act.TURN_PAGE, Act.HAND_OVER, Act.POINT})
#: What the reporter of an item may do for it.
REPORTS = frozenset({Act.PROPOSE_PAPER})
#: What those may do whom the secretary lets write the minutes.
WRITES = frozenset({Act.WRITE_TEXT})


def after(state: State, move: Move, form: Form = Form.IN_PERSON) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES_OF[form][state, move]
    except KeyError:
        raise WrongState(state=state, move=move) from None


def must_be_in_session(state: State) -> None:
    """Refuse what only happens while the meeting runs."""
    must_be_in(state, State.IN_SESSION, move="present")


def must_be_in(state: State, *allowed: State, move: str) -> None:
    """Refuse what does not happen while the meeting stands there."""
    if state not in allowed:
        raise WrongState(state=state, move=move)


def may(
    act: Act, part: Part, *, presents: bool = False, reports: bool = False, writes: bool = False
) -> bool:
    """Say whether somebody may do something in a meeting."""
    roles = ((presents, PRESENTS), (reports, REPORTS), (writes, WRITES))
    return part in RIGHTS[act] or any(has and act in acts for has, acts in roles)


def must_be_allowed(
    act: Act, part: Part, *, presents: bool = False, reports: bool = False, writes: bool = False
) -> None:
    """Refuse an act that neither part nor presenting, reporting or writing allows."""
    if not may(act, part, presents=presents, reports=reports, writes=writes):
        raise NotYourPart(act=act)


def must_be_a_meeting(people: Collection[tuple[UUID, Part]]) -> None:
    """Refuse a meeting without exactly one chair and one secretary, or that names one twice."""
    parts = [part for _, part in people]
    named = {official_id for official_id, _ in people}
    alone = parts.count(Part.CHAIR) == parts.count(Part.SECRETARY) == 1
    if not alone or len(named) != len(people) or Part.DELEGATE in parts:
        raise WrongPeople


def must_have_page(page: int, pages: int) -> None:
    """Refuse a page that is not there; pages count from 0."""
    if not 0 <= page < pages:
        raise NoSuchPage(page=page, pages=pages)
