"""What lookup knows of each document: the fields it ranks by, and its pages folded."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer
from sqlmodel import Field, SQLModel


class LookupEntry(SQLModel, table=True):
    """A document as it was last indexed."""

    __tablename__: ClassVar[str] = "lookup_entry"

    #: The index knows documents by it; full-text engines want small integers.
    position: int | None = Field(
        default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True)
    )
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
    #: The one spelling of its number (`187/qd-ttg`).
    number_key: str | None = Field(default=None, index=True, max_length=160)
    #: When it was issued, as an ordinal; 0 where nobody knows, so that every engine sorts it last.
    day: int = 0


class LookupPage(SQLModel, table=True):
    """The folded syllables of one page; says which page answers without folding it again."""

    __tablename__: ClassVar[str] = "lookup_page"

    document_id: UUID = Field(primary_key=True)
    page: int = Field(primary_key=True)
    agency_id: UUID
    folded: str
