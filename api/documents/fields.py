"""The fields of a document as its layout shows them (NĐ 30/2020, Annex I); pure.

Nothing here decides anything: a clerk sees where each value stands and how sure it is, and
confirms. Lines come column by column; a line without a known place is as wide as the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from api.documents import headings
from api.documents.headings import bare, begins, is_capital
from api.documents.rules import STAMPS, Urgency
from api.documents.types import types
from api.documents.words import PARTS, Box, Line

LETTER = "official_letter"
#: The head of a document, in lines of its first page.
_HEAD = 60
_TOP = 15
_LONGEST_TITLE = 900
_LONGEST_PLACE = 40
#: What OCR read with less is no word.
_LEGIBLE = 40
_MIDDLE = PARTS // 2
#: A gap of so many line heights ends a paragraph.
_APART = 2.0

_PIECE = r"[A-ZĐƯÀ-Ỹ][A-Za-zĐđƯưÀ-ỹ0-9]*"
#: `Số: 28/2023/QĐ-UBND`; OCR loses or changes the mark on «Số», and adds specks before it.
_NUMBER = re.compile(
    r"^(?:\W|\w{1,3}\W|(?:[Ll]uật|[Nn]ghị quyết|[Pp]háp lệnh)\s){0,3}"
    r"[SsŞ][oôốồổỗộóòỏõọơớOÔỐ0eéê]\s*[:.;,]?\s*"
    r"(?P<number>\d{1,6}(?:\.\d{1,4})?)?[a-zđ]?\s*[/⁄]\s*"
    rf"(?P<symbol>(?:(?:19|20)\d\d\s*/\s*)?{_PIECE}(?:\s*[-–—/.&]\s*{_PIECE})*(?P<rest>\s*[-–/])?)"
)
#: A number that is not yet given, its «Số» on a line or in a column of its own.
_BLANK = re.compile(
    rf"^\W*/\s*(?P<symbol>(?:(?:19|20)\d\d\s*/\s*)?{_PIECE}(?:\s*[-–—/.&]\s*{_PIECE})*)\W*$"
)
_DATE = re.compile(r"ngay\s*(\d{1,2})\s*thang\s*(\d{1,2})\s*nam\s*(\d{4})")
_ABOUT = re.compile(r"^\W*(?:[Vv]\s*/\s*[VvwW]\b|[Vv]ề việc\s*:)[\s:.]*")
_MOTTO = re.compile(r"\s*C[ỘÔOỌÒ]NG\s+H\w+\s+X\w+\s+H\w+.*", re.DOTALL)
_NAME = re.compile(r"[A-ZĐÀ-Ỹ][A-Za-zĐđÀ-ỹ]*(?: [A-ZĐÀ-Ỹ][A-Za-zĐđÀ-ỹ]*){1,4}")
_LAST_WORDS = re.compile(r"(?:[A-ZĐÀ-Ỹ][a-zđà-ỹ]+ ?){2,5}$")


class Field(StrEnum):
    """What is proposed of a document."""

    NUMBER = "number"
    SYMBOL = "symbol"
    ISSUED_ON = "issued_on"
    ISSUER = "issuer"
    TYPE = "type_code"
    TITLE = "title"
    SIGNER = "signer"
    URGENCY = "urgency"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value as it stands on the paper.

    Attributes:
        field: what it is the value of.
        value: as a clerk would type it; dates as `2026-11-25`.
        confidence: 0 to 100.
        page: where it stands, counted from 0.
        box: the rectangle around the lines that say so.
    """

    field: Field
    value: str
    confidence: int
    page: int
    box: Box


Pages = Sequence[tuple[int, Sequence[Line]]]


def propose(pages: Pages) -> list[Proposal]:
    """Return what the layout of a document says of it; a field that nobody sees is missing.

    Args:
        pages: the lines of each page that was looked at, with the page's number.
    """
    if not pages:
        return []
    number, lines = pages[0]
    head = _Head(number, list(lines[:_HEAD]))
    found = [*head.number(), *head.date(), *head.issuer(), *head.kind(), *head.urgency()]
    return found + list(_signer(pages))


