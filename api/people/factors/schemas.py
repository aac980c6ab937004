"""What phones send and get about second factors."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.people.schemas import Name

Base64Url = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[A-Za-z0-9_-]*$")]
CredentialId = Annotated[
    str, StringConstraints(min_length=1, max_length=1364, pattern=r"^[A-Za-z0-9_-]+$")
]


class _Credential(BaseModel):
    """What WebAuthn calls a PublicKeyCredential, as its `toJSON()` gives it."""

    model_config = ConfigDict(extra="ignore")

    id: CredentialId
    rawId: CredentialId  # noqa: N815 - WebAuthn's names
    type: Literal["public-key"]


class AssertionResponse(BaseModel):
    """What an authenticator signed."""

    model_config = ConfigDict(extra="ignore")

    clientDataJSON: Base64Url  # noqa: N815
    authenticatorData: Base64Url  # noqa: N815
    signature: Base64Url
    userHandle: Base64Url | None = None  # noqa: N815


class Assertion(_Credential):
    """The answer of `navigator.credentials.get()`, for the header `Step-Up`."""

    response: AssertionResponse


class AttestationResponse(BaseModel):
    """What an authenticator made."""

    model_config = ConfigDict(extra="ignore")

    clientDataJSON: Base64Url  # noqa: N815
    attestationObject: Base64Url  # noqa: N815


class Attestation(_Credential):
    """The answer of `navigator.credentials.create()`."""

    response: AttestationResponse


class AddPasskey(BaseModel):
    """Keep a new passkey."""

    credential: Attestation
    name: Name


class TotpBegun(BaseModel):
    """What an authenticator app needs; shown once."""

    secret: str = Field(description="base32")
    uri: str = Field(description="`otpauth:` address for a QR code")


class Confirm(BaseModel):
    """The first code of the authenticator app."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class RecoveryCodes(BaseModel):
    """Codes to write down and lock away; each works once. Empty: there are some already."""

    recovery_codes: list[str]


class PasskeyOut(BaseModel):
    """A passkey, as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    is_synced: bool = Field(description="kept by a cloud or password manager, on several devices")
    added_at: datetime
    used_at: datetime | None


class FactorsOut(BaseModel):
    """My second factors."""

    totp_since: datetime | None
    passkeys: list[PasskeyOut]
    unused_recovery_codes: int


class PasskeyOptions(BaseModel):
    """For `navigator.credentials.create()`, or what an app's platform calls so."""

    model_config = ConfigDict(extra="allow")

    challenge: str
    rp: dict[str, Any]
    user: dict[str, Any]
