"""Every state machine of the house: a table, one way through it, and a refusal that says both."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import pytest

from api.documents import rules as documents
from api.meetings import rules as meetings
from api.people import acting
from api.signing import rules as signing
from api.tasks import rules as tasks
from core import devices
from core.errors import AppError
from push import rules as push


class Machine(NamedTuple):
    """A table of moves, and the function that every change of state passes through."""

    name: str
    moves: dict[Any, Any]
    states: type[StrEnum]
    steps: type[StrEnum]
    after: Callable[[Any, Any], Any]
    begin: frozenset[Any]


MACHINES = [
    Machine("task", tasks.MOVES, tasks.State, tasks.Move, tasks.after, frozenset({tasks.BEGIN})),
    Machine("part", tasks.PART_MOVES, tasks.PartState, tasks.PartMove, tasks.part_after,
            frozenset({tasks.PartState.ASSIGNED})),
    Machine("signature", signing.MOVES, signing.State, signing.Move, signing.after,
            frozenset({signing.BEGIN})),
    Machine("message", push.MOVES, push.State, push.Move, push.after, frozenset({push.BEGIN})),
    Machine("device", devices.MOVES, devices.DeviceState, devices.DeviceMove, devices.after,
            frozenset({devices.DeviceState.PENDING})),
    Machine("delegation", acting.MOVES, acting.DelegationState, acting.DelegationMove,
            acting.after, frozenset({acting.DelegationState.PROPOSED})),
    Machine("meeting", meetings.MOVES, meetings.State, meetings.Move, meetings.after,
            frozenset({meetings.BEGIN})),
    Machine("document", documents.MOVES, documents.State, documents.Move, documents.after,
            frozenset(documents.BEGIN.values())),
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
            assert refused.value.facts == {"state": state, "move": move}


@each_machine
def test_every_state_is_reached_and_every_move_is_used(machine: Machine) -> None:
    reached = set(machine.begin)
    for _ in machine.states:
        reached |= {target for (state, _), target in machine.moves.items() if state in reached}

    assert reached == set(machine.states)
    assert {move for _, move in machine.moves} == set(machine.steps)
