"""Identifiers."""

from hypothesis import given
from hypothesis import strategies as st

from core.ids import derived, new_id


def test_new_ids_are_version_7_and_differ() -> None:
    made = [new_id() for _ in range(1000)]

    assert len(set(made)) == 1000
    assert {id_.version for id_ in made} == {7}


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_a_derived_id_belongs_to_its_parts(left: list[str], right: list[str]) -> None:
    assert derived(*left) == derived(*left)
    if "\x1f" not in "".join(left + right):
        assert (derived(*left) == derived(*right)) == (left == right)
