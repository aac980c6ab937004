"""What the system knows of people."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from api.people.acting import DelegationState, Form, Scope
from core.columns import Versioned, choice, json_field
from core.ids import new_id


class Agency(SQLModel, table=True):
    """A ministry, a department, a province (cơ quan)."""

    __tablename__: ClassVar[str] = "agency"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=200)
    #: The identifier on the national axis; an opaque string, up to 35 characters.
    organ_id: str = Field(max_length=35, unique=True)
    #: The letters in its documents' symbols: `BTNMT`.
    abbreviation: str = Field(max_length=20)
    #: Where it dates its documents: `Hà Nội`.
    seat: str = Field(max_length=60)


class Unit(SQLModel, table=True):
    """A unit of an agency (đơn vị)."""

    __tablename__: ClassVar[str] = "unit"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    parent_id: UUID | None = None
    name: str = Field(max_length=200)


class Official(SQLModel, table=True):
    """Somebody who works for an agency (công chức)."""

    __tablename__: ClassVar[str] = "official"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    unit_id: UUID
    full_name: str = Field(max_length=120)
    position: str = Field(max_length=120)
    #: The SIM that signs, in international form without `+`: `84912345678`.
    phone_number: str | None = Field(default=None, max_length=15)


class Account(SQLModel, table=True):
    """How an official logs in."""

    __tablename__: ClassVar[str] = "account"

    name: str = Field(primary_key=True, max_length=64)
    official_id: UUID = Field(unique=True)
    password_hash: str = Field(max_length=200)


class LoginTries(SQLModel, table=True):
    """Tries in a row without the right password, for an account name or a network address.

    The name is kept as a hash and need not exist: an account that is not there locks like one
    that is.
    """

    __tablename__: ClassVar[str] = "login_tries"

    key: str = Field(primary_key=True, max_length=64)
    tries: int
    last_at: datetime = Field(index=True)
    locked_until: datetime | None = None


class Delegation(Versioned, table=True):
    """Who acts for whom, in what and in which time (ủy quyền)."""

    __tablename__: ClassVar[str] = "delegation"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    agency_id: UUID = Field(index=True)
    principal_id: UUID = Field(foreign_key="official.id", index=True)
    delegate_id: UUID = Field(foreign_key="official.id", index=True)
    form: Form = Field(sa_type=choice(Form))
    scope: Scope = Field(sa_type=choice(Scope))
    #: Codes of the types of documents that may be signed; none named means all.
    types: list[str] = json_field()
    #: The number and symbol of the paper that says so: `15/QĐ-BTNMT`.
    basis: str | None = Field(default=None, max_length=60)
    since: datetime
    until: datetime | None = None
    state: DelegationState = Field(sa_type=choice(DelegationState))
    made_by: UUID
    made_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None
