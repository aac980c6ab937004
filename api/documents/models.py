"""Documents, their files, who may read them, and the registers that number them."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from api.documents.rules import (
    Direction,
    Force,
    Level,
    PageState,
    Purpose,
    State,
    TextState,
    Urgency,
    Validity,
)
from core.columns import Versioned, choice, json_field
from core.ids import new_id

#: The kind of the job that reads the pages of a file that are pictures, one after the other.
READING_JOB = "documents.ocr"


class Document(Versioned, table=True):
    """One document of an agency, received or our own."""

    __tablename__: ClassVar[str] = "document"
    __table_args__ = (
        Index("ix_document_list", "agency_id", "created_at", "id"),
        Index(
            "ix_document_withdrawn", "id", sqlite_where=text("withdrawn IS 1"),
            postgresql_where=text("withdrawn IS true"),
        ),
    )  # fmt: skip

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    direction: Direction = Field(sa_type=choice(Direction))
    type_code: str = Field(max_length=40)
    title: str = Field(max_length=1000)
    #: As on paper; ours is allotted after the signature.
    number: int | None = None
    #: What follows the number: `QĐ-BTNMT`.
    symbol: str = Field(default="", max_length=80)
    issuer: str = Field(max_length=200)
    issued_on: date | None = None
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=choice(Urgency))
    state: State = Field(sa_type=choice(State))
    #: Not to be spread before a clerk confirms it: a scan could hide a secrecy stamp.
    held: bool = False
    #: No reader sees it any more, whatever their rights: it may be secret.
    withdrawn: bool = False
    arrival_number: int | None = None
    presented_to: UUID | None = None
    recipients: list[str] = json_field()
    reply_to: UUID | None = Field(default=None, index=True)
    drafted_by: UUID | None = Field(default=None, index=True)
    signer_id: UUID | None = Field(default=None, index=True)
    #: As on paper.
    signer: str = Field(default="", max_length=200)
    #: The leader for whom the signer signs, as the paper says; none for themselves.
    on_behalf_of: UUID | None = None
    #: Who signs beside, in the order of their places on the paper.
    cosigners: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    #: What the signer wrote when the draft was last sent back.
    opinion: str | None = Field(default=None, max_length=2000)
    #: Of the weakest signature in the newest file of ours.
    signature_level: Level | None = Field(default=None, sa_type=choice(Level))
    #: The first day on which what it lays down holds, and the first on which it does not.
    in_force_from: date | None = None
    in_force_until: date | None = None
    #: That a part of it, or all of it for a while, does not hold.
    force_noted: Validity | None = Field(default=None, sa_type=choice(Validity))
    created_at: datetime

    @property
    def force(self) -> Force:
        """Return from when to when it holds."""
        return Force(self.in_force_from, self.in_force_until, self.force_noted)


class Revision(SQLModel, table=True):
    """One stored file of a document; never changed."""

    __tablename__: ClassVar[str] = "revision"
    __table_args__ = (UniqueConstraint("document_id", "ordinal"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    document_id: UUID = Field(foreign_key="document.id")
    agency_id: UUID
    ordinal: int
    purpose: Purpose = Field(sa_type=choice(Purpose))
    sha256: str = Field(max_length=64, index=True)
    media_type: str = Field(default="application/pdf", max_length=100)
    size: int
    pages: int
    text_state: TextState = Field(sa_type=choice(TextState))
    #: The verifier's report on the signatures that were in a received file.
    verification: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    #: Where number, date, signature and seal have their places on a file of ours.
    layout: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    created_at: datetime


class CheckingCode(SQLModel, table=True):
    """The code on a paper of ours, by which anybody may ask what it is worth."""

    __tablename__: ClassVar[str] = "checking_code"

    #: Not to be guessed: 128 bits.
    code: str = Field(primary_key=True, max_length=32)
    document_id: UUID = Field(foreign_key="document.id", unique=True)
    agency_id: UUID


class PageText(SQLModel, table=True):
    """The text of one page, counted from 0; a page that could not be read has none."""

    __tablename__: ClassVar[str] = "page_text"

    revision_id: UUID = Field(primary_key=True, foreign_key="revision.id")
    page: int = Field(primary_key=True)
    agency_id: UUID
    text: str


class ScannedPage(SQLModel, table=True):
    """A page that gave no text: it waits for OCR, or says what OCR read."""

    __tablename__: ClassVar[str] = "scanned_page"

    revision_id: UUID = Field(primary_key=True, foreign_key="revision.id")
    page: int = Field(primary_key=True)
    agency_id: UUID
    state: PageState = Field(default=PageState.WAITING, sa_type=choice(PageState))
    #: The mean of its words, 0 to 100; a blank page is surely blank.
    confidence: int | None = None
    #: See `api.documents.words.Word`: text, confidence, line and place of each.
    words: list[list[Any]] = json_field()


class Quarantine(SQLModel, table=True):
    """A document that was found to bear a secrecy stamp after it was let in."""

    __tablename__: ClassVar[str] = "quarantine"

    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    agency_id: UUID = Field(index=True)
    page: int
    level: str = Field(max_length=20)
    found_at: datetime
    #: Who says first that it was a false alarm; another one has to say so too.
    vouched_by: UUID | None = None
    released_by: UUID | None = None
    released_at: datetime | None = None


class PageImage(SQLModel, table=True):
    """Where the picture of a page is kept, once drawn; counted from 0."""

    __tablename__: ClassVar[str] = "page_image"

    revision_id: UUID = Field(primary_key=True, foreign_key="revision.id")
    page: int = Field(primary_key=True)
    width: int = Field(primary_key=True)
    agency_id: UUID
    sha256: str = Field(max_length=64)


class DocumentReader(SQLModel, table=True):
    """An official who may read a document, and why."""

    __tablename__: ClassVar[str] = "document_reader"

    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    official_id: UUID = Field(primary_key=True, index=True)
    agency_id: UUID
    reason: str = Field(max_length=40)
    since: datetime


class NumberSeries(SQLModel, table=True):
    """Where a series of numbers stands in a year."""

    __tablename__: ClassVar[str] = "number_series"

    agency_id: UUID = Field(primary_key=True)
    series: str = Field(primary_key=True, max_length=60)
    year: int = Field(primary_key=True)
    last: int
    last_on: date


class RegisterEntry(SQLModel, table=True):
    """A number that was given, to which document and on which day; never changed."""

    __tablename__: ClassVar[str] = "register_entry"
    __table_args__ = (UniqueConstraint("document_id", "series"),)

    agency_id: UUID = Field(primary_key=True)
    series: str = Field(primary_key=True, max_length=60)
    year: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    document_id: UUID = Field(foreign_key="document.id")
    given_on: date
