"""What is remembered of officials' certificates."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from api.signing.pins.rules import Keeper
from core.columns import choice


class PinnedCertificate(SQLModel, table=True):
    """The certificate that an official signs with, by its fingerprint."""

    __tablename__: ClassVar[str] = "pinned_certificate"

    official_id: UUID = Field(primary_key=True)
    keeper: Keeper = Field(primary_key=True, sa_type=choice(Keeper))
    agency_id: UUID
    phone_number: str = Field(max_length=15)
    sha256: str = Field(max_length=64)
    since: datetime
    #: The device on which a change was confirmed; none for the first one.
    confirmed_from: UUID | None = None
