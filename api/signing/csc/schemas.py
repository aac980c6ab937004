"""What the CSC server shows of a credential and of itself, and what officials send about it."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from api.signing.csc.errors import invalid
from api.signing.csc.rules import ALGORITHMS, Dialect, Json, Scope, Wish
from api.signing.pdf.certificate import SignerCertificate
from core.access import is_private_line

_CURVES = {"secp256r1": "1.2.840.10045.3.1.7", "secp384r1": "1.3.132.0.34"}
_DIGEST = 32
_METHODS = (
    "info", "oauth2/authorize", "oauth2/token", "oauth2/revoke", "credentials/list",
    "credentials/info", "credentials/authorize", "signatures/signHash",
)  # fmt: skip
_SHOWN = ("none", "single", "chain")  # no set: what is looked for may be unhashable
_TIME = "%Y%m%d%H%M%SZ"


def info(dialect: Dialect, base: str) -> Json:
    """Return what the service says of itself."""
    said: Json = {
        "specs": "1.0.4.0" if dialect is Dialect.V1 else "2.0.0.2",
        "name": "Không Giấy",
        "logo": f"{base}/favicon.ico",
        "region": "VN",
        "lang": "vi",
        "description": "Ký số bằng SIM của công chức / Signing with officials' SIM cards",
        "authType": ["oauth2code"],
        "oauth2": f"{base}/csc",
        "methods": list(_METHODS),
    }
    if dialect is Dialect.V2:
        algorithms = sorted({each for known in ALGORITHMS.values() for each in known})
        said["methods"].append("signatures/signPolling")
        said |= {
            "asynchronousOperationMode": True,
            "signAlgorithms": {"algos": algorithms},
            "signature_formats": {"formats": []},
            "conformance_levels": [],
            "supportedHashTypes": ["sodr"],
        }
    return said


def credential(
    signer: SignerCertificate, body: Json, dialect: Dialect, *, multisign: int, now: datetime
) -> Json:
    """Return what a credential is, as much of it as was asked for."""
    said: Json = {
        "description": "SIM PKI",
        "key": _key(signer),
        "cert": _certificate(signer, body, now),
        "SCAL": "2",
        "multisign": multisign,
        "lang": "vi",
    }
    if dialect is Dialect.V2:
        return said | {"auth": {"mode": "explicit", "expression": "", "objects": []}}
    untyped = {"presence": "false"}  # the PIN is typed on the phone, not here
    return said | {"authMode": "explicit", "PIN": untyped, "OTP": untyped}


def _key(signer: SignerCertificate) -> Json:
    said: Json = {"status": "enabled", "algo": list(ALGORITHMS[signer.mechanism])}
    match signer.parsed.public_key():
        case rsa.RSAPublicKey() as key:
            return said | {"len": key.key_size}
        case ec.EllipticCurvePublicKey() as curve:
            return said | {"len": curve.key_size, "curve": _CURVES[curve.curve.name]}
        case _:
            return said


def _certificate(signer: SignerCertificate, body: Json, now: datetime) -> Json:
    parsed, wanted = signer.parsed, body.get("certificates", "single")
    if wanted not in _SHOWN:
        raise invalid("certificates")
    is_valid = parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc
    said: Json = {"status": "valid" if is_valid else "expired"}
    if wanted != "none":
        shown = (signer.der, *signer.chain) if wanted == "chain" else (signer.der,)
        said["certificates"] = [b64encode(each).decode() for each in shown]
    if _flag(body, "certInfo"):
        said |= {
            "issuerDN": parsed.issuer.rfc4514_string(),
            "serialNumber": f"{parsed.serial_number:X}",
            "subjectDN": parsed.subject.rfc4514_string(),
            "validFrom": parsed.not_valid_before_utc.strftime(_TIME),
            "validTo": parsed.not_valid_after_utc.strftime(_TIME),
        }
    return said


def _flag(body: Json, name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid(name)
    return value


# --- what the agency and its officials send ---------------------------------------------------

#: NUL is refused by PostgreSQL.
_TEXT = r"^[^\x00]*$"
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_TEXT)
]


class Register(BaseModel):
    """Let a third party's application in."""

    name: Name
    redirect_uri: str = Field(
        max_length=2000, pattern=_TEXT, description="https, or on the same machine"
    )
    is_public: bool = Field(default=False, description="it can keep no secret: PKCE alone")

    @field_validator("redirect_uri")
    @classmethod
    def _must_be_private(cls, given: str) -> str:
        if not is_private_line(given):
            raise ValueError("https")
        return given


class ClientOut(BaseModel):
    """A third party's application."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    redirect_uri: str
    created_at: datetime
    closed_at: datetime | None


class RegisteredOut(ClientOut):
    """An application that was just let in."""

    client_secret: str = Field(description="shown this one time; empty for a public client")


class Allow(BaseModel):
    """Allow an application what its link asks for; the names are those of the link."""

    client_id: UUID
    redirect_uri: str = Field(max_length=2000, pattern=_TEXT)
    response_type: Literal["code"] = "code"
    scope: Scope
    code_challenge: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    code_challenge_method: Literal["S256"]
    state: str = Field(default="", max_length=512)
    hashes: list[str] = Field(
        default=[], max_length=100, description="base64url SHA-256; for the scope `credential`"
    )

    @field_validator("hashes")
    @classmethod
    def _must_be_digests(cls, given: list[str]) -> list[str]:
        if any(len(_digest(each)) != _DIGEST for each in given):
            raise ValueError("SHA-256")
        return given

    def as_wish(self) -> Wish:
        """Return it as the service wants it."""
        digests = tuple(_digest(each) for each in self.hashes)
        return Wish(self.client_id, self.redirect_uri, self.scope, self.code_challenge, digests)


class TokenForm(BaseModel):
    """What an application sends for a token; what is missing is refused by name."""

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = Field(default="", pattern=_TEXT)
    client_id: str = ""
    client_secret: str = ""
    code_verifier: str = ""


class AllowedOut(BaseModel):
    """Where the official's browser goes on."""

    redirect_to: str


class GrantOut(BaseModel):
    """What an application may do in my name until its token ends."""

    id: UUID
    client_id: UUID
    application: str
    scope: Scope
    granted_at: datetime
    token_until: datetime | None


def _digest(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    return b64decode(plain + "=" * (-len(plain) % 4), validate=True)
