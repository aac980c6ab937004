"""Settings of how people come in: passkeys and the ministry's identity provider."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, model_validator


class Passkeys(BaseModel):
    """Whom passkeys are made for."""

    #: The domain; empty: that of `http.public_url`, else `localhost`.
    domain: str = ""
    #: The pages and apps that may use them, such as `https://office.example` or
    #: `android:apk-key-hash:…`; empty: the page at `http.public_url`, else on this machine.
    origins: list[str] = []


class SingleSignOn(BaseModel):
    """The ministry's identity provider (OpenID Connect). Without an issuer there is none."""

    #: As its discovery document names itself: `https://id.example`. No other one is ever asked.
    issuer: str = ""
    client_id: str = ""
    #: Empty: a public client, by PKCE alone.
    client_secret: SecretStr = SecretStr("")
    #: The link by which the browser comes back to the phone's app.
    redirect_uri: str = ""
    scope: str = "openid"
    #: The only algorithm that its tokens may be signed with.
    algorithm: Literal["RS256", "ES256"] = "RS256"
    #: Whether passwords also let in beside it.
    local_accounts: bool = False

    @property
    def is_on(self) -> bool:
        """Say whether an identity provider is configured."""
        return bool(self.issuer)

    @model_validator(mode="after")
    def _must_be_whole(self) -> Self:
        if self.is_on and not (self.client_id and self.redirect_uri):
            raise ValueError("an issuer needs client_id and redirect_uri")
        if self.is_on and not is_private_line(self.issuer):
            raise ValueError("the issuer must be reached over https")
        return self


def is_private_line(address: str) -> bool:
    """Say whether nobody can listen in: the address is https, or on this machine."""
    parts = urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return bool(parts.hostname) and (parts.scheme == "https" or here)
