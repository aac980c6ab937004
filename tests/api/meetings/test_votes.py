"""Votes: frozen electorate, one ballot for each mandate, and a result that anybody can recount."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api import background
from api.meetings import flows, showing
from api.meetings import service as meetings
from api.meetings.attendance import service as attendance
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.invitations import service as invitations
from api.meetings.invitations.rules import Reply
from api.meetings.plans import Invitee, Plan, Schedule
from api.meetings.rules import Form, Part
from api.meetings.rules import Move as MeetingMove
from api.meetings.seats import seat
from api.meetings.secrecy.errors import WrongSecrecy
from api.meetings.votes import casting, service
from api.meetings.votes import showing as shown
from api.meetings.votes.errors import (
    AlreadyCast,
    NoMandate,
    NoSuchChoice,
    VoteStillOpen,
    WrongVoteState,
)
from api.meetings.votes.models import Vote, VoteBallot, VoteMandate
from api.meetings.votes.rules import (
    MOVES,
    Ballot,
    Base,
    Electorate,
    Kind,
    Mark,
    Move,
    Question,
    Rule,
    State,
    after,
    digest_of,
    tally,
)
from api.wiring import Engines
from core import streams
from core.db import Database
from core.errors import AppError
from core.ids import new_id
from core.worker import Worker
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.ministry import Ministry, Person

YES, NO, ABSTAIN = range(3)
SIMPLE = Rule(abstention=ABSTAIN)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_move_is_made_as_the_table_says_or_refused(state: State, move: Move) -> None:
    if (state, move) in MOVES:
        assert after(state, move) is MOVES[state, move]
    else:
        with pytest.raises(WrongVoteState):
            after(state, move)


RULES = st.builds(
    Rule,
    quorum_percent=st.integers(0, 100),
    base=st.sampled_from(Base),
    numerator=st.integers(1, 3),
    denominator=st.integers(3, 5),
    more_than=st.booleans(),
    weighted=st.booleans(),
    abstention=st.sampled_from([None, ABSTAIN]),
)
BALLOTS = st.lists(st.builds(Ballot, st.uuids(), st.integers(0, 2), st.integers(1, 9)), max_size=12)


@given(
    ballots=BALLOTS, rule=RULES, absent=st.integers(0, 5), silent=st.integers(0, 5),
    by_ballot=st.booleans(),
)  # fmt: skip
def test_a_result_is_what_a_naive_recount_of_the_list_gives(
    ballots: Sequence[Ballot], rule: Rule, absent: int, silent: int, *, by_ballot: bool
) -> None:
    present = len(ballots) + silent
    cast = sum(one.weight for one in ballots)
    frozen = Electorate(present + absent, present, cast + silent + absent, cast + silent)

    result = tally(ballots, 3, frozen, rule, by_ballot=by_ballot)

    worth = [(one.choice, one.weight if rule.weighted else 1) for one in ballots]
    counts = [sum(worth_ for choice, worth_ in worth if choice == one) for one in range(3)]
    whole = {
        Base.FOR_AND_AGAINST: sum(counts) - (counts[ABSTAIN] if rule.abstention else 0),
        Base.CAST: sum(counts),
        Base.PRESENT: frozen.weight_present if rule.weighted else frozen.present,
        Base.ENTITLED: frozen.weight_entitled if rule.weighted else frozen.entitled,
    }[rule.base]
    took_part = len(ballots) if by_ballot else present
    met = frozen.entitled > 0 and 100 * took_part >= rule.quorum_percent * frozen.entitled
    needed = Fraction(rule.numerator, rule.denominator) * whole
    winners = [
        one for one in range(3)
        if one != rule.abstention and counts[one]
        and (counts[one] > needed if rule.more_than else counts[one] >= needed)
    ]  # fmt: skip
    assert (list(result.counts), result.base, result.quorum_met) == (counts, whole, met)
    assert result.adopted == (winners[0] if met and len(winners) == 1 else None)


@given(st.lists(st.builds(Ballot, st.uuids(), st.integers(0, 2), st.integers(1, 9)), min_size=1,
                unique_by=lambda one: one.mandate_id),
       st.randoms(), RULES)  # fmt: skip
def test_a_digest_tells_every_change_of_the_list_and_no_change_of_its_order(
    ballots: list[Ballot], chance: Any, rule: Rule
) -> None:
    frozen = Electorate(20, 15, 99, 90)
    digest = digest_of(ballots, frozen, rule)
    mixed = ballots[:]
    chance.shuffle(mixed)

    assert digest_of(mixed, frozen, rule) == digest
    changed = replace(ballots[0], choice=(ballots[0].choice + 1) % 3)
    for other in (ballots[1:], [*ballots, Ballot(new_id(), YES, 1)], [changed, *ballots[1:]]):
        assert digest_of(other, frozen, rule) != digest
    assert digest_of(ballots, replace(frozen, present=14), rule) != digest


async def meeting_of(db: Database, ministry: Ministry, form: Form = Form.ONLINE) -> UUID:
    """The chair votes with 3, the officer and the colleague with 1; all but they only watch."""
    meeting_id, secretary = new_id(), ministry.secretary.actor
    people = [
        Invitee(ministry.leader.id, Part.CHAIR, votes=True, weight=3),
        Invitee(ministry.secretary.id, Part.SECRETARY, votes=True),
        Invitee(ministry.officer.id),
        Invitee(ministry.colleague.id),
        Invitee(ministry.administrator.id, Part.GUEST, votes=True),
    ]
    async with db.begin() as tx:
        planned = Plan("Biểu quyết", tx.now, people, form=form)
        await meetings.plan(tx, secretary, meeting_id, planned)
        await meetings.advance(tx, ministry.leader.actor, meeting_id, MeetingMove.APPROVE)
        await meetings.advance(tx, secretary, meeting_id, MeetingMove.INVITE)
    return meeting_id


async def in_session(db: Database, ministry: Ministry, *here: Person) -> UUID:
    meeting_id = await meeting_of(db, ministry)
    await begin(db, ministry, meeting_id, *here)
    return meeting_id


async def begin(db: Database, ministry: Ministry, meeting_id: UUID, *here: Person) -> None:
    async with db.begin() as tx:
        for move in (MeetingMove.CHECK_IN, MeetingMove.OPEN):
            await meetings.advance(tx, ministry.secretary.actor, meeting_id, move)
        for person in here:
            await attendance.check_in(tx, person.actor, meeting_id, None)


async def opened(
    db: Database, ministry: Ministry, meeting_id: UUID, rule: Rule = SIMPLE, **more: Any
) -> UUID:
    question = Question("Thông qua quy chế?", ("Có", "Không", "Ý kiến khác"), rule, **more)
    async with db.begin() as tx:
        vote = await service.draft(tx, ministry.secretary.actor, meeting_id, question)
    async with db.begin() as tx:
        await service.open_vote(tx, ministry.leader.actor, meeting_id, vote.id)
    return vote.id


async def cast(
    db: Database, person: Person, meeting_id: UUID, vote_id: UUID, mark: Mark | int
) -> VoteBallot:
    told = mark if isinstance(mark, Mark) else Mark(mark)
    async with db.begin() as tx:
        return await casting.cast(tx, person.actor, meeting_id, vote_id, told)


async def closed(db: Database, ministry: Ministry, meeting_id: UUID, vote_id: UUID) -> Any:
    for do in (service.close_vote, service.publish):
        async with db.begin() as tx:
            await do(tx, ministry.secretary.actor, meeting_id, vote_id)
    async with db.read() as view:
        mine = await seat(view, ministry.officer.actor, meeting_id)
        return await shown.published(view, mine, vote_id)


async def test_a_vote_is_counted_by_weight_and_recounted_from_its_list(
    db: Database, ministry: Ministry
) -> None:
    here = (ministry.leader, ministry.officer, ministry.colleague)
    meeting_id = await in_session(db, ministry, *here)
    vote_id = await opened(db, ministry, meeting_id, replace(SIMPLE, weighted=True))
    for person, choice in zip(here, (YES, NO, NO), strict=True):
        await cast(db, person, meeting_id, vote_id, choice)

    told = await closed(db, ministry, meeting_id, vote_id)

    assert told.result["counts"] == [3, 2, 0]
    assert (told.result["adopted"], told.result["base"]) == (YES, 5)
    ballots = [Ballot(one.mandate_id, one.choice, one.weight) for one in told.ballots]
    rule = Rule(**(told.rule | {"base": Base(told.rule["base"])}))
    frozen = Electorate(**told.electorate)
    assert list(tally(ballots, 3, frozen, rule, by_ballot=False).counts) == told.result["counts"]
    assert digest_of(ballots, frozen, rule) == told.digest
    assert {one.official_id for one in told.ballots} == {one.id for one in here}


async def test_who_was_not_there_at_the_opening_has_no_mandate_and_who_leaves_keeps_theirs(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await in_session(db, ministry, ministry.leader, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    async with db.begin() as tx:
        await attendance.check_in(tx, ministry.colleague.actor, meeting_id, None)
        await attendance.leave(tx, ministry.officer.actor, meeting_id)

    with pytest.raises(NoMandate):
        await cast(db, ministry.colleague, meeting_id, vote_id, YES)
    await cast(db, ministry.officer, meeting_id, vote_id, NO)

    told = await closed(db, ministry, meeting_id, vote_id)
    assert told.electorate == {
        "entitled": 3, "present": 2, "weight_entitled": 5, "weight_present": 4,
    }  # fmt: skip
    for watcher in (ministry.secretary, ministry.administrator):
        with pytest.raises(NotYourPart):
            await cast(db, watcher, meeting_id, vote_id, YES)


async def test_the_same_ballot_again_is_the_same_and_another_is_refused(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await in_session(db, ministry, ministry.leader, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    first = await cast(db, ministry.officer, meeting_id, vote_id, YES)

    again = await cast(db, ministry.officer, meeting_id, vote_id, YES)
    for other in (NO, Mark(YES, words="thêm lời")):
        with pytest.raises(AlreadyCast):
            await cast(db, ministry.officer, meeting_id, vote_id, other)
    with pytest.raises(NoSuchChoice):
        await cast(db, ministry.leader, meeting_id, vote_id, 3)

    assert again.model_dump() == first.model_dump()
    assert len(await rows(db, VoteBallot)) == 1


async def test_ballots_cast_at_once_count_once(db: Database, ministry: Ministry) -> None:
    here = (ministry.leader, ministry.officer, ministry.colleague)
    meeting_id = await in_session(db, ministry, *here)
    vote_id = await opened(db, ministry, meeting_id)

    async def try_to(person: Person, choice: int) -> None:
        with suppress(AppError, DBAPIError):
            await cast(db, person, meeting_id, vote_id, choice)

    await asyncio.gather(*(try_to(one, choice) for one in here for choice in (YES, NO, YES)))

    told = await closed(db, ministry, meeting_id, vote_id)
    assert len(told.ballots) == sum(told.result["counts"]) == 3


async def test_a_delegate_casts_the_principals_ballot_and_the_first_of_them_has_voted(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await meeting_of(db, ministry)
    async with db.begin() as tx:
        await invitations.delegate(tx, ministry.officer.actor, meeting_id, ministry.clerk.id)
    async with db.begin() as tx:
        await invitations.answer(tx, ministry.clerk.actor, meeting_id, Reply.ACCEPT)
    await begin(db, ministry, meeting_id, ministry.leader, ministry.clerk, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    theirs = Mark(NO, principal_id=ministry.officer.id)
    with pytest.raises(NoMandate):
        await cast(db, ministry.clerk, meeting_id, vote_id, YES)

    await cast(db, ministry.clerk, meeting_id, vote_id, theirs)

    with pytest.raises(AlreadyCast):
        await cast(db, ministry.officer, meeting_id, vote_id, NO)
    (line,) = (await closed(db, ministry, meeting_id, vote_id)).ballots
    assert (line.official_id, line.cast_by) == (ministry.officer.id, ministry.clerk.id)


async def test_nobody_learns_how_a_vote_stands_before_it_is_published(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await in_session(db, ministry, ministry.leader, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    await cast(db, ministry.officer, meeting_id, vote_id, YES)

    async def told() -> tuple[Any, Any]:
        async with db.read() as view:
            (vote,) = (await showing.whole(view, ministry.leader.actor, meeting_id)).votes
            mine = await seat(view, ministry.leader.actor, meeting_id)
            with pytest.raises(WrongVoteState):
                await shown.published(view, mine, vote_id)
        return vote.result, vote.digest

    assert await told() == (None, None)
    async with db.begin() as tx:
        await service.close_vote(tx, ministry.leader.actor, meeting_id, vote_id)
    assert await told() == (None, None)
    async with db.read() as view:
        said = await streams.read_after(view.session, f"room:{meeting_id}", 0)
    spoken = {key for one in said for key in one.body if one.name.startswith("meeting.vote_")}
    assert spoken == {"meeting_id", "by", "vote_id", "mandates", "closes_at", "told", "cast"}


async def test_a_vote_without_quorum_adopts_nothing(db: Database, ministry: Ministry) -> None:
    meeting_id = await in_session(db, ministry, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    await cast(db, ministry.officer, meeting_id, vote_id, YES)

    result = (await closed(db, ministry, meeting_id, vote_id)).result

    assert (result["quorum_met"], result["adopted"]) == (False, None)


async def test_votes_open_only_in_session_and_a_meeting_ends_only_without_open_ones(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await meeting_of(db, ministry)
    with pytest.raises(WrongState):
        await opened(db, ministry, meeting_id)
    with pytest.raises(WrongSecrecy):
        await opened(db, ministry, meeting_id, kind=Kind.SECRET)
    await begin(db, ministry, meeting_id, ministry.leader)
    vote_id = await opened(db, ministry, meeting_id)
    close = MeetingMove.CLOSE
    with pytest.raises(VoteStillOpen):
        async with db.begin() as tx:
            await meetings.advance(tx, ministry.leader.actor, meeting_id, close)

    async with db.begin() as tx:
        await service.annul(tx, ministry.leader.actor, meeting_id, vote_id)
    with pytest.raises(WrongVoteState):
        await cast(db, ministry.leader, meeting_id, vote_id, YES)
    async with db.begin() as tx:
        await meetings.advance(tx, ministry.leader.actor, meeting_id, close)


async def test_opinions_are_collected_in_writing_until_the_day_that_was_set(
    db: Database, ministry: Ministry, engines: Engines, clock: Clock
) -> None:
    meeting_id = await meeting_of(db, ministry, Form.BALLOT)
    until = clock() + timedelta(days=3)
    vote_id = await opened(db, ministry, meeting_id, closes_at=until)
    said = {"vote_id": str(vote_id), "choice": YES, "words": "Nhất trí, bổ sung phụ lục"}
    await flows.command(
        db, ministry.officer.actor, meeting_id, kind="vote.cast", key=new_id(), data=said
    )
    await cast(db, ministry.colleague, meeting_id, vote_id, YES)
    clock.tick(timedelta(days=3))
    with pytest.raises(WrongVoteState):
        await cast(db, ministry.leader, meeting_id, vote_id, NO)

    await Worker(db, background.handlers(engines)).run_due()

    (vote,) = await rows(db, Vote)
    result = vote.result or {}
    assert (vote.state, result["counts"], result["quorum_met"]) == (State.TALLIED, [2, 0, 0], True)
    words = {one.words for one in await rows(db, VoteBallot)}
    assert words == {None, "Nhất trí, bổ sung phụ lục"}
    async with db.begin() as tx:
        await meetings.advance(tx, ministry.leader.actor, meeting_id, MeetingMove.CLOSE)


async def test_no_ballot_and_no_mandate_can_be_changed_in_the_database(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await in_session(db, ministry, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    await cast(db, ministry.officer, meeting_id, vote_id, YES)

    for change in (
        "UPDATE vote_ballot SET choice = 1", "DELETE FROM vote_ballot",
        "UPDATE vote_mandate SET weight = 9", "DELETE FROM vote_mandate",
    ):  # fmt: skip
        with pytest.raises(DBAPIError):
            async with db.begin() as tx:
                await (await tx.session.connection()).execute(text(change))
    assert [one.weight for one in await rows(db, VoteMandate)] == [1]


WHO = st.sampled_from(["leader", "officer", "colleague", "secretary", "administrator", "stranger"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cast"), WHO, st.integers(0, 2)),
        st.tuples(st.just("come"), WHO, st.just(0)),
        st.tuples(st.just("go"), WHO, st.just(0)),
        st.tuples(st.just("move"), WHO, st.just(0)),
        st.tuples(st.just("remove"), WHO, st.just(0)),
    ),
    max_size=14,
)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
async def test_whatever_happens_the_electorate_stays_and_nobody_votes_twice(
    db: Database, ministry: Ministry, steps: list[tuple[str, str, int]]
) -> None:
    meeting_id = await in_session(db, ministry, ministry.leader, ministry.officer)
    vote_id = await opened(db, ministry, meeting_id)
    async with db.read() as view:
        frozen = (await view.session.get_one(Vote, vote_id)).electorate

    for what, who, choice in steps:
        actor = getattr(ministry, who).actor
        with suppress(AppError):
            async with db.begin() as tx:
                match what:
                    case "cast":
                        await casting.cast(tx, actor, meeting_id, vote_id, Mark(choice))
                    case "come":
                        await attendance.check_in(tx, actor, meeting_id, None)
                    case "go":
                        await attendance.leave(tx, actor, meeting_id)
                    case "move":
                        later = Schedule(place="Phòng B")
                        await meetings.reschedule(tx, actor, meeting_id, later)
                    case _:
                        chair = ministry.leader.actor
                        await meetings.remove_person(tx, chair, meeting_id, actor.id)

    told = await closed_by_chair(db, ministry, meeting_id, vote_id)
    assert told.electorate == frozen
    holders = [one.official_id for one in told.ballots]
    assert len(holders) == len(set(holders)) <= 2
    assert set(holders) <= {ministry.leader.id, ministry.officer.id}
    assert sum(told.result["counts"]) == len(told.ballots)


async def closed_by_chair(db: Database, ministry: Ministry, meeting_id: UUID, vote_id: UUID) -> Any:
    for do in (service.close_vote, service.publish):
        async with db.begin() as tx:
            await do(tx, ministry.leader.actor, meeting_id, vote_id)
    async with db.read() as view:
        mine = await seat(view, ministry.leader.actor, meeting_id)
        return await shown.published(view, mine, vote_id)
