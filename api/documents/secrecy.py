"""Secret documents have no place in a networked system: by what signs they are known.

A stamp stands alone on its line, in capitals. Scans lose marks over and under letters, so a letter
may have lost marks (`MÂT`, `TOI MAT`), but never gained others (`MẮT` is an eye). `MAT` alone on a
line could be a name, and is taken for a stamp all the same: a refusal can be put right by a clerk,
a leak cannot.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum


class SecrecyLevel(StrEnum):
    """The three levels of state secrets."""

    SECRET = "mật"  # noqa: S105 - no password
    TOP_SECRET = "tối mật"  # noqa: S105 - the same
    UTMOST_SECRET = "tuyệt mật"  # noqa: S105 - the same


def _drawn(word: str) -> str:
    """Return the pattern of a stamped word: letters perhaps spaced, marks perhaps lost."""
    letters: list[str] = []
    for sign in unicodedata.normalize("NFD", word):
        if unicodedata.combining(sign):
            letters[-1] += f"{sign}?"
        else:
            letters.append(sign)
    return r"\s*".join(letters)


#: No stamp is longer, its letters spaced and the frame around it taken off.
_LONGEST_STAMP = 60
_STAMP = re.compile(
    rf"(?:(?P<utmost>{_drawn('TUYỆT')})\s*|(?P<top>{_drawn('TỐI')})\s*)?{_drawn('MẬT')}"
)
#: `TỐI MẬT: về việc …`, `[MẬT] Về việc …`: how people type a stamp before a title.
_BEFORE_TITLE = re.compile(rf"\s*[\[(]?\s*{_STAMP.pattern}\s*[\]):.–—-]")
_ANYWHERE = re.compile(rf"(?<!\w){_drawn('MẬT')}(?!\w)")
#: `Độ mật: Tối mật`, judged without marks and case.
_DECLARATION = re.compile(
    r"(?:dau chi )?(?:muc )?do mat ?[:.-]* ?(?:(?P<utmost>tuyet )|(?P<top>toi ))?mat"
)
#: In `05-M/BC-BTNMT`, `12/QĐ-BTNMT(TM)`: a part of its own. `TM` counts in brackets only, since
#: it was a ministry's own abbreviation.
_SYMBOL = re.compile(r"(?P<utmost>\bTUM\b)|(?P<top>\(TM\))|\bM\b")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
#: Words by which senders say that a document is not secret.
_OPEN = frozenset({"", "thuong", "khong", "khong mat", "none", "normal"})
_DECLARED = {
    "mat": SecrecyLevel.SECRET,
    "toi mat": SecrecyLevel.TOP_SECRET,
    "tuyet mat": SecrecyLevel.UTMOST_SECRET,
}


def stamp_in(text: str) -> SecrecyLevel | None:
    """Return the highest level whose stamp stands on a line of its own."""
    return highest(_level_of_line(line) for line in _clean(text).splitlines())


def typed_in(text: str) -> bool:
    """Say whether a person typed a stamp: on a line of its own, or before the title."""
    return stamp_in(text) is not None or _BEFORE_TITLE.match(_clean(text)) is not None


def stamp_on_scan(text: str) -> SecrecyLevel | None:
    """Return the highest level whose stamp OCR may have read on a line of its own.

    OCR takes one mark for another (`MẤT`, `TÔI MÁT`): only the capitals count.
    """
    lines = _clean(text).splitlines()
    drawn = "\n".join(_bare(line) for line in lines if not _has_small_letters(line))
    return highest((stamp_in(text), stamp_in(drawn)))


def _bare(text: str) -> str:
    return "".join(sign for sign in text if not unicodedata.combining(sign))


def _has_small_letters(text: str) -> bool:
    return any(sign.islower() for sign in text)


def declared(level: str) -> SecrecyLevel | None:
    """Return the level that a sender declared in words.

    Raises:
        ValueError: the words name no level, nor that there is none.
    """
    plain = " ".join(_without_marks(_clean(level)).replace("_", " ").split())
    if plain in _OPEN:
        return None
    if plain not in _DECLARED:
        raise ValueError(level)
    return _DECLARED[plain]


def marked_in_symbol(symbol: str) -> SecrecyLevel | None:
    """Return the level that a document's number and symbol carry."""
    return highest(_level_of(found) for found in _SYMBOL.finditer(symbol.upper()))


def may_hold_stamp(text: str) -> bool:
    """Say whether a stamp's word stands anywhere, perhaps beside another column's words."""
    return _ANYWHERE.search(_clean(text)) is not None


def _level_of_line(line: str) -> SecrecyLevel | None:
    words = _unframed(line)
    if len(words) > _LONGEST_STAMP:
        return None
    found = _STAMP.fullmatch(words) or _DECLARATION.fullmatch(_without_marks(words))
    return _level_of(found) if found else None


def _unframed(line: str) -> str:
    """Return the line without frames, dashes and the like around it, and with single spaces."""
    places = [place for place, sign in enumerate(line) if sign.isalnum()]
    return " ".join(line[places[0] : places[-1] + 1].split()) if places else ""


def _level_of(found: re.Match[str]) -> SecrecyLevel:
    if found["utmost"]:
        return SecrecyLevel.UTMOST_SECRET
    return SecrecyLevel.TOP_SECRET if found["top"] else SecrecyLevel.SECRET


def highest(levels: Iterable[SecrecyLevel | None]) -> SecrecyLevel | None:
    """Return the highest of what was found."""
    found = set(levels)
    return next((level for level in reversed(SecrecyLevel) if level in found), None)


def _clean(text: str) -> str:
    """Return the text decomposed, wide letters made plain, invisible signs gone."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))


def _without_marks(text: str) -> str:
    plain = "".join(
        sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign)
    )
    return plain.replace("đ", "d").replace("Đ", "D").casefold()
