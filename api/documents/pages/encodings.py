"""Text in the encodings of before Unicode, and text layers that say something else than is seen.

Files of the years before 2002 and after still come in TCVN3 (the .Vn fonts) and VNI: their letters
look right on the page, since the font draws them so, and are read as others. Both are told from the
text alone: only in the right encoding do words come out as Vietnamese syllables.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

# Plain letters are themselves in both; the rest in the order of the tones ´ ` ? ~ .
_TONES = ("\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
_TCVN3 = {
    "a": "¸µ¶·¹", "ă": "¾»¼½Æ", "â": "ÊÇÈÉË", "e": "ÐÌÎÏÑ", "ê": "ÕÒÓÔÖ", "i": "Ý×ØÜÞ",
    "o": "ãßáâä", "ô": "èåæçé", "ơ": "íêëìî", "u": "óïñòô", "ư": "øõö÷ù", "y": "ýúûüþ",
}  # fmt: skip
_TCVN3_BARE = {
    "¨": "ă", "©": "â", "®": "đ", "ª": "ê", "«": "ô", "¬": "ơ", "\u00ad": "ư",
    "¡": "Ă", "¢": "Â", "§": "Đ", "£": "Ê", "¤": "Ô", "¥": "Ơ", "¦": "Ư",
}  # fmt: skip
#: VNI writes a letter, then what is put on it.
_VNI_TONES, _VNI_BREVE, _VNI_HAT = "ùøûõï", "éèúüë", "áàåãä"
_VNI_BARE = {"aê": "ă", "aâ": "â", "eâ": "ê", "oâ": "ô", "ô": "ơ", "ö": "ư", "ñ": "đ"}
_VNI_I = {"í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}

_ONSETS = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvxđ]"
#: What may stand in the middle of a syllable, tones apart; longer ones first.
_NUCLEI = (
    "iêu|oai|oao|oay|oeo|uai|uao|uay|uây|uôi|ươi|ươu|uya|uyê|uyu|yêu|ai|ao|au|âu|ay|ây|eo|êu|ia|iê|"
    "iu|oa|oă|oe|oi|ôi|ơi|oo|ua|uâ|uă|uê|ui|uô|uơ|ưa|ưi|ươ|ưu|uy|yê|[aăâeêioôơuưy]"
)
_SYLLABLE = re.compile(rf"(?:{_ONSETS})?(?:{_NUCLEI})(?:ch|nh|ng|[cmnpt])?")
_WORD = re.compile(r"[^\s\d.,;:!?()\[\]{}\"'“”‘’/\\\-–—_*+=<>|%&@#]+")
_PLAIN = re.compile(r"[a-zA-Z]+")
#: What no writer writes: lost signs, and those that a font keeps for itself.
_LOST = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
#: Too few words tell nothing.
_FEWEST = 8
#: So many of the words with marks are syllables in the right encoding, and fewer in a wrong one.
_RIGHT, _MORE = 0.8, 0.15
_BROKEN = 0.1


class Mended(NamedTuple):
    """Text as it is seen on the page.

    Attributes:
        text: in Unicode.
        is_legacy: it was written in an encoding of before.
        is_broken: it says something else than is seen, and nobody knows what.
    """

    text: str
    is_legacy: bool = False
    is_broken: bool = False


def mended(text: str) -> Mended:
    """Return text as it is seen, if that can be told."""
    words = [word for word in _WORD.findall(text) if not _PLAIN.fullmatch(word)]
    if len(words) < _FEWEST:
        return Mended(text, is_broken=_is_broken(text))
    readings = [_in_unicode(text, table) for table in (_tcvn3(), _vni())]
    share, best = max((_share_of(read), read) for read in readings)
    if share >= _RIGHT and share >= _share(words) + _MORE:
        return Mended(best, is_legacy=True)
    return Mended(text, is_broken=_is_broken(text))


def _share_of(text: str) -> float:
    return _share([word for word in _WORD.findall(text) if not _PLAIN.fullmatch(word)])


def _is_broken(text: str) -> bool:
    signs = sum(not sign.isspace() for sign in text)
    return len(_LOST.findall(text)) > _BROKEN * signs


def _share(words: list[str]) -> float:
    """Return which share of words are Vietnamese syllables."""
    return sum(_is_syllable(word) for word in words) / max(len(words), 1)


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower())
    toneless = "".join(sign for sign in parts if sign not in _TONES)
    tones = len(parts) - len(toneless)
    return tones <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)))


def _in_unicode(text: str, table: Mapping[str, str]) -> str:
    longest = sorted(table, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest)))
    return unicodedata.normalize("NFC", pattern.sub(lambda found: table[found.group()], text))


@cache
def _tcvn3() -> Mapping[str, str]:
    toned = {
        code: unicodedata.normalize("NFC", letter + tone)
        for letter, codes in _TCVN3.items()
        for code, tone in zip(codes, _TONES, strict=True)
    }
    return toned | _TCVN3_BARE


@cache
def _vni() -> Mapping[str, str]:
    table = dict(_VNI_BARE)
    for letter in "aeouy":
        table |= _toned(letter, letter, _VNI_TONES)
    table |= _toned("ô", "ơ", _VNI_TONES) | _toned("ö", "ư", _VNI_TONES)
    table |= _toned("a", "ă", _VNI_BREVE)
    for letter, hat in (("a", "â"), ("e", "ê"), ("o", "ô")):
        table |= _toned(letter, hat, _VNI_HAT)
    capitals = {code.upper(): letter.upper() for code, letter in table.items()}
    return table | capitals | _VNI_I | {code.upper(): one.upper() for code, one in _VNI_I.items()}


def _toned(code: str, letter: str, tones: str) -> dict[str, str]:
    return {
        code + sign: unicodedata.normalize("NFC", letter + tone)
        for sign, tone in zip(tones, _TONES, strict=True)
    }
