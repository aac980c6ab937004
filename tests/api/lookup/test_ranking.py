"""The score: what answers better stands higher, for the same reasons on every engine."""

from hypothesis import given, settings
from hypothesis import strategies as st

from api.lookup.analysis.text import fold, syllables
from api.lookup.plan import plan_of
from api.lookup.ranking import Heading, Place, Scorer, answers

TODAY = 740_000


def points(query: str, title: str, *pages: str, day: int = TODAY, until: int = 0) -> int:
    heading = Heading(title, " ".join(syllables(title)), day, until)
    passages = [" ".join(syllables(page)) for page in pages]
    return Scorer(plan_of(query), TODAY).score(heading, passages)


def test_a_phrase_is_worth_more_than_its_words() -> None:
    query = "bảo vệ rừng"

    assert points(query, "Bảo vệ rừng") > points(query, "Rừng và vệ sinh, bảo hiểm")
    assert points(query, "", "Bảo vệ rừng") > points(query, "", "Rừng và vệ sinh, bảo hiểm")


def test_a_heading_that_was_asked_in_full_is_worth_more() -> None:
    query = "bảo vệ rừng"

    assert points(query, "Bảo vệ rừng") > points(query, "Bảo vệ rừng và trồng cây ở các tỉnh")


def test_more_of_the_query_is_worth_more() -> None:
    assert points("bảo vệ rừng", "", "bảo vệ rừng") > points("bảo vệ rừng", "", "bảo vệ biển")


def test_what_holds_no_more_is_worth_less_and_what_will_end_is_not() -> None:
    holding = points("bảo vệ rừng", "Bảo vệ rừng")

    assert points("bảo vệ rừng", "Bảo vệ rừng", until=TODAY) < holding
    assert points("bảo vệ rừng", "Bảo vệ rừng", until=TODAY + 1) == holding


def test_rare_words_are_worth_more_than_common_ones() -> None:
    query = "quy định về địa chấn"

    assert points(query, "", "thiết bị địa chấn") > points(query, "", "theo quy định về đất")


def test_a_long_page_is_worth_less_than_a_short_one_that_says_the_same() -> None:
    assert points("đê điều", "", "đê điều") > points("đê điều", "", "đê điều " + "và lũ " * 200)


def test_the_best_passage_speaks_for_its_document() -> None:
    passages = ("nước sạch", "tu bổ đê điều", "")

    assert points("đê điều", "", *passages) == points("đê điều", "", *reversed(passages))
    assert points("đê điều", "", *passages) > points("đê điều", "", "nước sạch")


def test_other_diacritics_than_typed_are_worth_less() -> None:
    assert points("báo chí", "Báo chí") == points("bao chi", "Báo chí")
    assert points("báo chí", "Bảo chỉ") < points("báo chí", "Báo chí")
    assert points("hoà giải", "Hòa giải") == points("hoa giai", "Hòa giải")


def test_younger_is_worth_a_little_more_and_the_future_no_more_than_today() -> None:
    ages = [TODAY + 400, TODAY, TODAY - 400, TODAY - 800, TODAY - 4000, 0]

    worth = [points("rừng", "Rừng", day=day) for day in ages]

    assert worth == sorted(worth, reverse=True)
    assert worth[0] == worth[1] > worth[2] > worth[3] > worth[4] == worth[5]


def test_what_lies_far_below_the_best_is_no_answer() -> None:
    assert answers(100, best=100)
    assert not answers(1, best=100)


@settings(deadline=None)  # the first example reads the lexicon
@given(st.text(), st.text())
def test_every_query_and_title_has_an_integer_score(query: str, title: str) -> None:
    assert isinstance(points(query, title, title), int)


@given(st.text("aáàbcoóòđd uú", min_size=1))
def test_without_diacritics_a_title_is_found_as_well_as_with_them(title: str) -> None:
    assert points(title, title) == points(fold(title), title)


def place(*, numbered: bool = False, score: int = 1, day: int = 1, number: int = 5) -> Place:
    return Place.of(number, numbered=numbered, score=score, day=day)


def test_numbers_stand_before_scores_before_days_before_ids() -> None:
    upwards = [place(number=6), place(), place(day=2), place(score=2, day=0)]

    assert sorted([place(numbered=True, score=0), *reversed(upwards)]) == [
        *upwards,
        place(numbered=True, score=0),
    ]
