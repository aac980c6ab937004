"""What phones send and get about documents."""

from datetime import date, datetime
from enum import IntEnum
from functools import partial
from typing import Annotated, Any
from unicodedata import normalize
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.documents.contents import Arrival, Draft
from api.documents.fields import Field as Field_
from api.documents.rules import (
    MOST_COSIGNERS,
    Direction,
    Force,
    Purpose,
    State,
    TextState,
    Urgency,
    Validity,
)

#: NUL is refused by PostgreSQL.
_TEXT = r"^[^\x00]*$"
#: Some keyboards and files spell «ế» as three signs: one name would be two in filters and counts.
_COMPOSED = AfterValidator(partial(normalize, "NFC"))
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_TEXT),
    _COMPOSED,
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_TEXT),
    _COMPOSED,
]
Symbol = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=_TEXT), _COMPOSED
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_TEXT)]
Article = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=_TEXT)
]
Opinion = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=_TEXT)
]
Level = Annotated[str, StringConstraints(max_length=40, pattern=_TEXT)]
Number = Annotated[int, Field(ge=1, le=999_999)]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="as last read; an older one gets 409 `stale`")
]


class Register(BaseModel):
    """What a clerk writes down of an incoming document, beside its PDF."""

    type_code: Code
    title: Title
    symbol: Symbol = ""
    number: Number | None = None
    issuer: Name
    issued_on: date | None = None
    signer: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_TEXT), _COMPOSED
    ] = Field(default="", description="as on paper")
    urgency: Urgency = Urgency.NORMAL
    presented_to: UUID = Field(description="the leader who sees it first")
    secrecy: Level = Field(default="", description="secret documents are refused")
    confirmed: bool = Field(
        default=False, description="I have looked at every page: no secrecy stamp is there"
    )

    def arrival(self) -> Arrival:
        """Return it as the service takes it."""
        return Arrival(**self.model_dump())


class WriteDraft(BaseModel):
    """What an official writes; the pages of the document answered follow as an annex."""

    reply_to: UUID | None = None
    type_code: Code
    title: Title
    articles: Annotated[list[Article], Field(min_length=1, max_length=50)]
    recipients: Annotated[list[Name], Field(min_length=1, max_length=50)]
    signer_id: UUID = Field(description="one of `GET /signatories`")
    on_behalf_of: UUID | None = Field(
        default=None, description="for which leader, where the signer may sign for several"
    )
    internal: bool = Field(default=False, description="for nobody outside the agency")
    cosigner_ids: Annotated[list[UUID], Field(max_length=MOST_COSIGNERS)] = Field(
        default_factory=list,
        description="who signs the same paper beside the signer, each with a signature of their"
        " own (đồng ký, liên tịch), in the order of their places on it",
    )
    urgency: Urgency = Urgency.NORMAL
    secrecy: Level = ""

    def draft(self) -> Draft:
        """Return it as the service takes it."""
        values = self.model_dump()
        values |= {"articles": tuple(self.articles), "recipients": tuple(self.recipients)}
        values |= {"cosigner_ids": tuple(self.cosigner_ids)}
        return Draft(**values)


class Confirm(BaseModel):
    """I have looked at every page: no secrecy stamp is there."""

    version: Version


class SayValidity(BaseModel):
    """From when to when what a document lays down holds."""

    in_force_from: date | None = Field(default=None, description="the first day")
    in_force_until: date | None = Field(
        default=None, description="the first day on which it does not hold any more"
    )
    force_noted: Validity | None = Field(
        default=None, description="`partly_ended` or `suspended`; the others follow from the days"
    )
    version: Version

    def force(self) -> Force:
        """Return it as the service takes it."""
        return Force(self.in_force_from, self.in_force_until, self.force_noted)


class SendBack(BaseModel):
    """Return a submitted draft to its drafter."""

    reason: Opinion
    version: Version


