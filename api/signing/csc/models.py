"""What the CSC server remembers; tokens, codes and SADs only as their hashes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.signing.csc.rules import Scope, State
from core.columns import choice
from core.ids import new_id


class CscClient(SQLModel, table=True):
    """A third party's application."""

    __tablename__: ClassVar[str] = "csc_client"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    name: str = Field(max_length=120)
    redirect_uri: str = Field(max_length=2000)
    #: None: a public client, by PKCE alone.
    secret_hash: str | None = Field(default=None, max_length=64)
    created_at: datetime
    closed_at: datetime | None = None


class CscGrant(SQLModel, table=True):
    """What an official lets an application do, from the code to the token's end."""

    __tablename__: ClassVar[str] = "csc_grant"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    client_id: UUID = Field(foreign_key="csc_client.id", index=True)
    scope: Scope = Field(sa_type=choice(Scope))
    #: What may be signed, in hexadecimal; for the scope `credential`.
    hashes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    code_hash: str = Field(max_length=64, unique=True)
    code_challenge: str = Field(max_length=128)
    granted_at: datetime
    redeemed_at: datetime | None = None
    token_hash: str | None = Field(default=None, max_length=64, unique=True)
    token_until: datetime | None = None
    revoked_at: datetime | None = None


class CscAuthorization(SQLModel, table=True):
    """One act on an official's phone, for just these hashes."""

    __tablename__: ClassVar[str] = "csc_authorization"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID
    official_id: UUID = Field(index=True)
    client_id: UUID = Field(foreign_key="csc_client.id")
    phone_number: str = Field(max_length=15, index=True)
    state: State = Field(default=State.PROMPTING, sa_type=choice(State))
    hashes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    #: One for each hash; the operator knows its prompt by it.
    transactions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    signer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    started_at: datetime
    sad_hash: str | None = Field(default=None, max_length=64, unique=True)
    sad_until: datetime | None = None
    #: Base64; gone once they were fetched.
    signatures: list[str] | None = Field(default=None, sa_column=Column(JSON))
    response_hash: str | None = Field(default=None, max_length=64, unique=True)
