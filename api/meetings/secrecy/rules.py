"""How secret votes are prepared and judged: pure functions over plain values.

Source of the key ceremony: "Belenios specification", version 2.0, section 4.6 (threshold
decryption, after Pedersen).
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from api.meetings.secrecy.errors import WrongSecrecy, WrongStep
from api.meetings.votes.rules import Rule

GROUP = "BELENIOS-2048"
_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTH = 14
FEWEST_TRUSTEES, MOST_TRUSTEES = 2, 9
#: Fewer ballots than this may be put together with what else is known of a small circle.
FEW_BALLOTS = 5


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Who keeps a vote secret and who keeps it honest; none of them is the server.

    Attributes:
        trustees: hold the parts of the key (ban kiểm phiếu).
        threshold: so many of them decrypt the sum, and fewer decrypt nothing.
        registrar_id: makes the credentials and hands them out; holds no part of the key.
    """

    trustees: tuple[UUID, ...]
    threshold: int
    registrar_id: UUID


class Step(StrEnum):
    """What each trustee says in turn; a step begins when all have taken the one before."""

    CERTIFICATE = "certificate"
    POLYNOMIAL = "polynomial"
    OUTPUT = "output"


#: Where the ceremony stands when all is said.
DONE = "done"


def must_be_secrecy(plan: Secrecy, rule: Rule) -> None:
    """Refuse a plan that would keep nothing secret.

    Weights are refused: a weighted credential tells which class of voters a ballot is of.
    """
    trustees = plan.trustees
    enough = FEWEST_TRUSTEES <= len(trustees) <= MOST_TRUSTEES
    apart = len(set(trustees)) == len(trustees) and plan.registrar_id not in trustees
    if not enough or not apart or not FEWEST_TRUSTEES <= plan.threshold <= len(trustees):
        raise WrongSecrecy(why="people")
    if rule.weighted:
        raise WrongSecrecy(why="weights")


def step_of(said: Collection[Collection[Step]], *, is_dealt: bool, is_done: bool) -> Step | None:
    """Return the step that the ceremony is at; None: all is said and worked on.

    Args:
        said: the steps that each trustee has taken.
        is_dealt: each trustee can be given what the others have sealed for them.
        is_done: the common key is there.
    """
    if is_done:
        return None
    if is_dealt:
        return Step.OUTPUT
    have_all = all(Step.CERTIFICATE in one for one in said)
    return Step.POLYNOMIAL if have_all else Step.CERTIFICATE


def must_be_at(step: Step, now: Step | None) -> None:
    """Refuse what is said too early or too late."""
    if step is not now:
        raise WrongStep(step=now or DONE)


def new_uuid() -> str:
    """Return a name for an election, as Belenios gives them: 14 letters at random."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def reveals(counts: Sequence[int]) -> str | None:
    """Say why a result would reveal single votes: too few of them, or all alike."""
    if sum(counts) < FEW_BALLOTS:
        return "few_ballots"
    return "unanimous" if sum(count > 0 for count in counts) == 1 else None
