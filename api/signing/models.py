"""What signing remembers."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.signing.rules import BEGIN, Part, State
from core.columns import Versioned, choice, json_field
from core.ids import new_id


class SignatureRequest(Versioned, table=True):
    """One revision of one document, put before one person."""

    __tablename__: ClassVar[str] = "signature_request"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    document_id: UUID = Field(foreign_key="document.id", index=True)
    revision_id: UUID = Field(foreign_key="revision.id")
    signer_id: UUID = Field(index=True)
    role: Part = Field(default=Part.SIGN, sa_type=choice(Part))
    #: Who has a lower one decides before.
    turn: int = 1
    #: Where on the paper the signature stands: 0 is the signer's place, from 1 those beside.
    place: int = 0
    asked_by: UUID
    #: Empty for those who initial: no SIM is asked.
    phone_number: str = Field(max_length=15)
    state: State = Field(default=BEGIN, sa_type=choice(State))
    #: Why it ended without a signature; a stable word, or what the signer wrote.
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
    #: The list whose one prompt stands for this one too.
    list_id: UUID | None = Field(default=None, index=True)
    consented_from: UUID | None = None
    #: What the signer showed when saying yes: see `api.people.factors.step_up.Evidence`.
    consent_evidence: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: datetime
    #: Until when a yes or a no is waited for.
    deadline: datetime
    consented_at: datetime | None = None
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
    #: How many records of evidence there are, and the hash of the last.
    evidence_count: int = 0
    evidence_head: str = Field(default="", max_length=64)


class LivePrompt(SQLModel, table=True):
    """A phone on which a prompt may be showing; there is room for one."""

    __tablename__: ClassVar[str] = "live_prompt"

    phone_number: str = Field(primary_key=True, max_length=15)
    agency_id: UUID
    transaction_id: UUID
    since: datetime


class EvidenceRecord(SQLModel, table=True):
    """One thing that happened to a request, chained to the one before; never changed."""

    __tablename__: ClassVar[str] = "evidence_record"

    request_id: UUID = Field(primary_key=True, foreign_key="signature_request.id")
    ordinal: int = Field(primary_key=True)
    agency_id: UUID
    at: datetime
    kind: str = Field(max_length=40)
    body: dict[str, Any] = json_field()
    #: SHA-256 over the hash of the record before and this record: see `api.signing.chain`.
    sha256: str = Field(max_length=64)
