"""The minutes as they stand on paper: the facts of the meeting, then what the secretary wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from core.clock import VIETNAM

_LONGEST_PARAGRAPH = 3000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on paper."""

    name: str
    position: str

    @override
    def __str__(self) -> str:
        return f"{self.name}, {self.position}" if self.position else self.name


@dataclass(frozen=True, slots=True)
class Decided:
    """A vote on paper: the question, what each choice got, and what was adopted."""

    question: str
    counts: Sequence[tuple[str, int]]
    adopted: str | None


@dataclass(frozen=True, slots=True)
class Concluded:
    """A conclusion on paper."""

    words: str
    lead: Person | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that minutes tell."""

    title: str
    place: str
    opened_at: datetime | None
    closed_at: datetime | None
    chair: Person
    secretary: Person
    present: Sequence[Person]
    absent: Sequence[Person]
    text: str
    votes: Sequence[Decided]
    conclusions: Sequence[Concluded]


def paragraphs(record: Record) -> list[str]:
    """Return the minutes, paragraph by paragraph."""
    lines = [f"Cuộc họp: {record.title}."]
    if record.opened_at and record.closed_at:
        span = f"Thời gian: từ {_moment(record.opened_at)} đến {_moment(record.closed_at)}"
        lines.append(f"{span}{f'; địa điểm: {record.place}' if record.place else ''}.")
    lines += [f"Chủ trì: {record.chair}.", f"Thư ký: {record.secretary}."]
    lines += [f"{word}: {'; '.join(map(str, people))}." for word, people in (
        ("Có mặt", record.present), ("Vắng mặt", record.absent)) if people]  # fmt: skip
    lines += [line.strip() for line in record.text.splitlines() if line.strip()]
    lines += [_voted(one) for one in record.votes]
    lines += conclusions(record.conclusions)
    return [part for line in lines for part in _parts(line)]


def conclusions(found: Sequence[Concluded]) -> list[str]:
    """Return the conclusions, numbered."""
    return [
        f"Kết luận {number}. {one.words}{_assigned(one)}" for number, one in enumerate(found, 1)
    ]


def _assigned(one: Concluded) -> str:
    if one.lead is None or one.due is None:
        return ""
    return f" (Chủ trì: {one.lead.name}; thời hạn: {_day(one.due)}.)"


def _voted(one: Decided) -> str:
    counted = "; ".join(f"{choice}: {count}" for choice, count in one.counts)
    outcome = f"thông qua «{one.adopted}»" if one.adopted else "không có phương án được thông qua"
    return f"Biểu quyết: {one.question} Kết quả: {counted}; {outcome}."


def _parts(line: str) -> list[str]:
    return [
        line[start : start + _LONGEST_PARAGRAPH]
        for start in range(0, len(line), _LONGEST_PARAGRAPH)
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%H giờ %M ngày %d/%m/%Y")


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")