class _Head:
    """The first lines of a document."""

    def __init__(self, page: int, lines: list[Line]) -> None:
        self._page = page
        self._lines = lines
        self._numbered = next((n for n, line in enumerate(lines) if _NUMBER.match(line.text)), None)
        grounds = (n for n, line in enumerate(lines) if begins(line.text, headings.GROUNDS))
        self._end = next(grounds, len(lines))

    def number(self) -> Iterator[Proposal]:
        """Propose number and symbol: `28` and `2023/QĐ-UBND`."""
        if self._numbered is None or self._numbered > self._end:
            yield from self._blank()
            return
        line = self._lines[self._numbered]
        found = _NUMBER.match(line.text)
        if found is None:
            return
        symbol = re.sub(r"\s+", "", found["symbol"]).replace("–", "-").replace("—", "-")
        if found["rest"] and self._numbered + 1 < len(self._lines):
            symbol += self._rest_of_symbol(self._numbered)
        if found["number"]:
            yield self._say(Field.NUMBER, found["number"], 99, [line])
        yield self._say(Field.SYMBOL, symbol.strip("-/"), 97, [line])

    def _blank(self) -> Iterator[Proposal]:
        for line in self._lines[: min(self._end, _TOP)]:
            found = _BLANK.match(line.text)
            if found:
                yield self._say(Field.SYMBOL, re.sub(r"\s+", "", found["symbol"]), 90, [line])
                return

    def _rest_of_symbol(self, place: int) -> str:
        column = self._lines[place].box
        for line in self._lines[place + 1 : place + 3]:
            rest = re.match(rf"{_PIECE}(?:-{_PIECE})*$", line.text.strip())
            if rest and abs(line.box.left - column.left) < _MIDDLE:
                return rest.group()
        return ""

    def date(self) -> Iterator[Proposal]:
        """Propose the date behind the place: `Hà Nội, ngày 05 tháng 4 năm 2024`."""
        for n, line in enumerate(self._lines[: self._end]):
            rows = [line, *self._lines[n + 1 : n + 2]]
            for count in range(1, len(rows) + 1):
                text = headings.bare(" ".join(row.text for row in rows[:count]))
                found = _DATE.search(text)
                day = _day_of(found) if found else None
                if not (day and found) or found.start() >= len(headings.bare(line.text)):
                    continue
                if _is_place(text[: found.start()]):
                    has_place = "," in line.text or found.start() < 4  # noqa: PLR2004 - no place
                    yield self._say(
                        Field.ISSUED_ON, day.isoformat(), 98 if has_place else 80, rows[:count]
                    )
                    return

    def issuer(self) -> Iterator[Proposal]:
        """Propose the lowest agency named above the number, on the left."""
        above = self._lines[: self._numbered if self._numbered is not None else 8]
        names: list[list[Line]] = []
        for line in above:
            text = _MOTTO.sub("", line.text).strip(" -—_.*|")
            if line.box.left >= _MIDDLE or not is_capital(text) or begins(text, headings.MOTTO):
                continue
            if line.confidence < _LEGIBLE or "/" in text or headings.type_at(text):
                continue
            named = line._replace(text=text)
            if not names or begins(text, headings.AGENCIES):
                names.append([named])
            else:
                names[-1].append(named)
        if names:
            value = " ".join(line.text for line in names[-1])
            yield self._say(Field.ISSUER, value, 90, names[-1])

    def kind(self) -> Iterator[Proposal]:
        """Propose type and extract: what stands below the type's name, or behind `V/v`."""
        by_symbol = self._type_by_symbol()
        for n, line in enumerate(self._lines[: self._end]):
            known = headings.type_at(line.text)
            if known and n != self._numbered:
                code, rest = known
                sure = 99 if code == by_symbol else 94
                yield self._say(Field.TYPE, code, sure, [line])
                yield from self._title(([line._replace(text=rest)] if rest else []), n + 1)
                return
        yield from self._letter(by_symbol)

    def _letter(self, by_symbol: str | None) -> Iterator[Proposal]:
        about = (n for n, line in enumerate(self._lines) if _ABOUT.match(line.text))
        place = next(about, None)
        addressed = [line for line in self._lines if begins(line.text, headings.ADDRESSED)]
        shown = [self._lines[place]] if place is not None else addressed[:1]
        if by_symbol:
            shown = shown or self._lines[:1]
            yield self._say(Field.TYPE, by_symbol, 85, shown)
        elif shown:
            yield self._say(Field.TYPE, LETTER, 95 if place is not None else 75, shown)
        if place is not None:
            first = self._lines[place]
            text = _ABOUT.sub("", first.text)
            yield from self._title([first._replace(text=text)] if text else [], place + 1)

    def _title(self, lines: list[Line], place: int) -> Iterator[Proposal]:
        """Propose the lines of one paragraph as the extract."""
        for line in self._lines[place:]:
            if lines and _is_beside(lines[-1], line):
                continue
            if self._ends_title(lines, line):
                break
            lines.append(line)
        value = " ".join(" ".join(line.text.split()) for line in lines)[:_LONGEST_TITLE]
        if value:
            yield self._say(Field.TITLE, value.strip(" .;-"), 88, lines)

    def _ends_title(self, lines: list[Line], line: Line) -> bool:
        text = line.text.strip()
        if not any(sign.isalnum() for sign in text):
            return bool(lines)
        if begins(text, headings.AFTER_TITLE) or _DATE.search(bare(text)):
            return True
        if not lines:
            return False
        other_hand = is_capital(text) and not is_capital(lines[-1].text)
        return other_hand or _is_far(lines[-1], line)

    def _type_by_symbol(self) -> str | None:
        if self._numbered is None:
            return None
        found = _NUMBER.match(self._lines[self._numbered].text)
        parts = re.split(r"[-/]", found["symbol"]) if found else []
        letters = [part.strip() for part in parts if not part.strip().isdigit()][:1]
        kinds = {kind.letters: code for code, kind in types().items() if kind.letters}
        return next((kinds[each] for each in letters if each in kinds), None)

    def urgency(self) -> Iterator[Proposal]:
        """Propose the urgency that is stamped."""
        stamps = {bare(stamp): level for level, stamp in STAMPS.items() if stamp}
        for line in self._lines:
            level = stamps.get(bare(line.text).strip(" .:|[]()-_"))
            if level and line.text.upper() == line.text:
                yield self._say(Field.URGENCY, level, 95, [line])
                return
        if self._lines:
            yield self._say(Field.URGENCY, Urgency.NORMAL, 60, [])

    def _say(self, field: Field, value: str, sure: int, lines: Sequence[Line]) -> Proposal:
        return _said(field, value, sure, self._page, lines)


