"""What phones send and get about signing."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from api.signing.asking import Wanted
from api.signing.queries import Card
from api.signing.rules import Order, Part, State
from api.signing.words import told

#: NUL is refused by PostgreSQL.
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$"),
]


class Submit(BaseModel):
    """Put a draft before those who initial it and its signer."""

    signer_id: UUID
    version: int | None = Field(default=None, description="refused with 409 when it is not newest")
    initials: list[UUID] = Field(
        default_factory=list, max_length=20, description="who initials it before it is signed"
    )
    order: Order = Field(
        default=Order.FREE, description="`fixed`: those who initial do so one after the other"
    )
    sign_order: Order = Field(
        default=Order.FREE,
        description="where several sign: `fixed`: one after the other in the order of their places"
        " on the paper, the signer last; `free`: as they like, each what the ones before have left",
    )
    deadline: AwareDatetime | None = Field(
        default=None, description="until when a decision is waited for; seven days if not said"
    )

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        return Wanted(
            self.signer_id, self.version, tuple(self.initials), self.order, self.sign_order,
            self.deadline,
        )  # fmt: skip


class Decline(BaseModel):
    """Refuse to sign; the draft goes back to its drafter with the reason."""

    reason: Words


class Withdraw(BaseModel):
    """Take back what is not signed yet; it is a draft again."""

    reason: Words


class Told(BaseModel):
    """How it stands, in words that people read."""

    sentence: str
    sentence_vi: str
    next_step: str
    next_step_vi: str


class SignatureRequestOut(BaseModel):
    """A signature request, as its parties see it."""

    id: UUID
    document_id: UUID
    revision_id: UUID
    signer_id: UUID
    role: Part = Field(description="`initial`: ký nháy, an approval that is recorded")
    turn: int
    place: int = Field(description="on the paper, of who signs: 0 is the signer's, from 1 beside")
    its_turn: bool = Field(description="nobody else has to decide before")
    type_code: str
    title: str
    pages: int
    sha256: str = Field(description="of the file that is put before the signer")
    state: State
    reason: str | None
    told: Told
    verification_code: str | None = Field(description="shown by the app and by the SIM alike")
    display_text: str | None = Field(description="what the SIM shows")
    created_at: datetime
    deadline: datetime
    consented_at: datetime | None
    dispatched_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, card: Card) -> "SignatureRequestOut":
        """Show a request with what it is about."""
        request, document, revision = card.request, card.document, card.revision
        return cls.model_validate(
            request.model_dump(include=set(cls.model_fields))
            | {
                "its_turn": card.its_turn,
                "type_code": document.type_code,
                "title": document.title,
                "pages": revision.pages,
                "sha256": revision.sha256,
                "told": told(request.state, request.role, request.reason),
            }
        )
