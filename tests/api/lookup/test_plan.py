"""However a query is spelt, it asks for the same."""

import random
import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis.lexicon import COMMON, COMMON_TOKEN, lexicon
from api.lookup.analysis.text import fold
from api.lookup.plan import MOST_BIGRAMS, MOST_TOKENS, Plan, plan_of

SPELLINGS = sorted(word for word, often in lexicon().spellings.items() if often > 500)
QUERIES = st.lists(st.sampled_from(SPELLINGS), max_size=20).map(" ".join)


def asked(query: str) -> Plan:
    """Return what a query asks for, but for the diacritics that were typed."""
    return replace(plan_of(query), accented=())


@given(QUERIES | st.text())
def test_normal_forms_make_no_difference(query: str) -> None:
    assert plan_of(unicodedata.normalize("NFD", query)) == plan_of(
        unicodedata.normalize("NFC", query)
    )


@given(QUERIES, st.randoms())
def test_with_without_and_with_half_the_diacritics_the_same_is_asked(
    query: str, dice: random.Random
) -> None:
    half = " ".join(fold(word) if dice.random() < 0.5 else word for word in query.split())

    assert asked(half) == asked(fold(query)) == asked(query) == asked(query.upper())


@given(st.text())
def test_what_is_asked_of_an_engine_is_bounded_and_rare(query: str) -> None:
    plan = plan_of(query)

    assert len(plan.wanted) <= MOST_BIGRAMS + MOST_TOKENS
    assert len(plan.wanted) <= 1 or all(
        weight > COMMON if "_" in term else 2 * weight + 1 >= COMMON_TOKEN
        for term, weight in plan.wanted
    )


def test_common_words_alone_are_asked_for_by_their_rarest_pair() -> None:
    ((term, _),) = plan_of("theo quy định của").wanted

    assert term in {"theo_quy", "quy_dinh", "dinh_cua"}


def test_quotes_make_phrases_and_unbalanced_ones_nothing() -> None:
    assert plan_of('"tu bổ" đê "điều"').phrases == (("tu", "bo"), ("dieu",))
    assert plan_of('tu "bổ đê').phrases == ()
    assert plan_of('"" tu').phrases == ()
    assert plan_of("“tu bổ”").required == ("tu_bo",)
