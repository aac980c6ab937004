"""The audit: who did what to which object, when and from which device; append-only.

Triggers on both engines refuse to change or delete a record: no code path and no console can.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer
from sqlmodel import Field, SQLModel

from core.columns import json_field


class AuditRecord(SQLModel, table=True):
    """One action of one official, reads of documents included."""

    __tablename__: ClassVar[str] = "audit_record"
    __table_args__ = ({"sqlite_autoincrement": True},)

    position: int | None = Field(
        default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True)
    )
    at: datetime
    agency_id: UUID
    actor_id: UUID = Field(index=True)
    device_id: UUID | None = None
    action: str = Field(max_length=64)
    object_id: str = Field(max_length=80, index=True)
    facts: dict[str, Any] = json_field()


#: SQL that makes a table append-only, by dialect; used by the migrations.
APPEND_ONLY = {
    "sqlite": (
        (
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
            " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        ),
        (
            "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        ),
        (
            "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        ),
    ),
}
