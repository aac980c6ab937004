"""The chain of evidence: any change of any record, of their order or number is seen."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.signing.chain import Link, canonical, hash_after

LEAF = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20)
BODY = st.dictionaries(st.text(max_size=8), LEAF | st.lists(LEAF, max_size=3), max_size=4)


def head_of(links: list[Link]) -> str:
    head = ""
    for link in links:
        head = hash_after(head, link)
    return head


def link(ordinal: int, body: dict[str, object]) -> Link:
    return Link("a request", ordinal, "2026-01-05T08:00:00+00:00", "ask", dict(body))


@given(st.lists(BODY, min_size=1, max_size=5), st.data())
def test_no_record_can_be_changed_left_out_or_moved(
    bodies: list[dict[str, object]], data: st.DataObject
) -> None:
    links = [link(number, body) for number, body in enumerate(bodies, 1)]
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))

    changed = replace(links[at], body={**links[at].body, "more": 1})
    others = [links[:at] + links[at + 1 :], [*links[:at], changed, *links[at + 1 :]]]

    assert all(head_of(other) != head for other in others)
    assert head_of([*reversed(links)]) != head or len(links) == 1


@given(BODY)
def test_a_record_survives_its_way_through_json(body: dict[str, object]) -> None:
    kept = json.loads(json.dumps(body))

    assert canonical(link(1, kept)) == canonical(link(1, body))


def test_the_hash_can_be_computed_by_hand() -> None:
    text = (
        '{"at":"2026-01-05T08:00:00+00:00","body":{"vì":1},"kind":"ask","ordinal":1,'
        '"request_id":"a request"}'
    )

    assert hash_after("ab", link(1, {"vì": 1})) == sha256(b"ab" + text.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        replace(link(1, {}), request_id="other"),
        replace(link(1, {}), at="2027"),
        replace(link(1, {}), kind="sign"),
    ],
)
def test_whose_when_and_what_count_too(other: Link) -> None:
    assert hash_after("", other) != hash_after("", link(1, {}))
