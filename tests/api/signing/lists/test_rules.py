"""What a list may be, and what is said and signed of it."""

import json
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.signing.lists.errors import NotAllSeen, WrongList
from api.signing.lists.rules import (
    MOST,
    canonical,
    digest_of,
    manifest_of,
    must_all_be_seen,
    must_be_a_list,
    sim_text,
    subject_of,
)
from api.signing.rules import SIM_TEXT_LENGTH
from api.signing.rules import subject_of as subject_of_one

ITEMS = st.lists(st.fixed_dictionaries({"title": st.text(), "sha256": st.text()}), max_size=4)


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_a_list_is_not_empty_and_not_endless(count: int) -> None:
    with pytest.raises(WrongList):
        must_be_a_list([uuid4() for _ in range(count)])


def test_a_list_names_nothing_twice() -> None:
    one = uuid4()
    must_be_a_list([one, uuid4()])
    with pytest.raises(WrongList):
        must_be_a_list([one, one])


def test_the_first_page_that_was_not_seen_is_named() -> None:
    must_all_be_seen([])
    with pytest.raises(NotAllSeen) as refusal:
        must_all_be_seen([(UUID(int=1), 3), (UUID(int=2), 0)])

    assert refusal.value.facts == {"pages": 2, "request": str(UUID(int=1)), "page": 3}


@given(st.integers(1, MOST), st.text(max_size=200))
def test_what_the_sim_shows_of_a_list_fits_it(count: int, title: str) -> None:
    shown = sim_text(count, title, "1234")

    assert len(shown) <= SIM_TEXT_LENGTH
    assert shown.startswith(f"Ký {count} văn bản: ")
    assert shown.endswith(" Mã 1234")


@given(ITEMS, ITEMS)
def test_other_lists_have_other_hashes(
    one: list[dict[str, str]], two: list[dict[str, str]]
) -> None:
    assert (digest_of(one) == digest_of(two)) is (one == two)


@given(ITEMS)
def test_a_yes_to_a_list_is_never_one_to_a_paper(items: list[dict[str, str]]) -> None:
    list_id = uuid4()
    alone = subject_of_one(list_id, digest_of(items).hex())

    assert len(subject_of(list_id, items)) != len(alone)


@given(ITEMS)
def test_what_the_sim_signs_for_a_list_is_no_cms_attributes(items: list[dict[str, str]]) -> None:
    manifest = manifest_of(UUID(int=7), items)

    assert manifest.encode()[:1] != b"\x31", "a SET would be one"
    assert json.loads(manifest) == {"authorises": str(UUID(int=7)), "list": items}


def test_a_list_may_be_of_one_and_of_a_hundred() -> None:
    assert MOST == 100
    must_be_a_list([uuid4()])
    must_be_a_list([uuid4() for _ in range(MOST)])
    with pytest.raises(WrongList) as refusal:
        must_be_a_list([])
    assert refusal.value.facts == {"most": 100}


def test_everybody_writes_a_list_alike() -> None:
    items = [{"title": "Kế hoạch", "sha256": "00"}]
    written = '[{"sha256":"00","title":"Kế hoạch"}]'

    assert canonical(items) == written
    assert digest_of(items) == sha256(written.encode()).digest()
    assert subject_of(UUID(int=7), items) == b"list" + UUID(int=7).bytes + digest_of(items)


def test_what_the_sim_shows_of_a_list_is_cut_where_it_must_be() -> None:
    room = SIM_TEXT_LENGTH - len("Ký 3 văn bản:  Mã 0042")

    assert sim_text(3, "a" * room, "0042") == f"Ký 3 văn bản: {'a' * room} Mã 0042"
    assert sim_text(3, "a" * (room + 1), "0042") == f"Ký 3 văn bản: {'a' * (room - 1)}… Mã 0042"
    cut = f"{'a' * (room - 2)} bc"
    assert sim_text(3, cut, "0042") == f"Ký 3 văn bản: {'a' * (room - 2)}… Mã 0042"
    assert sim_text(3, f"  {cut}", "0042").startswith("Ký 3 văn bản:   a")
