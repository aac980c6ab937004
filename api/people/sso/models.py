"""What is kept of single sign-on."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class SignIn(SQLModel, table=True):
    """A sign-in on its way through the provider; nonce and verifier follow from its state."""

    __tablename__: ClassVar[str] = "sign_in"

    state_hash: str = Field(primary_key=True, max_length=64)
    #: Of the device that began; no other one can complete it.
    thumbprint: str = Field(max_length=64)
    device_name: str = Field(max_length=80)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class Identity(SQLModel, table=True):
    """Which official a provider's subject is."""

    __tablename__: ClassVar[str] = "identity"
    __table_args__ = (UniqueConstraint("issuer", "official_id"),)

    issuer: str = Field(primary_key=True, max_length=255)
    subject: str = Field(primary_key=True, max_length=255)
    agency_id: UUID
    official_id: UUID
    linked_at: datetime


class SsoSession(SQLModel, table=True):
    """Which provider's session a device's session came from."""

    __tablename__: ClassVar[str] = "sso_session"

    session_id: UUID = Field(primary_key=True)
    agency_id: UUID
    device_id: UUID = Field(index=True)
    issuer: str = Field(max_length=255)
    subject: str = Field(max_length=255, index=True)
    #: The provider's own name of its session (`sid`).
    provider_session: str | None = Field(default=None, max_length=255, index=True)
    began_at: datetime
