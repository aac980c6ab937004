"""How what a phone has differs from what it should have, decided on plain values."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.lookup.offline import rules
from api.lookup.offline.rules import difference, mark_of, numbered, packed, unpacked

IDS = st.integers(0, 30).map(lambda number: UUID(int=number))
MARKS = st.dictionaries(IDS, st.binary(min_size=8, max_size=8), max_size=12)


@given(MARKS, MARKS, st.integers(1, 5))
def test_from_any_state_a_phone_comes_to_the_servers(
    held: dict[UUID, bytes], wanted: dict[UUID, bytes], most: int
) -> None:
    for _ in range(len(wanted) + 2):
        change = difference(held, wanted, most=most)
        assert len(change.sent) <= most
        assert all(one in wanted for one in change.held)
        held = unpacked(packed(change.held))
        if not change.more:
            break

    assert held == wanted
    assert difference(held, wanted) == rules.Difference((), (), more=False, held=wanted)


ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))
OLD, NEW = b"old mark", b"new mark"


def test_what_changed_is_sent_in_the_order_wanted_and_what_must_go_goes_at_once() -> None:
    held = {FOUR: OLD, ONE: OLD, TWO: OLD}
    wanted = {THREE: NEW, TWO: NEW, ONE: OLD}

    assert difference(held, wanted) == rules.Difference(
        (THREE, TWO), (FOUR,), more=False, held={ONE: OLD, THREE: NEW, TWO: NEW}
    )
    assert difference(held, wanted, most=1) == rules.Difference(
        (THREE,), (FOUR,), more=True, held={ONE: OLD, THREE: NEW, TWO: OLD}
    )
    assert not difference(held, wanted, most=2).more


def test_a_phone_keeps_so_many_and_is_sent_so_many_at_once() -> None:
    assert (rules.MOST_KEPT, rules.MOST_SENT) == (5000, 1000)
    wanted = {UUID(int=number): OLD for number in range(1001)}

    first = difference({}, wanted)

    assert (len(first.sent), first.more) == (1000, True)


def test_a_mark_is_short_and_changes_with_every_part() -> None:
    mark = mark_of("title", 7, None)

    assert len(mark) == 8
    assert mark == mark_of("title", 7, None)
    others = [("titles", 7, None), ("title", 8, None), ("title", 7, 0), ("title", "7", None)]
    assert len({mark, mark_of("title", 7), *(mark_of(*other) for other in others)}) == 6


def test_marks_are_stored_as_an_id_and_a_mark_each() -> None:
    stored = ONE.bytes + OLD + TWO.bytes + NEW

    assert packed({ONE: OLD, TWO: NEW}) == stored
    assert unpacked(stored) == {ONE: OLD, TWO: NEW}
    assert (packed({}), unpacked(b"")) == (b"", {})


def test_values_are_told_once_and_named_by_their_place() -> None:
    assert numbered(["Bộ", "Sở", "Bộ", "Cục"]) == {"Bộ": 0, "Sở": 1, "Cục": 2}
