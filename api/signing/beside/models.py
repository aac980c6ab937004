"""What is remembered of files beside a document."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from api.signing.beside.rules import Form, Kind
from core.columns import Versioned, choice
from core.ids import new_id


class SideFile(Versioned, table=True):
    """A copy of a document, or an attachment in a file of its own."""

    __tablename__: ClassVar[str] = "side_file"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    document_id: UUID = Field(foreign_key="document.id", index=True)
    kind: Kind = Field(sa_type=choice(Kind))
    form: Form | None = Field(default=None, sa_type=choice(Form))
    title: str = Field(max_length=300)
    #: Of a copy, the file that was copied; of an attachment, the file as it was added.
    source_sha256: str = Field(max_length=64)
    pages: int
    #: The file that bears the seal.
    sha256: str | None = Field(default=None, max_length=64)
    size: int
    added_by: UUID
    created_at: datetime
    sealed_at: datetime | None = None
