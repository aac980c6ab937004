"""What phones send and get about lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from api.signing.lists.models import SigningList
from api.signing.lists.rules import MOST, digest_of
from api.signing.rules import State
from api.signing.schemas import Told
from api.signing.words import told


class Gather(BaseModel):
    """Put requests together that wait for my signature."""

    request_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class ItemOut(BaseModel):
    """One paper of a list."""

    request_id: UUID
    document_id: UUID
    type_code: str
    title: str
    pages: int
    sha256: str


class SigningListOut(BaseModel):
    """A list, as its signer sees it."""

    id: UUID
    state: State
    reason: str | None
    told: Told
    items: list[ItemOut] = Field(description="without papers that were taken from everybody")
    sha256: str = Field(
        description="over `items` as JSON with sorted keys and no spaces: what a yes is given to"
    )
    verification_code: str | None = Field(description="shown by the app and by the SIM alike")
    display_text: str | None = Field(description="what the SIM shows")
    created_at: datetime
    dispatched_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, made: SigningList, kept: Sequence[dict[str, Any]]) -> "SigningListOut":
        """Show a list as far as its papers are there; what the SIM shows names one of them."""
        known = made.model_dump(include=set(cls.model_fields)) | {"items": kept}
        if len(kept) < len(made.items):
            known["display_text"] = None
        words = told(made.state, "list", made.reason)
        return cls.model_validate(known | {"told": words, "sha256": digest_of(made.items).hex()})
