"""What phones send and get about people and devices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.people.acting import DelegationState, Form, Mandate, Scope
from core.actor import Role
from core.devices import DeviceState

#: NUL is refused by PostgreSQL.
Account = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
#: What people read in lists: no blanks around it, no control characters.
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class LogIn(BaseModel):
    """Log in with an account, from a device that proves its key by DPoP."""

    account: Account
    password: Password
    device_name: Name = "phone"


class LogInToConsole(BaseModel):
    """Log in for the API page or curl; refused in production."""

    account: Account
    password: Password


class Refresh(BaseModel):
    """Exchange a refresh token for new tokens."""

    refresh_token: Annotated[str, StringConstraints(min_length=20, max_length=200)]


class OfficialOut(BaseModel):
    """An official, as colleagues see them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    full_name: str
    position: str
    unit: str
    roles: list[Role]


class Me(OfficialOut):
    """Myself."""

    agency_id: UUID
    agency: str
    device_id: UUID | None


class DeviceOut(BaseModel):
    """A device, as its owner and the administrator see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    official_id: UUID
    name: str
    state: DeviceState
    registered_at: datetime
    changed_at: datetime


class TicketOut(BaseModel):
    """Lets one socket in, once."""

    ticket: str
    expires_in: int = Field(description="seconds")
    ice_servers: list[str] = Field(
        description="for WebRTC; none means that nobody outside is asked"
    )


TypeCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
#: No free words: a paper is named by its number and symbol.
Basis = Annotated[
    str,
    StringConstraints(
        max_length=60, pattern=r"^[0-9]{1,6}(/[0-9]{4})?(/|-)[A-ZĐ]{2,}[A-Za-zĐđ0-9.-]*$"
    ),
]
Version = Annotated[
    int, Field(ge=1, le=2**31 - 1, description="as last read; an older one gets 409 `stale`")
]


class Delegate(BaseModel):
    """Let somebody act for an official: in what right, in what, in which time."""

    principal_id: UUID | None = Field(
        default=None, description="for whom; none means for me (leader)"
    )
    delegate_id: UUID
    form: Form = Field(description="KT. deputy, TM. collective, TUQ. by paper, TL. by order")
    scope: Scope
    types: Annotated[list[TypeCode], Field(max_length=40)] = Field(
        default=[], description="of documents that may be signed; none means all"
    )
    basis: Basis | None = Field(
        default=None, description="number and symbol of the paper that says so: `15/QĐ-BTNMT`"
    )
    since: AwareDatetime | None = Field(default=None, description="none means from now on")
    until: AwareDatetime | None = Field(default=None, description="none means until taken back")

    def mandate(self, actor_id: UUID) -> Mandate:
        """Return it as the service takes it."""
        return Mandate(**self.model_dump() | {"principal_id": self.principal_id or actor_id})


class Judge(BaseModel):
    """Confirm a delegation, or take it back."""

    version: Version | None = None


class DelegationOut(BaseModel):
    """Who acts for whom, in what and when."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    principal_id: UUID
    delegate_id: UUID
    form: Form
    scope: Scope
    types: list[str]
    basis: str | None
    since: datetime
    until: datetime | None
    state: DelegationState
    made_by: UUID
    made_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    revoked_by: UUID | None
    revoked_at: datetime | None
    version: int


class SignatoryOut(BaseModel):
    """Who may sign, in what right."""

    official_id: UUID
    full_name: str
    principal_id: UUID | None = Field(description="for whom; none for oneself")
    form: Form | None
    capacity: list[str] = Field(description="the lines above the name on paper")
