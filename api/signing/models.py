"""What signing remembers."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field

from api.signing.rules import BEGIN, State
from core.columns import Versioned, choice
from core.ids import new_id

_PROMPTED = text("state = 'dispatched'")


class SignatureRequest(Versioned, table=True):
    """One revision of one document, put before one signer."""

    __tablename__: ClassVar[str] = "signature_request"
    __table_args__ = (
        # One live prompt for each phone.
        Index(
            "uq_signature_request_prompted",
            "phone_number",
            unique=True,
            sqlite_where=_PROMPTED,
            postgresql_where=_PROMPTED,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    document_id: UUID = Field(foreign_key="document.id", index=True)
    revision_id: UUID = Field(foreign_key="revision.id")
    signer_id: UUID = Field(index=True)
    phone_number: str = Field(max_length=15)
    state: State = Field(default=BEGIN, sa_type=choice(State))
    #: Why it ended without a signature; a stable word.
    reason: str | None = Field(default=None, max_length=2000)
    #: Fresh for each prompt; the operator knows the prompt by it.
    transaction_id: UUID | None = Field(default=None, unique=True)
    #: The file with the empty signature, and what has to be signed.
    work_sha256: str | None = Field(default=None, max_length=64)
    prepared: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    signer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    verification_code: str | None = Field(default=None, max_length=4)
    display_text: str | None = Field(default=None, max_length=60)
    #: The only thing that cannot be had again.
    raw_signature: bytes | None = None
    consented_from: UUID | None = None
    #: What the signer showed when saying yes: see `api.people.factors.step_up.Evidence`.
    consent_evidence: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: datetime
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
