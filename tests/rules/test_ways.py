"""The ways through every state machine, as people would tell them; there are no others.

A way names states and the moves between them in turn: `draft submit submitted` reads "a draft that
is submitted is then submitted". Whatever a table holds is told by a way, and the other way round.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from api.documents import rules as documents
from api.meetings import rules as meetings
from api.meetings.floor import rules as floor
from api.meetings.invitations import rules as invitations
from api.meetings.papers import rules as papers
from api.meetings.votes import rules as votes
from api.people import acting
from api.signing import rules as signing
from api.signing.csc import rules as csc
from api.tasks import rules as tasks
from core import devices
from push import rules as push


class Told(NamedTuple):
    """A table of moves, and the ways through it."""

    table: Mapping[Any, Any]
    ways: str


#: While a task stands where it stands, what is done to it, and in which states.
STAYS: dict[str, str] = {
    "ask_extension": "accepted in_progress returned",
    "withdraw_extension": "accepted in_progress returned",
    "grant_extension": "accepted in_progress returned",
    "refuse_extension": "accepted in_progress returned",
    "evaluate": "completed",
    "remind": "assigned accepted in_progress returned",
    "warn": "assigned accepted in_progress returned",
    "miss": "assigned accepted in_progress returned declined",
    "escalate": "assigned accepted in_progress returned declined",
}

WAYS = {
    "a document": Told(documents.MOVES, """
        registered direct directed resolve resolved
        draft submit submitted sign signed number numbered seal sealed issue issued
        submitted return draft
    """),
    "a task, as its lead works and its assigner decides": Told(
        {key: to for key, to in tasks.MOVES.items() if key[1] not in STAYS}, """
        assigned accept accepted start in_progress report reported complete completed
        assigned decline declined reassign assigned reassign assigned
        accepted report reported return returned start in_progress
        in_progress suspend suspended resume in_progress
        returned report reported
        accepted reassign assigned
        in_progress reassign assigned
        returned reassign assigned
        assigned cancel cancelled
        accepted cancel cancelled
        in_progress cancel cancelled
        suspended cancel cancelled
        reported cancel cancelled
        returned cancel cancelled
        declined cancel cancelled
    """),
    "a coordinator's part": Told(tasks.PART_MOVES, """
        assigned accept accepted report reported
    """),
    "an extension": Told(tasks.EXTENSION_MOVES, """
        asked grant_extension granted
        asked refuse_extension refused
        asked withdraw_extension withdrawn
    """),
    "a signature": Told(signing.MOVES, """
        requested consent consented prepare prepared dispatch dispatched keep signed embed embedded
        prepared release signed
        requested initial initialled
        requested decline declined
        requested lapse expired
        consented miss unreachable
        consented fail failed
        prepared refuse refused
        prepared expire expired
        prepared miss unreachable
        prepared block blocked
        prepared fail failed
        prepared reject rejected
        dispatched refuse refused
        dispatched expire expired
        dispatched miss unreachable
        dispatched block blocked
        dispatched fail failed
        dispatched reject rejected
        requested supersede superseded
        consented supersede superseded
        prepared supersede superseded
        dispatched supersede superseded
        signed supersede superseded
    """),
    "an authorisation by another application": Told(csc.MOVES, """
        prompting allow authorised redeem redeemed
        prompting refuse refused
    """),
    "a delegation": Told(acting.MOVES, """
        proposed confirm in_force revoke revoked
        proposed revoke revoked
    """),
    "a device": Told(devices.MOVES, """
        pending approve approved revoke revoked
        pending revoke revoked
    """),
    "a message to a phone": Told(push.MOVES, """
        waiting send sent deliver delivered
        waiting suppress suppressed deliver delivered
        waiting lose_address gone deliver delivered
        waiting expire expired deliver delivered
        waiting give_up dead deliver delivered
        dead requeue waiting deliver delivered
    """),
    "a meeting": Told(meetings.MOVES, """
        draft approve approved invite invited check_in checkin_open open in_session close closed
        in_session pause recess resume in_session
        recess close closed
        closed write minutes_draft review minutes_review sign minutes_signed archive archived
        minutes_review return minutes_draft
        invited postpone postponed invite invited
        checkin_open postpone postponed
        draft cancel cancelled
        approved cancel cancelled
        invited cancel cancelled
        checkin_open cancel cancelled
        postponed cancel cancelled
    """),
    "a ballot without a meeting": Told(meetings.BALLOT_MOVES, """
        draft approve approved invite invited close closed
        closed write minutes_draft review minutes_review sign minutes_signed archive archived
        minutes_review return minutes_draft
        invited postpone postponed invite invited
        draft cancel cancelled
        approved cancel cancelled
        invited cancel cancelled
        postponed cancel cancelled
    """),
    "an invitation": Told(invitations.REPLIES, """
        sent see seen accept accepted decline declined accept accepted offer offered
        sent accept accepted
        sent decline declined
        sent offer offered
        seen decline declined offer offered
        seen offer offered take_over delegated recall seen
        offered refuse seen
        offered recall seen
    """),
    "an item of the agenda": Told(papers.ITEM_MOVES, """
        pending begin active conclude concluded
        pending defer deferred begin active defer deferred withdraw withdrawn
        pending withdraw withdrawn
    """),
    "a paper on the table": Told(papers.PAPER_MOVES, """
        staged publish published renew published withdraw withdrawn
        staged withdraw withdrawn
    """),
    "a request to speak": Told(floor.MOVES, """
        requested admit queued grant granted start speaking pause paused resume speaking end done
        speaking expire expired
        paused end done
        requested withdraw withdrawn
        queued withdraw withdrawn
        granted withdraw withdrawn
    """),
    "a vote": Told(votes.MOVES, """
        drafted open open close closed tally tallied publish published
        drafted annul annulled
        open annul annulled
        closed annul annulled
        tallied annul annulled
    """),
}  # fmt: skip


def steps(ways: str) -> Iterator[tuple[tuple[str, str], str]]:
    for way in ways.strip().splitlines():
        states, moves = way.split()[::2], way.split()[1::2]
        for (state, target), move in zip(pairwise(states), moves, strict=True):
            yield (state, move), target


@pytest.mark.parametrize("of", WAYS)
def test_there_are_just_the_ways_that_are_told(of: str) -> None:
    table, ways = WAYS[of]

    assert dict(steps(ways)) == table


@pytest.mark.parametrize("move", STAYS)
def test_some_moves_leave_a_task_where_it_stands(move: str) -> None:
    stays = {state: to for (state, made), to in tasks.MOVES.items() if made == move}

    assert stays == {state: state for state in STAYS[move].split()}
