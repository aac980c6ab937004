"""What may be answered to an invitation; the table is the specification."""

from datetime import timedelta
from enum import StrEnum

from api.meetings.invitations.errors import WrongAnswer
from api.meetings.rules import Part, State


class Answer(StrEnum):
    """What became of an invitation."""

    SENT = "sent"
    SEEN = "seen"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OFFERED = "offered"
    DELEGATED = "delegated"


class Reply(StrEnum):
    """What can happen to an invitation."""

    SEE = "see"
    ACCEPT = "accept"
    DECLINE = "decline"
    OFFER = "offer"
    TAKE_OVER = "take_over"
    REFUSE = "refuse"
    RECALL = "recall"


#    from              reply            to
REPLIES = {
    (Answer.SENT,      Reply.SEE):       Answer.SEEN,
    (Answer.SENT,      Reply.ACCEPT):    Answer.ACCEPTED,
    (Answer.SENT,      Reply.DECLINE):   Answer.DECLINED,
    (Answer.SENT,      Reply.OFFER):     Answer.OFFERED,
    (Answer.SEEN,      Reply.ACCEPT):    Answer.ACCEPTED,
    (Answer.SEEN,      Reply.DECLINE):   Answer.DECLINED,
    (Answer.SEEN,      Reply.OFFER):     Answer.OFFERED,
    (Answer.ACCEPTED,  Reply.DECLINE):   Answer.DECLINED,
    (Answer.ACCEPTED,  Reply.OFFER):     Answer.OFFERED,
    (Answer.DECLINED,  Reply.ACCEPT):    Answer.ACCEPTED,
    (Answer.DECLINED,  Reply.OFFER):     Answer.OFFERED,
    (Answer.OFFERED,   Reply.TAKE_OVER): Answer.DELEGATED,
    (Answer.OFFERED,   Reply.REFUSE):    Answer.SEEN,
    (Answer.OFFERED,   Reply.RECALL):    Answer.SEEN,
    (Answer.DELEGATED, Reply.RECALL):    Answer.SEEN,
}  # fmt: skip

#: Who may send somebody else: one level deep, and never the two who run the meeting.
MAY_DELEGATE = frozenset({Part.MEMBER})
#: While a meeting stands here invitations may be answered.
ANSWERED_IN = frozenset({State.INVITED, State.CHECKIN_OPEN, State.POSTPONED})
#: How long before the beginning those are reminded who have not answered, and who come.
REMINDERS = (timedelta(days=1), timedelta(minutes=15))


def replied(answer: Answer, reply: Reply) -> Answer:
    """Return what an invitation becomes by a reply, or refuse the reply."""
    try:
        return REPLIES[answer, reply]
    except KeyError:
        raise WrongAnswer(answer=answer, reply=reply) from None
