"""Saved searches, what they are found by, and what they have told of."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from api.lookup.filters import Sort
from core.columns import choice, json_field


class SavedSearch(SQLModel, table=True):
    """A search that an official keeps."""

    __tablename__: ClassVar[str] = "saved_search"

    #: Chosen by the phone, so that saving can be repeated.
    id: UUID = Field(primary_key=True)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    name: str = Field(max_length=120)
    query: str = Field(max_length=2000)
    #: As `api.lookup.filters.Filters`; what is not set is not there.
    filters: dict[str, Any] = json_field()
    sort: Sort = Field(default=Sort.RELEVANCE, sa_type=choice(Sort))
    #: Of the table that is taken away; none chosen: the usual ones.
    columns: list[str] = json_field()
    #: Whether its official is told of new documents that answer.
    alerts: bool = True
    created_at: datetime
    changed_at: datetime
    #: By which analysis and lexicon it was worked out; another one works it out anew.
    made_by: str = Field(max_length=20)
    #: `api.lookup.saved.matching.Watched` as JSON.
    watched: str


class SavedSearchTerm(SQLModel, table=True):
    """A term without which no document answers: one of a search's is held by whatever does."""

    __tablename__: ClassVar[str] = "saved_search_term"

    agency_id: UUID = Field(primary_key=True)
    term: str = Field(primary_key=True, max_length=220)
    search_id: UUID = Field(primary_key=True, foreign_key="saved_search.id", index=True)


class SearchAlert(SQLModel, table=True):
    """A document that a saved search has found for its official: never a second time."""

    __tablename__: ClassVar[str] = "search_alert"
    __table_args__ = (Index("ix_search_alert_told", "document_id", "official_id"),)

    search_id: UUID = Field(primary_key=True, foreign_key="saved_search.id")
    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    official_id: UUID
    agency_id: UUID
    at: datetime
