"""What phones send and get about single sign-on."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.people.schemas import Name

#: What a browser brings back; nothing that our own answers or the provider's would not hold.
Opaque = Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=r"^[!-~]+$")]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")]


class WaysIn(BaseModel):
    """How officials log in here."""

    local_accounts: bool = Field(description="`POST /sessions` takes a password")
    single_sign_on: str | None = Field(description="the identity provider, if there is one")


class BeginSignIn(BaseModel):
    """Sign in at the identity provider, from a device that proves its key by DPoP."""

    device_name: Name = "phone"


class SignInBegun(BaseModel):
    """Where to send the browser; it comes back with `code` and `state`."""

    authorization_url: str
    expires_in: int = Field(description="seconds")


class CompleteSignIn(BaseModel):
    """What the browser brought back."""

    state: Opaque
    code: Opaque
    iss: Opaque | None = Field(default=None, description="the issuer, if the answer names it")


class Link(BaseModel):
    """Who an official is at the identity provider (`sub`)."""

    subject: Subject
