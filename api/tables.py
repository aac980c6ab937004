"""Every table in one list, so that migrations and tests miss none."""

from sqlmodel import SQLModel

from api.lookup.models import LookupEntry, LookupPage
from api.people.models import Account, Agency, Official, Unit
from core.audit import AuditRecord
from core.idempotency import StoredAnswer
from core.jobs import Job
from core.sessions import Device, Principal, RealtimeTicket, RefreshToken, SeenProof
from core.streams import Fact, Stream, StreamEntry

TABLES: tuple[type[SQLModel], ...] = (
    Fact,
    Stream,
    StreamEntry,
    Job,
    AuditRecord,
    StoredAnswer,
    Principal,
    Device,
    RefreshToken,
    RealtimeTicket,
    SeenProof,
    Agency,
    Unit,
    Official,
    Account,
    LookupEntry,
    LookupPage,
)

#: Tables whose rows can never be changed or deleted.
APPEND_ONLY_TABLES = ("audit_record",)
