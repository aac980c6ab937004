"""What phones send and get of saved searches."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.lookup.exporting import Column
from api.lookup.filters import Sort
from api.lookup.saved.models import SavedSearch
from api.lookup.schemas import FiltersIn

#: NUL is refused by PostgreSQL.
_TEXT = r"^[^\x00]*$"
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_TEXT)
]


class FiltersKept(FiltersIn):
    """What a search is narrowed to: the parameters of `GET /lookup`."""

    model_config = ConfigDict(extra="forbid")


class SaveSearch(BaseModel):
    """A search to be kept."""

    name: Name = Field(description="as the official calls it")
    q: Annotated[str, StringConstraints(max_length=2000, pattern=_TEXT)] = Field(
        default="", description="as in `GET /lookup`"
    )
    filters: FiltersKept = FiltersKept()
    sort: Sort = Sort.RELEVANCE
    columns: list[Column] = Field(
        default=[], max_length=len(Column), description="of the table that is taken away"
    )
    alerts: bool = Field(default=True, description="ring when something new answers closely")


class SavedSearchOut(BaseModel):
    """A search that an official keeps."""

    id: UUID
    name: str
    q: str
    filters: FiltersKept
    sort: Sort
    columns: list[Column]
    alerts: bool
    found: int = Field(description="documents that it has told of and that may be read now")
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, saved: SavedSearch, found: int) -> Self:
        """Return `saved` as it goes on the wire."""
        return cls(
            id=saved.id,
            name=saved.name,
            q=saved.query,
            filters=FiltersKept.model_validate(saved.filters),
            sort=saved.sort,
            columns=[Column(one) for one in saved.columns],
            alerts=saved.alerts,
            found=found,
            created_at=saved.created_at,
            changed_at=saved.changed_at,
        )


class FoundOut(BaseModel):
    """A document that a saved search has told of."""

    id: UUID
    title: str
    type_code: str
    number: str = Field(description="as on paper")
    issuer: str
    issued_on: date | None
    found_at: datetime


class FoundPage(BaseModel):
    """Documents that a saved search has told of, the last one first."""

    items: list[FoundOut]
