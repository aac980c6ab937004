"""Papers with time stamps and evidence, of signers whose certificates were revoked or not."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from api.signing.evidence.stamps import stamp_in
from api.signing.longterm.sandboxed import survey_file
from api.signing.pdf.archive import stamp_signature
from core.clock import utc_now
from tests.support.lasting import Archivist
from tests.support.signed_papers import Desk

#: When the leader's certificate was revoked: before the stamp, with no stamp at all, after it.
REVOKED = ("before", "bare", "later")
_DAY = timedelta(days=1)


@dataclass
class Calendar:
    """A clock that starts ten days ago, and moves when told to."""

    now: datetime = field(default_factory=lambda: utc_now() - 10 * _DAY)

    def __call__(self) -> datetime:
        return self.now


def revoked(desk: Desk, calendar: Calendar, when: str) -> Path:
    """Return a finished paper at B-LTA whose leader's certificate was revoked one day."""
    archivist = Archivist(desk)
    if when == "before":
        _revoke(desk, calendar)
    path = desk.certified()
    if when != "bare":
        archivist.stamp(path)
    if when != "before":
        _revoke(desk, calendar)
    return archivist.finished(path)


def _revoke(desk: Desk, calendar: Calendar) -> None:
    calendar.now += _DAY
    desk.ca.revoke(desk.leader.parsed.serial_number)
    calendar.now += _DAY


def stamp_by(stranger: Desk, own: Desk, path: Path) -> None:
    """Put a stranger's stamp on the last signature of a paper."""
    asked = survey_file(path, Archivist(own).trust, [])["stamp"]
    token = Archivist(stranger).ask(asked)
    stamp_signature(path, stamp_in(token, asked["body"]).token)
