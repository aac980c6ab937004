"""The score: what answers better stands higher, for the same reasons on every engine."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis import fold, syllables
from api.lookup.plan import Plan, plan_of
from api.lookup.ranking import Heading, Place, score

TODAY = 740_000


def points(query: str | Plan, title: str, *, matched: int = 0, day: int = TODAY) -> int:
    plan = plan_of(query) if isinstance(query, str) else query
    heading = Heading(title, " ".join(syllables(title)))
    return score(plan, heading, matched=matched, day=day, today=TODAY)


def test_a_phrase_in_the_title_is_worth_more_than_its_words() -> None:
    query = "bảo vệ rừng"

    assert points(query, "Bảo vệ rừng") > points(query, "Rừng và vệ sinh, bảo hiểm")


def test_more_of_the_querys_bigrams_are_worth_more() -> None:
    assert points("bảo vệ rừng", "", matched=2) > points("bảo vệ rừng", "", matched=1)


def test_other_diacritics_than_typed_are_worth_less() -> None:
    assert points("báo chí", "Báo chí") == points("bao chi", "Báo chí")
    assert points("báo chí", "Bảo chỉ") < points("báo chí", "Báo chí")
    assert points("hoà giải", "Hòa giải") == points("hoa giai", "Hòa giải")


def test_younger_is_worth_a_little_more_and_the_future_no_more_than_today() -> None:
    ages = [TODAY + 400, TODAY, TODAY - 400, TODAY - 800, TODAY - 4000, 0]

    worth = [points("rừng", "Rừng", day=day) for day in ages]

    assert worth == sorted(worth, reverse=True)
    assert worth[0] == worth[1] > worth[2] > worth[3] > worth[4] == worth[5]


@given(st.text(), st.text())
def test_every_query_and_title_has_an_integer_score(query: str, title: str) -> None:
    assert isinstance(points(query, title), int)


@given(st.text("aáàbcoóòđd uú", min_size=1))
def test_without_diacritics_a_title_is_found_as_well_as_with_them(title: str) -> None:
    assert points(title, title) == points(fold(title), title)


def place(*, numbered: bool = False, score: int = 1, day: int = 1, number: int = 5) -> Place:
    return Place.of(UUID(int=number), numbered=numbered, score=score, day=day)


def test_numbers_stand_before_scores_before_days_before_ids() -> None:
    upwards = [place(number=6), place(), place(day=2), place(score=2, day=0)]

    assert sorted([place(numbered=True, score=0), *reversed(upwards)]) == [
        *upwards,
        place(numbered=True, score=0),
    ]
