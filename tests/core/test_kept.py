"""Memory that lets go of what nobody asks for, and never holds more than it may."""

from hypothesis import given
from hypothesis import strategies as st

from core.kept import Kept

MOST = 10


def test_the_least_used_goes_first() -> None:
    kept = Kept(MOST)
    for name in "abc":
        kept.keep(name, b"123")
    assert kept.get("a") == b"123"

    kept.keep("d", b"456")

    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]


def test_what_is_larger_than_all_is_not_kept() -> None:
    kept = Kept(MOST)

    kept.keep("a", b"1" * (MOST + 1))

    assert kept.get("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.binary(max_size=MOST)), max_size=30))
def test_what_is_kept_is_what_was_kept_last_and_never_too_much(
    steps: list[tuple[str, bytes]],
) -> None:
    kept, last = Kept(MOST), dict[str, bytes]()

    for name, data in steps:
        kept.keep(name, data)
        last[name] = data

    found = {name: one for name in "abcd" if (one := kept.get(name)) is not None}
    assert all(last[name] == data for name, data in found.items())
    assert sum(map(len, found.values())) <= MOST
