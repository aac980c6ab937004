"""Every state machine of the house: a table, one way through it, and a refusal that says both."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from api.documents import rules as documents
from api.meetings import rules as meetings
from api.meetings.floor import rules as floor
from api.meetings.papers import rules as papers
from api.meetings.votes import rules as votes
from api.people import acting
from api.signing import rules as signing
from api.tasks import rules as tasks
from core import devices
from core.errors import AppError
from push import rules as push


class Machine(NamedTuple):
    """A table of moves, the function that every change of state passes through, how it refuses."""

    name: str
    moves: dict[Any, Any]
    states: type[StrEnum]
    steps: type[StrEnum]
    after: Callable[[Any, Any], Any]
    refusal: str
    begin: frozenset[Any]


MACHINES = [
    Machine("task", tasks.MOVES, tasks.State, tasks.Move, tasks.after,
            "tasks.wrong_state", frozenset({tasks.BEGIN})),
    Machine("part", tasks.PART_MOVES, tasks.PartState, tasks.PartMove, tasks.part_after,
            "tasks.wrong_state", frozenset({tasks.PartState.ASSIGNED})),
    Machine("signature", signing.MOVES, signing.State, signing.Move, signing.after,
            "signing.wrong_state", frozenset({signing.BEGIN})),
    Machine("message", push.MOVES, push.State, push.Move, push.after,
            "push.wrong_state", frozenset({push.BEGIN})),
    Machine("device", devices.MOVES, devices.DeviceState, devices.DeviceMove, devices.after,
            "identity.wrong_device_state", frozenset({devices.DeviceState.PENDING})),
    Machine("delegation", acting.MOVES, acting.DelegationState, acting.DelegationMove,
            acting.after, "people.wrong_delegation_state",
            frozenset({acting.DelegationState.PROPOSED})),
    Machine("meeting", meetings.MOVES, meetings.State, meetings.Move, meetings.after,
            "meetings.wrong_state", frozenset({meetings.BEGIN})),
    Machine("agenda item", papers.ITEM_MOVES, papers.ItemState, papers.ItemMove,
            papers.item_after, "meetings.wrong_item_state", frozenset({papers.ItemState.PENDING})),
    Machine("paper", papers.PAPER_MOVES, papers.PaperState, papers.PaperMove, papers.paper_after,
            "meetings.wrong_paper_state", frozenset({papers.PaperState.STAGED})),
    Machine("turn", floor.MOVES, floor.Turn, floor.Move, floor.after,
            "meetings.wrong_turn", frozenset(floor.BEGIN.values())),
    Machine("vote", votes.MOVES, votes.State, votes.Move, votes.after,
            "meetings.wrong_vote_state", frozenset({votes.State.DRAFTED})),
    Machine("document", documents.MOVES, documents.State, documents.Move, documents.after,
            "documents.wrong_state", frozenset(documents.BEGIN.values())),
]  # fmt: skip
each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda each: each.name)


@each_machine
def test_a_move_leads_where_the_table_says(machine: Machine) -> None:
    for (state, move), target in machine.moves.items():
        assert machine.after(state, move) is target


@each_machine
def test_any_other_move_is_refused_with_the_state_and_the_move(machine: Machine) -> None:
    for state in machine.states:
        for move in set(machine.steps) - {step for at, step in machine.moves if at is state}:
            with pytest.raises(AppError) as refused:
                machine.after(state, move)
            assert refused.value.code == machine.refusal
            assert refused.value.facts == {"state": state, "move": move}


@each_machine
def test_every_state_is_reached_and_every_move_is_used(machine: Machine) -> None:
    reached = set(machine.begin)
    for _ in machine.states:
        reached |= {target for (state, _), target in machine.moves.items() if state in reached}

    assert reached == set(machine.states)
    assert {move for _, move in machine.moves} == set(machine.steps)
