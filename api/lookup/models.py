"""What lookup knows of each document: the fields it ranks by, and its text folded in passages."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel


def _position() -> Column[int]:
    return Column(Integer, primary_key=True, autoincrement=True)


class LookupEntry(SQLModel, table=True):
    """A document as it was last indexed."""

    __tablename__: ClassVar[str] = "lookup_entry"

    #: The index knows headings by it; full-text engines want small integers.
    position: int | None = Field(default=None, sa_column=_position())
    document_id: UUID = Field(unique=True)
    agency_id: UUID
    #: Whose text was indexed.
    revision_id: UUID
    #: How the text became terms.
    analysis: int
    #: Type and title, as people name the document.
    heading: str = Field(max_length=1200)
    #: The folded syllables of the heading.
    folded: str
    #: Folded number, issuer under all its names, signer and recipients: found, and not shown.
    fields: str
    #: The one spelling of its number (`187/qd-ttg`).
    number_key: str | None = Field(default=None, index=True, max_length=160)
    #: When it was issued, as an ordinal; 0 where nobody knows, so that every engine sorts it last.
    day: int = 0
    #: The first day on which it holds no more, likewise.
    until: int = 0


class LookupPassage(SQLModel, table=True):
    """The folded syllables of a part of a page; a document without text has one that is empty."""

    __tablename__: ClassVar[str] = "lookup_passage"
    __table_args__ = (UniqueConstraint("document_id", "page", "part"),)

    #: The index knows passages by it.
    position: int | None = Field(default=None, sa_column=_position())
    document_id: UUID
    page: int
    part: int
    agency_id: UUID
    folded: str
