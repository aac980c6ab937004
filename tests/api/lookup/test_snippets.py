"""A snippet is the paper's own text, with what matched marked where it stands."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis.text import syllables
from api.lookup.plan import plan_of
from api.lookup.snippets import LENGTH, cut, mark, matches

PAGE = "Điều 1. " + "Các cơ quan thi hành. " * 40 + "Tu bổ đê điều\r\ntrước mùa lũ. " + "Hết. " * 40


def marked(query: str, text: str) -> list[str]:
    found = cut(plan_of(query), text)
    return [found.text[start:end] for start, end in found.spans]


def test_the_window_lies_where_the_words_stand_together() -> None:
    found = cut(plan_of("tu bo de dieu"), PAGE)

    assert "Tu bổ đê điều trước mùa lũ" in found.text
    assert len(syllables(found.text)) <= LENGTH


def test_a_word_of_the_phrase_is_not_marked_elsewhere() -> None:
    assert marked("đê điều", "Điều 2. Bảo vệ đê điều.") == ["đê", "điều"]
    assert marked("đê điều lũ", "Điều 2. Lũ; đê điều.") == ["Lũ", "đê", "điều"]


def test_without_a_phrase_every_word_is_marked() -> None:
    assert marked("điều lũ", "Điều 2. Mùa lũ.") == ["Điều", "lũ"]


def test_text_of_a_page_that_is_taken_apart_is_shown_composed() -> None:
    found = mark(plan_of("đê"), unicodedata.normalize("NFD", "Đê điều"))

    assert found.text == "Đê điều"
    assert found.spans == ((0, 2),)


def test_where_nothing_matches_nothing_is_shown() -> None:
    assert matches(plan_of("lũ"), "mua lu ve")
    assert not matches(plan_of("lũ"), "lung linh")
    assert not matches(plan_of("lũ"), "")


def test_an_abbreviation_is_marked_where_what_it_stands_for_was_asked() -> None:
    assert marked("ủy ban nhân dân", "Gửi UBND tỉnh.") == ["UBND"]
    assert marked("UBND", "Gửi Ủy ban nhân dân tỉnh.") == ["Ủy", "ban", "nhân", "dân"]


@given(st.text(), st.text())
def test_every_span_holds_a_word_of_the_query(query: str, text: str) -> None:
    plan = plan_of(query)
    found = cut(plan, text)

    for start, end in found.spans:
        assert not set(syllables(found.text[start:end])).isdisjoint(plan.syllables)
