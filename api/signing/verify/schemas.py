"""What verification answers; fields are only ever added."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Rect = tuple[float, float, float, float]


class Located(BaseModel):
    """Something in a file, as far as it is known where."""

    model_config = ConfigDict(extra="allow")

    object: str | None = Field(default=None, description="as PDF numbers it: `12 0 R`")
    what: str | None = Field(default=None, description="what it calls itself: `Annot/FreeText`")
    page: int | None = Field(default=None, description="counted from 0")
    rect: Rect | None = Field(
        default=None,
        description="left, bottom, right, top in points, from the page's lower left corner",
    )


class FindingOut(Located):
    """One fault, of one signature or of the whole file, and the place that is guilty of it."""

    reason: str
    sentence: str = Field(description="the reason in English")
    sentence_vi: str = Field(description="the reason in Vietnamese")
    signature: str | None = Field(description="its field; null: the file as a whole")


class CertificateOut(BaseModel):
    """What a certificate says of its holder."""

    subject: str
    issuer: str
    unit: str | None = Field(description="the managing unit or organisation")
    serial_number: str
    not_before: str
    not_after: str


class SignatureOut(Located):
    """One signature in a file, and where its field stands."""

    field: str
    signer: str | None
    kind: Literal["person", "agency", "timestamp", "unknown"]
    intact: bool
    trusted: bool
    valid_at_signing_time: bool
    covers_whole_file: bool
    changes_after: list[str]
    time: str | None
    time_source: str | None = Field(description="`timestamp` where a stamp proves the time")
    level: str | None = Field(description="B-B, B-T, B-LT or B-LTA; null of a stamp")
    revocation: Literal["good", "revoked", "not_checked"] = Field(
        description="by the evidence in the file, or by what was asked for just now"
    )
    revocation_source: Literal["file", "online"] | None = Field(
        description="null: nothing is known of it"
    )
    reason: str
    faults: list[str]
    certificate: CertificateOut | None


class OnlineOut(BaseModel):
    """What became of asking trust services just now; a silent one costs certainty only."""

    asked: int = Field(description="certificates that somebody could be asked about")
    answered: int


class ReportOut(BaseModel):
    """The verdict on a file, the same as `khonggiay verify` prints."""

    model_config = ConfigDict(extra="allow")

    verdict: Literal["valid", "invalid", "indeterminate"]
    reason: str
    sentence: str = Field(description="the reason in English")
    sentence_vi: str = Field(description="the reason in Vietnamese")
    findings: list[FindingOut]
    signatures: list[SignatureOut]
    timestamps: list[SignatureOut] = Field(description="the stamps on the whole file, oldest first")
    online: OnlineOut | None = Field(default=None, description="null: nobody was asked")

    @classmethod
    def of(cls, report: dict[str, Any]) -> "ReportOut":
        """Take the report as the sandbox gave it."""
        return cls.model_validate(report)


class Told(BaseModel):
    """A verdict in words."""

    verdict: Literal["valid", "invalid", "indeterminate"]
    reason: str
    sentence: str = Field(description="the reason in English")
    sentence_vi: str = Field(description="the reason in Vietnamese")


class PublicSignerOut(BaseModel):
    """Who signed a document, in person or for the agency."""

    name: str
    kind: Literal["person", "agency"]
    time: str | None = Field(description="ISO 8601, in Viet Nam")


class PublicVerdictOut(Told):
    """What anybody may know of an issued document whose code they hold; nothing else."""

    type: str
    type_vi: str
    number: str
    issued_on: date | None
    signers: list[PublicSignerOut]


class ComparisonOut(Told):
    """Whether a file is the very document that was issued; the verdict is on the file itself."""

    same: bool
