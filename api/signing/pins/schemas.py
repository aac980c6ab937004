"""What phones send and get about their certificates."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from api.signing.pins.rules import Keeper

Fingerprint = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="SHA-256 over the DER")
]


class Confirm(BaseModel):
    """I sign with this certificate from now on."""

    keeper: Keeper = Field(description="`sim`, or `remote`: the key that signs lists")
    sha256: Fingerprint


class MyCertificateOut(BaseModel):
    """A certificate that I can sign with, as its keeper says now, and the one that is pinned."""

    keeper: Keeper
    sha256: Fingerprint
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    pinned_sha256: str | None = Field(description="null: the first signature pins it")
    must_be_confirmed: bool = Field(description="it signs nothing before I confirm it")