class DocumentOut(BaseModel):
    """A document, as its readers see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    direction: Direction
    type_code: str
    title: str
    number: int | None
    symbol: str
    issuer: str
    issued_on: date | None
    urgency: Urgency
    state: State
    held: bool = Field(description="not spread before a clerk confirms that it is not secret")
    arrival_number: int | None
    presented_to: UUID | None
    recipients: list[str]
    reply_to: UUID | None
    drafted_by: UUID | None
    signer_id: UUID | None
    signer: str = Field(description="as on paper")
    on_behalf_of: UUID | None = Field(description="the leader for whom the signer signs")
    cosigners: list[UUID] = Field(description="who signs beside the signer, as the paper says")
    opinion: str | None
    signature_level: Level | None = Field(
        default=None, description="how long the weakest signature of the file can be verified"
    )
    in_force_from: date | None
    in_force_until: date | None
    force_noted: Validity | None
    created_at: datetime
    version: int


class Width(IntEnum):
    """How wide a picture of a page is, in pixels: thumbnail, phone, tablet."""

    SMALL = 320
    MEDIUM = 1080
    LARGE = 1620


class ScanOut(BaseModel):
    """How far the reading of the pages that are pictures has come."""

    model_config = ConfigDict(from_attributes=True)

    pages: int = Field(description="how many pages are pictures")
    read: int = Field(description="how many of them are done with")
    unreadable: list[int] = Field(description="pages that gave nothing, counted from 0")
    confidence: int | None = Field(description="of what was read, 0 to 100")


class BoxOut(BaseModel):
    """A rectangle on a page, in ten-thousandths of its width and height, from the top left."""

    left: int
    top: int
    right: int
    bottom: int


class ProposalOut(BaseModel):
    """What a file's layout says of one field."""

    field: Field_ = Field(description="as `POST /documents/incoming` names it; `signer` beside")
    value: str
    confidence: int = Field(description="0 to 100; a clerk confirms each")
    page: int = Field(description="where it stands, counted from 0")
    box: BoxOut | None = Field(description="null: it stands nowhere, such as an urgency")


class ProposedOut(BaseModel):
    """What a file's layout says of the document; nothing of it was kept."""

    pages: int
    unread: int = Field(description="pages that are pictures and were not read")
    title: str | None = Field(description="what the file says of itself")
    fields: list[ProposalOut]


class QuarantinedOut(BaseModel):
    """A document in quarantine; nothing of its content."""

    document_id: UUID
    arrival_number: int | None
    page: int = Field(description="where the stamp was found, counted from 0")
    level: str = Field(description="what the stamp says")
    found_at: datetime
    vouched_by: UUID | None = Field(description="who says that it is a false alarm")
    released: bool = Field(description="a second person has said so too")
    taken_with_it: list[UUID] = Field(
        description="what has the same pages: the paper that it answers, and all that answers it"
    )


class RevisionOut(BaseModel):
    """The newest file of a document."""

    model_config = ConfigDict(from_attributes=True)

    ordinal: int
    purpose: Purpose
    sha256: str
    media_type: str = Field(description="of `GET /documents/{id}/file`; only PDF has pictures")
    size: int
    pages: int
    text_state: TextState
    verification: dict[str, Any] | None = Field(
        description="the report on the signatures that were in a received file"
    )
    created_at: datetime
    scan: ScanOut | None = Field(default=None, description="null: every page has text of its own")


class DocumentDetail(DocumentOut):
    """A document with its newest file."""

    file: RevisionOut


class Registered(DocumentDetail):
    """A registered document, and what it may be a copy of."""

    possible_duplicate_of: list[UUID]


class DocumentPage(BaseModel):
    """Documents, newest first."""

    items: list[DocumentOut]
    next_cursor: str | None


class Who(BaseModel):
    """An official in a sentence."""

    id: UUID
    full_name: str
    position: str


class TraceLine(BaseModel):
    """One thing that happened to a document, to what it answers or to what answers it."""

    document_id: UUID
    position: int = Field(description="in the stream of that document")
    at: datetime = Field(description="UTC")
    at_in_vietnam: datetime = Field(description="the same moment, +07:00")
    name: str
    who: Who | None = Field(description="nobody: the system itself")
    sentence_vi: str
    sentence_en: str
