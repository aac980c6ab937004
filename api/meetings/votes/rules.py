"""How votes are held and counted: pure functions over plain values; the table specifies.

Whoever has the published list and the rule comes to the same result: nothing else goes into it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

import orjson

from api.meetings.rules import State as MeetingState
from api.meetings.votes.errors import NoSuchChoice, WrongVoteState

MOST_CHOICES = 12
#: While a meeting stands here a vote may be opened; a ballot without a meeting: while invited.
HELD_IN = {False: frozenset({MeetingState.IN_SESSION}), True: frozenset({MeetingState.INVITED})}


class Kind(StrEnum):
    """What is known of who voted what (biểu quyết công khai, bỏ phiếu kín)."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105 - a ballot, no password


class State(StrEnum):
    """Where a vote stands."""

    DRAFTED = "drafted"
    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PUBLISHED = "published"
    ANNULLED = "annulled"


class Move(StrEnum):
    """What can happen to a vote."""

    PREPARE = "prepare"
    OPEN = "open"
    CLOSE = "close"
    TALLY = "tally"
    PUBLISH = "publish"
    ANNUL = "annul"


#    from             move            to
MOVES = {
    (State.DRAFTED,  Move.OPEN):    State.OPEN,
    (State.DRAFTED,  Move.PREPARE): State.PREPARED,  # secret: credentials are made and handed out
    (State.DRAFTED,  Move.ANNUL):   State.ANNULLED,
    (State.PREPARED, Move.OPEN):    State.OPEN,
    (State.PREPARED, Move.ANNUL):   State.ANNULLED,
    (State.OPEN,     Move.CLOSE):   State.CLOSED,
    (State.OPEN,     Move.ANNUL):   State.ANNULLED,
    (State.CLOSED,   Move.TALLY):   State.TALLIED,
    (State.CLOSED,   Move.ANNUL):   State.ANNULLED,
    (State.TALLIED,  Move.PUBLISH): State.PUBLISHED,
    (State.TALLIED,  Move.ANNUL):   State.ANNULLED,
}  # fmt: skip
FINAL = frozenset(State) - {state for state, _ in MOVES}


class Base(StrEnum):
    """Of what the majority is counted."""

    FOR_AND_AGAINST = "for_and_against"
    CAST = "cast"
    PRESENT = "present"
    ENTITLED = "entitled"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which majority adopts, as it is stored with the vote.

    Attributes:
        quorum_percent: so many hundredths of those entitled must take part.
        base: of what the majority is counted.
        numerator: with `denominator`, the share that is needed.
        more_than: the share must be exceeded; else reaching it is enough.
        weighted: votes are counted, not persons.
        abstention: the choice that is neither for nor against, if there is one.
    """

    quorum_percent: int = 50
    base: Base = Base.PRESENT
    numerator: int = 1
    denominator: int = 2
    more_than: bool = True
    weighted: bool = False
    abstention: int | None = None

    @property
    def share(self) -> Fraction:
        """What share is needed."""
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Electorate:
    """Who could have voted, frozen when the vote opened.

    Attributes:
        entitled: everybody with a vote, whether there or not.
        present: those who held a mandate; in a ballot without a meeting, everybody.
    """

    entitled: int
    present: int
    weight_entitled: int
    weight_present: int


@dataclass(frozen=True, slots=True)
class Ballot:
    """One line of the published list."""

    mandate_id: UUID
    choice: int
    weight: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was decided, with everything it was computed from.

    Attributes:
        counts: for each choice.
        cast: of all choices.
        base: what the majority was counted of.
        quorum_met: enough of those entitled took part.
        adopted: the choice that has the majority; None where there is none or no quorum.
    """

    counts: tuple[int, ...]
    cast: int
    base: int
    quorum_met: bool
    adopted: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is put to the vote, and by which rule.

    Attributes:
        closes_at: when it closes by itself; None: when the chair closes it.
        signed: whether everybody signs their ballot; of the kind `open`.
    """

    question: str
    choices: tuple[str, ...]
    rule: Rule
    kind: Kind = Kind.OPEN
    item_id: UUID | None = None
    closes_at: datetime | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody puts on a ballot.

    Attributes:
        principal_id: for whom, when they stand in for somebody.
        words: an opinion that goes with it.
    """

    choice: int
    principal_id: UUID | None = None
    words: str | None = None


def after(state: State, move: Move) -> State:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongVoteState(state=state, move=move) from None


def must_be_a_choice(choice: int, choices: int) -> None:
    """Refuse a choice that is not on the ballot; choices count from 0."""
    if not 0 <= choice < choices:
        raise NoSuchChoice(choice=choice, choices=choices)


def tally(
    ballots: Sequence[Ballot], choices: int, electorate: Electorate, rule: Rule, *, by_ballot: bool
) -> Result:
    """Count.

    Args:
        ballots: the published list.
        choices: how many stand on the ballot.
        electorate: as it was frozen.
        rule: as it is stored.
        by_ballot: held without a meeting: who took part is who sent a ballot.
    """
    counts = [0] * choices
    for ballot in ballots:
        counts[ballot.choice] += ballot.weight if rule.weighted else 1
    return decide(counts, len(ballots) if by_ballot else electorate.present, electorate, rule)


def decide(counts: Sequence[int], took_part: int, electorate: Electorate, rule: Rule) -> Result:
    """Judge what was counted by the rule.

    Args:
        counts: for each choice.
        took_part: whom the quorum counts.
        electorate: as it was frozen.
        rule: as it is stored.
    """
    met = electorate.entitled > 0 and (
        Fraction(took_part, electorate.entitled) >= Fraction(rule.quorum_percent, 100)
    )
    base = _base(counts, electorate, rule)
    adopted = _adopted(counts, base, rule) if met else None
    return Result(tuple(counts), sum(counts), base, met, adopted)


def _base(counts: Sequence[int], electorate: Electorate, rule: Rule) -> int:
    weighed = rule.weighted
    match rule.base:
        case Base.FOR_AND_AGAINST:
            return sum(count for choice, count in enumerate(counts) if choice != rule.abstention)
        case Base.CAST:
            return sum(counts)
        case Base.PRESENT:
            return electorate.weight_present if weighed else electorate.present
        case Base.ENTITLED:
            return electorate.weight_entitled if weighed else electorate.entitled


def _adopted(counts: Sequence[int], base: int, rule: Rule) -> int | None:
    """Return the one choice that has the majority; two of them are none."""
    if base == 0:
        return None
    reached = [
        choice
        for choice, count in enumerate(counts)
        if choice != rule.abstention and count > 0 and _has_share(Fraction(count, base), rule)
    ]
    return reached[0] if len(reached) == 1 else None


def _has_share(share: Fraction, rule: Rule) -> bool:
    return share > rule.share if rule.more_than else share >= rule.share


def subject_of(
    vote_id: UUID, question: str, choices: Sequence[str], principal_id: UUID, mark: Mark
) -> bytes:
    """Return what somebody signs with a ballot: all that they read, and what they chose."""
    told = {
        "vote_id": str(vote_id),
        "question": question,
        "choices": list(choices),
        "principal_id": str(principal_id),
        "choice": mark.choice,
        "words": mark.words,
    }
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    return b"ballot" + vote_id.bytes + hashlib.sha256(text).digest()


def digest_of(ballots: Sequence[Ballot], electorate: Electorate, rule: Rule) -> str:
    """Return the hash that the published list, with its rule, is known by."""
    listed = sorted((str(one.mandate_id), one.choice, one.weight) for one in ballots)
    told = {"ballots": listed, "electorate": asdict(electorate), "rule": asdict(rule)}
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
