"""What phones send and get about signing."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.signing.rules import State

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Submit(BaseModel):
    """Put a draft before its signer."""

    signer_id: UUID
    version: int | None = Field(default=None, description="refused with 409 when it is not newest")


class Decline(BaseModel):
    """Refuse to sign; the draft goes back to its drafter with the reason."""

    reason: Words


class SignatureRequestOut(BaseModel):
    """A signature request, as its parties see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    document_id: UUID
    revision_id: UUID
    signer_id: UUID
    state: State
    reason: str | None
    verification_code: str | None = Field(description="shown by the app and by the SIM alike")
    display_text: str | None = Field(description="what the SIM shows")
    created_at: datetime
    dispatched_at: datetime | None
    ended_at: datetime | None
