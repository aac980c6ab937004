"""What time and others' facts make of meetings: which flow runs which kind of job."""

from functools import partial

from api.meetings.floor import flows as floor
from api.meetings.floor.service import EXPIRE
from api.meetings.invitations import flows as invitations
from api.meetings.invitations.service import REMIND
from api.meetings.papers import flows as papers
from api.meetings.record import flows as record
from api.meetings.record.flows import Keeping
from api.meetings.recording import flows as recording
from api.meetings.recording.flows import Tapes
from api.meetings.recording.service import KEEP
from api.meetings.secrecy import flows as secrecy
from api.meetings.secrecy.flows import Tools
from api.meetings.secrecy.service import COUNT
from api.meetings.votes import flows as votes
from api.meetings.votes.service import CLOSE
from core.worker import Handler


def handlers(tapes: Tapes, secret_votes: Tools) -> dict[str, Handler]:
    """Return the flows by the kinds of their jobs."""
    db = tapes.db
    keeping = Keeping(db, tapes.blobs)
    return {
        REMIND: partial(invitations.remind, db),
        EXPIRE: partial(floor.expire, db),
        CLOSE: partial(votes.close, db),
        KEEP: partial(recording.keep, tapes),
        COUNT: partial(secrecy.count, secret_votes),
        "meetings.follow_quarantine": partial(papers.follow_quarantine, db),
        "meetings.minutes_signed": partial(record.follow_signature, keeping),
        "meetings.minutes_returned": partial(record.follow_return, keeping),
    }
