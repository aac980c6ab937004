"""What phones send and get about people and devices."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.actor import Role
from core.devices import DeviceState

Account = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class LogIn(BaseModel):
    """Log in with an account, from a device that proves its key by DPoP."""

    account: Account
    password: Password
    device_name: Annotated[str, StringConstraints(min_length=1, max_length=80)] = "phone"


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
