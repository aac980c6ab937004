"""What phones send and get about files beside a document."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.signing.beside.rules import Form, Kind

Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*$"
    ),
]
Page = Annotated[int, Field(ge=0, le=100_000)]


class MakeCopy(BaseModel):
    """Make a copy and seal it for the agency."""

    form: Form = Field(
        description="`copy`: sao y; `recopy`: sao lục, of a copy; `extract`: trích sao, of pages"
    )
    pages: list[Page] = Field(
        default_factory=list, max_length=1000, description="of an extract, counted from 0"
    )


class Attach(BaseModel):
    """What an attachment in a file of its own is."""

    title: Title


class SideFileOut(BaseModel):
    """A file beside a document, as its readers see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    document_id: UUID
    kind: Kind
    form: Form | None = Field(description="of a copy")
    title: str
    source_sha256: str = Field(description="of the file before it was sealed")
    sha256: str | None = Field(description="of the sealed file; null: it bears no seal yet")
    pages: int
    size: int
    added_by: UUID
    created_at: datetime
    sealed_at: datetime | None
