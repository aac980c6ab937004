"""What a provider's tokens must say (OpenID Connect Core 3.1.3.7, Back-Channel Logout 2.6)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.people.sso.errors import BadLogoutToken, ProviderRefused

#: Clocks may differ by so much.
SKEW = timedelta(minutes=1)
#: An ID token answers a sign-in that has just ended; an older one was kept by somebody.
FRESH = timedelta(minutes=5)
SIGN_IN_LIFETIME = timedelta(minutes=10)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider vouches for.

    Attributes:
        issuer: the provider.
        subject: who, as the provider names them for ever.
        session: the provider's session (`sid`), where it tells it.
    """

    issuer: str
    subject: str
    session: str | None


@dataclass(frozen=True, slots=True)
class Logout:
    """Whose sessions a provider has ended: of one of its sessions, or all of a subject."""

    issuer: str
    subject: str | None
    session: str | None
    token_id: str
    expires_at: datetime


def identity_of(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Identity:
    """Return whom an ID token vouches for, if it was made for us, just now, for this sign-in."""
    try:
        said_nonce = claims["nonce"]
        holds = (
            _is_ours(claims, issuer, client_id, now)
            and claims.get("azp", client_id) == client_id
            and now - _moment(claims["iat"]) <= FRESH
            and isinstance(said_nonce, str)
            and hmac.compare_digest(said_nonce.encode(), nonce.encode())
        )
        found = Identity(issuer, _name(claims["sub"]), _name_or_none(claims.get("sid")))
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ProviderRefused from error
    if not holds:
        raise ProviderRefused
    return found


def logout_of(claims: Mapping[str, Any], *, issuer: str, client_id: str, now: datetime) -> Logout:
    """Return whose sessions a logout token ends; it is no ID token in disguise."""
    try:
        events = claims["events"]
        found = Logout(
            issuer=issuer,
            subject=_name_or_none(claims.get("sub")),
            session=_name_or_none(claims.get("sid")),
            token_id=_name(claims["jti"]),
            expires_at=_moment(claims["exp"]),
        )
        holds = (
            _is_ours(claims, issuer, client_id, now)
            and "nonce" not in claims
            and isinstance(events, dict)
            and isinstance(events.get(LOGOUT_EVENT), dict)
            and (found.subject is not None or found.session is not None)
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadLogoutToken from error
    if not holds:
        raise BadLogoutToken
    return found


def _is_ours(claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime) -> bool:
    """Say whether the provider made it for us alone, and it is neither expired nor of the future.

    A token that others may read too (further audiences) is not for us.
    """
    return (
        claims["iss"] == issuer
        and claims["aud"] in (client_id, [client_id])
        and _moment(claims["iat"]) <= now + SKEW
        and now < _moment(claims["exp"]) + SKEW
    )


def _moment(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError
    return datetime.fromtimestamp(seconds, tz=UTC)


def _name_or_none(said: Any) -> str | None:
    return None if said is None else _name(said)


def _name(said: Any) -> str:
    """Take a name as it is, or not at all: what looks alike must not become the same."""
    if not isinstance(said, str):
        raise TypeError
    if not (1 <= len(said) <= LONGEST and said.isascii() and said.isprintable()):
        raise ValueError
    return said
