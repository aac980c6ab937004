"""A device's life: what the table says, and nothing else."""

from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from core.devices import MOVES, DeviceMove, DeviceState, WrongDeviceState, after

FINAL = frozenset(DeviceState) - {state for state, _ in MOVES}


def test_every_state_can_be_reached_and_only_revoked_is_final() -> None:
    assert {DeviceState.PENDING, *MOVES.values()} == set(DeviceState)
    assert frozenset({DeviceState.REVOKED}) == FINAL


class AnyLife(RuleBasedStateMachine):
    """Any moves in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = DeviceState.PENDING
        self.made: list[DeviceMove] = []

    @rule(move=sampled_from(DeviceMove))
    def move(self, move: DeviceMove) -> None:
        try:
            self.state = after(self.state, move)
        except WrongDeviceState:
            return
        self.made.append(move)

    @invariant()
    def speaks_only_after_exactly_one_approval(self) -> None:
        if self.state is DeviceState.APPROVED:
            assert self.made == [DeviceMove.APPROVE]

    @invariant()
    def never_comes_back(self) -> None:
        if DeviceMove.REVOKE in self.made:
            assert self.state is DeviceState.REVOKED


TestAnyLife = AnyLife.TestCase
