"""However text is spelt, it becomes the same terms."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis.text import (
    LONGEST_TOKEN,
    abbreviations,
    bigrams,
    canonical,
    fold,
    read,
    spelt,
    syllables,
    tokens,
    words,
)

SENTENCE = "Quyết định phê duyệt Đề án hòa giải, thủy lợi và hóa đơn điện tử"
VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
LETTERS = VOWELS + "bcdđghklmnpqrstvx"
VIETNAMESE = st.text(LETTERS + LETTERS.upper() + " .,/-0123456789")


@given(VIETNAMESE | st.text())
def test_normal_forms_make_no_difference(text: str) -> None:
    composed, taken_apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))

    assert syllables(composed) == syllables(taken_apart) == syllables(text)


@given(VIETNAMESE)
def test_case_and_diacritics_make_no_difference(text: str) -> None:
    assert syllables(text.upper()) == syllables(text) == syllables(fold(text))


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert syllables(" ".join(syllables(text))) == syllables(text)


@given(st.text())
def test_terms_are_safe_in_every_engine(text: str) -> None:
    for token in syllables(text):
        assert token.isalnum()
        assert 0 < len(token) <= LONGEST_TOKEN


@pytest.mark.parametrize(
    ("old", "new"), [("hòa", "hoà"), ("thủy", "thuỷ"), ("khỏe", "khoẻ"), ("HÓA", "hoá")]
)
def test_the_place_of_the_tone_makes_no_difference(old: str, new: str) -> None:
    assert canonical(old) == canonical(new) == new
    assert syllables(old) == syllables(new)


@pytest.mark.parametrize("word", ["hoàn", "quý", "hoài", "tuyến", "nghĩa", "của"])
def test_other_tones_stay_where_they_are(word: str) -> None:
    assert canonical(word) == word


def test_a_sentence_becomes_syllables_and_pairs() -> None:
    tokens = syllables(SENTENCE)

    assert " ".join(tokens[:6]) == "quyet dinh phe duyet de an"
    assert bigrams(tokens)[:2] == ["quyet_dinh", "dinh_phe"]


def test_abbreviations_are_read_as_what_they_stand_for() -> None:
    assert syllables("UBND xã và ủy ban nhân dân xã")[:5] == syllables("ủy ban nhân dân xã")
    assert syllables("ubnd") == syllables("Uỷ ban nhân dân")


def test_what_abbreviations_stand_for_holds_none() -> None:
    for long in abbreviations().values():
        assert read(long) == list(long)


def test_words_keep_their_diacritics_in_one_spelling() -> None:
    assert spelt("hòa giải, ĐỀ an") == ["hoà", "giải", "đề", "an"]


def test_invisible_characters_of_pdf_text_do_not_split_a_word() -> None:
    text = "nghị\u00adđịnh qu\u200byết"

    assert syllables(text) == ["nghidinh", "quyet"]
    assert [word.syllables for word in words(text)] == [("nghidinh",), ("quyet",)]


@given(VIETNAMESE)
def test_a_word_stands_where_it_says(text: str) -> None:
    shown = unicodedata.normalize("NFC", text)

    found = list(words(shown))

    assert [one for word in found for one in word.syllables] == syllables(shown)
    assert [fold(shown[word.start : word.end]) for word in found] == tokens(shown)