def _said(field: Field, value: str, sure: int, page: int, lines: Sequence[Line]) -> Proposal:
    read = min((line.confidence for line in lines), default=100)
    box = Box(
        min((line.box.left for line in lines), default=0),
        min((line.box.top for line in lines), default=0),
        max((line.box.right for line in lines), default=0),
        max((line.box.bottom for line in lines), default=0),
    )
    return Proposal(field, value, sure * read // 100, page, box)


def _signer(pages: Pages) -> Iterator[Proposal]:
    """Propose the first name that stands below a capacity, on the right."""
    for page, lines in pages:
        first = _FIRST_BODY if page == pages[0][0] else 0
        for n in range(first, len(lines)):
            named = _named_below(lines[n : n + _SIGNATURE])
            if named:
                yield _said(Field.SIGNER, " ".join(named.text.split()), 90, page, [named])
                return


def _named_below(lines: Sequence[Line]) -> Line | None:
    """Return the name that ends the capacity's own line, or stands below it."""
    capacity = lines[0]
    on_it = _LAST_WORDS.search(capacity.text)
    if on_it and _is_name(on_it.group()) and headings.is_capacity(capacity.text[: on_it.start()]):
        return capacity._replace(text=on_it.group())
    if not headings.is_capacity(capacity.text):
        return None
    names = [line for line in lines[1:] if line.box.right > _MIDDLE and _is_name(line.text)]
    # A capacity may go on over several lines of capitals; a name seldom stands in them.
    names.sort(key=lambda line: is_capital(line.text))
    return next(iter(names), None)


#: A capacity among the first lines is an agency's or an addressee's.
_FIRST_BODY = 10
#: Lines between a capacity and the name below it.
_SIGNATURE = 14


def _is_name(text: str) -> bool:
    plain = text.strip(" .,;*_-")
    words = plain.split()
    are_words = all(len(word) > 1 and word[0].isupper() for word in words)
    # In small letters Vũ and Trương are families; in capitals VỤ and TRƯỜNG are agencies.
    no_names = headings.NO_NAMES if is_capital(plain) else headings.NO_SMALL_NAMES
    is_other = begins(plain, no_names) or headings.type_at(plain)
    return bool(_NAME.fullmatch(plain)) and are_words and not is_other


def _is_place(before: str) -> bool:
    """Say whether only a place stands before a date, not the law whose date it is."""
    return len(before) <= _LONGEST_PLACE and not headings.is_cited(before)


def _day_of(found: re.Match[str]) -> date | None:
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _is_beside(before: Line, line: Line) -> bool:
    """Say whether a line belongs to the other column."""
    apart = line.box.left >= _MIDDLE > before.box.right
    return apart or (line.box.right <= _MIDDLE and before.box.left >= _MIDDLE)


def _is_far(before: Line, line: Line) -> bool:
    height = max(before.box.bottom - before.box.top, 1)
    return line.box.top - before.box.bottom > _APART * height
