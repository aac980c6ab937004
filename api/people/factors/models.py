"""What is kept of second factors."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from core.ids import new_id


class Totp(SQLModel, table=True):
    """An official's authenticator app; it counts once a first code was right."""

    __tablename__: ClassVar[str] = "totp"

    official_id: UUID = Field(primary_key=True)
    agency_id: UUID
    sealed_secret: bytes
    begun_at: datetime
    confirmed_at: datetime | None = None
    #: The time step of the newest code that was taken; older and equal ones are replays.
    last_step: int = 0


class RecoveryCode(SQLModel, table=True):
    """One way back for who has lost everything else; only its hash is kept."""

    __tablename__: ClassVar[str] = "recovery_code"

    hash: str = Field(primary_key=True, max_length=64)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    used_at: datetime | None = None


class Passkey(SQLModel, table=True):
    """A WebAuthn credential."""

    __tablename__: ClassVar[str] = "passkey"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    name: str = Field(max_length=80)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    #: Unsigned, 32 bits.
    sign_count: int = Field(sa_column=Column(BigInteger, nullable=False))
    is_synced: bool
    added_at: datetime
    used_at: datetime | None = None
