"""Every table in one list, so that migrations and tests miss none."""

from sqlmodel import SQLModel

from core.audit import AuditRecord
from core.idempotency import StoredAnswer
from core.jobs import Job
from core.streams import Fact, Stream, StreamEntry

TABLES: tuple[type[SQLModel], ...] = (
    Fact,
    Stream,
    StreamEntry,
    Job,
    AuditRecord,
    StoredAnswer,
)

#: Tables whose rows can never be changed or deleted.
APPEND_ONLY_TABLES = ("audit_record",)
