"""An invitation as a calendar file (RFC 5545, iTIP of RFC 5546): for one attendee, in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.meetings.invitations.rules import REMINDERS, Answer
from api.meetings.rules import Part, State

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: A content line has at most so many octets before its line break (RFC 5545, 3.1).
LINE = 75
_STATUS = {State.CANCELLED: "CANCELLED", State.POSTPONED: "TENTATIVE"}
_PARTSTAT = {
    Answer.ACCEPTED: "ACCEPTED",
    Answer.DECLINED: "DECLINED",
    Answer.DELEGATED: "DELEGATED",
}
_ROLE = {Part.CHAIR: "CHAIR", Part.GUEST: "NON-PARTICIPANT"}
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as calendars name them."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a calendar is told of a meeting."""

    meeting_id: UUID
    sequence: int
    title: str
    place: str
    state: State
    starts_at: datetime
    ends_at: datetime
    stamped_at: datetime
    organizer: Person
    attendee: Person
    part: Part
    answer: Answer


def written(said: Appointment) -> str:
    """Return the calendar file."""
    return "".join(f"{line}\r\n" for text in _lines(said) for line in folded(text))


def _lines(said: Appointment) -> Iterator[str]:
    cancelled = said.state is State.CANCELLED
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//Khong Giay//meetings//VI"
    yield f"METHOD:{'CANCEL' if cancelled else 'REQUEST'}"
    yield "BEGIN:VEVENT"
    yield f"UID:{said.meeting_id}@khonggiay"
    yield f"SEQUENCE:{said.sequence}"
    yield f"DTSTAMP:{_moment(said.stamped_at)}"
    yield f"DTSTART:{_moment(said.starts_at)}"
    yield f"DTEND:{_moment(said.ends_at)}"
    yield f"SUMMARY:{escaped(said.title)}"
    if said.place:
        yield f"LOCATION:{escaped(said.place)}"
    yield f"STATUS:{_STATUS.get(said.state, 'CONFIRMED')}"
    yield f"ORGANIZER;CN={quoted(said.organizer.name)}:urn:uuid:{said.organizer.id}"
    yield _attendee(said)
    if not cancelled:
        yield from _alarm(REMINDERS[-1])
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def _attendee(said: Appointment) -> str:
    role = _ROLE.get(said.part, "REQ-PARTICIPANT")
    status = _PARTSTAT.get(said.answer, "NEEDS-ACTION")
    asked = "TRUE" if status == "NEEDS-ACTION" else "FALSE"
    named = f"CN={quoted(said.attendee.name)};ROLE={role};PARTSTAT={status};RSVP={asked}"
    return f"ATTENDEE;{named}:urn:uuid:{said.attendee.id}"


def _alarm(before: timedelta) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield "DESCRIPTION:Không Giấy"
    yield f"TRIGGER:-PT{int(before.total_seconds() // 60)}M"
    yield "END:VALARM"


def escaped(text: str) -> str:
    """Return a TEXT value (RFC 5545, 3.3.11); control characters have no place in one."""
    told = text.translate(_ESCAPED)
    return "".join(sign for sign in told if sign == "\t" or (sign >= " " and sign != "\x7f"))


def quoted(name: str) -> str:
    """Return a parameter value in quotes, which has no way to hold a quote (RFC 5545, 3.2)."""
    return '"' + "".join(sign for sign in name if sign >= " " and sign not in '"\x7f') + '"'


def folded(text: str) -> Iterator[str]:
    """Break a content line into lines of at most 75 octets, never inside a character."""
    line, room = "", LINE
    for sign in text:
        size = len(sign.encode())
        if size > room:
            yield line
            line, room = " ", LINE - 1
        line, room = line + sign, room - size
    yield line


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
