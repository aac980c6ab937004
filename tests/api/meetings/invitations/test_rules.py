"""What may be answered to an invitation, decided on plain values."""

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from api.meetings.invitations.errors import WrongAnswer
from api.meetings.invitations.rules import (
    ANSWERED_IN,
    MAY_DELEGATE,
    REMINDERS,
    REPLIES,
    Answer,
    Reply,
    replied,
)
from api.meetings.rules import Part, State


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("reply", Reply)
def test_every_reply_is_taken_as_the_table_says_or_refused(answer: Answer, reply: Reply) -> None:
    if (answer, reply) in REPLIES:
        assert replied(answer, reply) is REPLIES[answer, reply]
    else:
        with pytest.raises(WrongAnswer) as refusal:
            replied(answer, reply)
        assert refusal.value.facts == {"answer": answer, "reply": reply}


class AnyInvitation(RuleBasedStateMachine):
    """Whatever is answered: a place is taken over only while it is offered."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = Answer.SENT
        self.before = Answer.SENT

    @rule(reply=st.sampled_from(Reply))
    def hear(self, reply: Reply) -> None:
        try:
            self.before, self.answer = self.answer, replied(self.answer, reply)
        except WrongAnswer:
            self.before = self.answer

    @invariant()
    def is_taken_over_only_when_offered(self) -> None:
        if self.answer is Answer.DELEGATED:
            assert self.before in {Answer.OFFERED, Answer.DELEGATED}


TestAnyInvitation = AnyInvitation.TestCase


def test_only_a_member_sends_somebody_else() -> None:
    assert {Part.MEMBER} == MAY_DELEGATE


def test_invitations_are_answered_until_the_meeting_begins() -> None:
    assert {State.INVITED, State.CHECKIN_OPEN, State.POSTPONED} == ANSWERED_IN


def test_people_are_reminded_a_day_and_a_quarter_of_an_hour_before() -> None:
    assert (timedelta(days=1), timedelta(minutes=15)) == REMINDERS
