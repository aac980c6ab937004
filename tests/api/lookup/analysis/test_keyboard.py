"""What a Telex or VNI keyboard left behind is undone, and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.lookup.analysis.keyboard import repaired
from api.lookup.analysis.lexicon import lexicon
from api.lookup.analysis.text import fold

TELEX = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
VNI = {"\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
VNI_MARKS = {"\u0302": "6", "\u031b": "7", "\u0306": "8"}
COMMON = 200
SPELLINGS = sorted(
    word
    for word, often in lexicon().spellings.items()
    if often >= COMMON and fold(word) != word and fold(word) in lexicon().syllables
)


def typed(word: str, *, vni: bool, inline: bool) -> str:
    """Return the keys of a word whose tones stand at its end, or right behind their letter."""
    keys, tone = "", ""
    for letter in word:
        base, *marks = list(unicodedata.normalize("NFD", letter))
        keys += {"đ": "d9" if vni else "dd"}.get(base, base)
        for mark in marks:
            if mark in TELEX:
                tone = (VNI if vni else TELEX)[mark]
            elif vni:
                keys += VNI_MARKS[mark]
            else:
                keys += base if mark == "\u0302" else "w"
        if inline:
            keys, tone = keys + tone, ""
    return keys + tone


@pytest.mark.parametrize("vni", [True, False])
@pytest.mark.parametrize("inline", [True, False])
def test_almost_every_syllable_of_the_language_comes_back(*, vni: bool, inline: bool) -> None:
    missed = [
        word for word in SPELLINGS
        if repaired(fold(typed(word, vni=vni, inline=inline))) != fold(word)
    ]  # fmt: skip

    assert len(SPELLINGS) > 1000
    assert len(missed) / len(SPELLINGS) < 0.005, missed


@pytest.mark.parametrize(
    "word", ["asean", "vneid", "email", "qh15", "tt39", "a4", "x", "ttg", "привет", "2026", "cptpp"]
)
def test_words_and_codes_stay_as_they_are(word: str) -> None:
    assert repaired(word) == word


@given(st.sampled_from(sorted(lexicon().syllables)))
def test_a_syllable_stays_as_it_is(syllable: str) -> None:
    assert repaired(syllable) == syllable


@given(st.text())
def test_a_repair_is_final(token: str) -> None:
    assert repaired(repaired(fold(token))) == repaired(fold(token))
