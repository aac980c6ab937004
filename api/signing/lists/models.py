"""What signing lists remembers."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field

from api.signing.rules import BEGIN, State
from core.columns import Versioned, choice, json_field
from core.ids import new_id


class SigningList(Versioned, table=True):
    """Requests of one signer that one prompt is to decide together."""

    __tablename__: ClassVar[str] = "signing_list"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    signer_id: UUID = Field(index=True)
    phone_number: str = Field(max_length=15)
    state: State = Field(default=BEGIN, sa_type=choice(State))
    reason: str | None = Field(default=None, max_length=200)
    #: What the signer is shown: request, title, pages and hash of each paper.
    items: list[dict[str, Any]] = json_field()
    #: What the SIM signs: see `rules.manifest_of`.
    manifest: str | None = None
    #: The SIM's certificate.
    sim: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    transaction_id: UUID | None = Field(default=None, unique=True)
    verification_code: str | None = Field(default=None, max_length=4)
    display_text: str | None = Field(default=None, max_length=60)
    #: The SIM's signature over the manifest.
    raw_signature: bytes | None = None
    created_at: datetime
    consented_at: datetime | None = None
    dispatched_at: datetime | None = None
    ended_at: datetime | None = None
