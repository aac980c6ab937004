"""The words by which the parts of a document are known, folded; data and small questions."""

import unicodedata

from api.documents.types import types

GROUNDS = (
    "can cu", "xet de nghi", "theo de nghi", "dieu 1", "chuong i", "quyet dinh:", "quoc hoi ban",
)  # fmt: skip
ADDRESSED = ("kinh gui", "kinh trinh")
#: What follows the extract.
AFTER_TITLE = (
    *GROUNDS, *ADDRESSED, "thuc hien ", "ngay ", "phan thu", "i. ", "1. ", "dien:", "xet ",
    "trong thoi gian", "thi hanh", "noi nhan", "doc lap", "so:", "so ",
)  # fmt: skip
MOTTO = ("cong hoa", "cong hoa xa", "doc lap", "so:", "so ")
#: What the name of an agency begins with; below another agency's name it begins a new one.
AGENCIES = (
    "bo ", "so ", "cuc ", "vu ", "tong cuc", "chi cuc", "uy ban", "ubnd", "hoi dong", "hdnd",
    "van phong", "ban ", "vien ", "truong ", "trung tam", "thu tuong", "chinh phu", "quoc hoi",
    "toa an", "thanh tra", "kho bac", "ngan hang", "tap doan", "tong cong ty", "cong ty", "phong ",
    "kiem toan", "bao hiem", "lien doan", "hoi ",
)  # fmt: skip
_CAPACITIES = (
    "tm.", "kt.", "tl.", "tuq.", "q.", "tm ", "kt ", "tl ", "tuq ", "bo truong", "thu truong",
    "thu tuong", "pho thu tuong", "chu tich", "pho chu tich", "giam doc", "pho giam doc",
    "cuc truong", "pho cuc truong", "tong cuc truong", "vu truong", "pho vu truong",
    "chanh van phong", "pho chanh van phong", "chanh thanh tra", "vien truong", "hieu truong",
    "truong ban", "tong giam doc", "thong doc", "pho thong doc", "tong thanh tra", "chanh an",
)  # fmt: skip
#: What no name begins with.
NO_SMALL_NAMES = ("noi nhan", "nhu tren", "luu", "phu luc", "dieu ", "chuong ")
NO_NAMES = (
    *NO_SMALL_NAMES, *AGENCIES, "bo truong", "thu truong", "pho ", "chu tich", "giam doc",
    "cuc truong", "vu truong", "chanh", "kt.", "tm.",
)  # fmt: skip
_CITED = ("luat", "nghi dinh", "nghi quyet", "thong tu", "quyet dinh", "can cu", "so ", "cong van")
_LONGEST_CAPACITY = 90
_CAPITALS = 0.7
_FEWEST = 3
#: Types that ask for a whole line of their own: their names are also plain words.
_LONGEST_TYPE_LINE = 400


def bare(text: str) -> str:
    """Return the text without marks and case, blanks single."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(letters.split())


def begins(text: str, words: tuple[str, ...]) -> bool:
    """Say whether a line begins with one of these words, whatever stands before its letters."""
    return bare(text).lstrip(" -–—*•.:|'\"`_~‘’").startswith(words)


def is_cited(text: str) -> bool:
    """Say whether a text speaks of another document; bare text alone."""
    return any(word in text for word in _CITED)


def is_capital(text: str) -> bool:
    """Say whether a line is written in capitals, as far as OCR can tell."""
    letters = [sign for sign in text if sign.isalpha()]
    upper = sum(sign.isupper() for sign in letters)
    return len(letters) >= _FEWEST and upper >= _CAPITALS * len(letters)


def is_capacity(text: str) -> bool:
    """Say whether a line says in what capacity somebody signs."""
    return len(text) < _LONGEST_CAPACITY and is_capital(text) and begins(text, _CAPACITIES)


def type_at(text: str) -> tuple[str, str] | None:
    """Return the type that a line names in capitals, and what else stands on it."""
    plain = text.strip(" -–—*•.:|_~`'")
    words = plain.split()
    for size in (4, 3, 2, 1):
        name = " ".join(words[:size])
        code = _NAMES.get(bare(name).strip(" .:"))
        if code and is_capital(name) and len(plain) < _LONGEST_TYPE_LINE:
            return code, " ".join(words[size:])
    return None


_NAMES = {bare(kind.vi): code for code, kind in types().items()}
