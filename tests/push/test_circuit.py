"""While a provider refuses our credentials it is left alone, for longer each time."""

from datetime import timedelta

from push.circuit import FIRST_PAUSE, LONGEST_PAUSE, TRIAL, Circuit
from tests.support.clock import Clock


def test_a_whole_circuit_holds_nobody_up(clock: Clock) -> None:
    assert Circuit().wait_until(clock()) is None


def test_everybody_waits_until_the_pause_is_over(clock: Clock) -> None:
    circuit = Circuit()
    until = circuit.blow(clock())

    clock.tick(FIRST_PAUSE - timedelta(seconds=1))

    assert circuit.wait_until(clock()) == until == clock() + timedelta(seconds=1)


def test_then_one_tries_and_the_others_wait_for_it(clock: Clock) -> None:
    circuit = Circuit()
    circuit.blow(clock())
    clock.tick(FIRST_PAUSE)

    assert circuit.wait_until(clock()) is None
    assert circuit.wait_until(clock()) == clock() + TRIAL


def test_those_that_were_on_their_way_blow_it_once(clock: Clock) -> None:
    circuit = Circuit()
    first = circuit.blow(clock())
    clock.tick(timedelta(seconds=10))

    assert circuit.blow(clock()) == first
    assert circuit.blows == 1


def test_each_pause_is_twice_as_long_up_to_a_limit(clock: Clock) -> None:
    circuit, pauses = Circuit(), []
    for _ in range(40):
        until = circuit.blow(clock())
        pauses.append(until - clock())
        clock.now = until
        assert circuit.wait_until(clock()) is None

    assert pauses[:4] == [FIRST_PAUSE * n for n in (1, 2, 4, 8)]
    assert pauses[-1] == max(pauses) == LONGEST_PAUSE
