"""What has to be shown for which deed: the table is the specification."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from api.people.factors.errors import TooManyPasskeys

#: What was shown may be so old; the server's nonce in it sees to that.
MAX_AGE = timedelta(seconds=120)
MOST_PASSKEYS = 10
RECOVERY_CODES = 10


class Factor(StrEnum):
    """How somebody shows that it is really them; the names are `acr_values` on the wire."""

    DEVICE = "device"
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery-code"


class Deed(StrEnum):
    """What is grave enough to ask."""

    LOG_IN = "log_in"
    CHANGE_FACTORS = "change_factors"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Owned:
    """Which second factors an official has set up."""

    passkey: bool = False
    totp: bool = False


_D, _T, _P, _R = Factor.DEVICE, Factor.TOTP, Factor.PASSKEY, Factor.RECOVERY_CODE

#    deed                  passkey  totp     one of these is shown
ACCEPTED = {
    (Deed.LOG_IN,          False,   False): (_D,),
    (Deed.LOG_IN,          False,   True):  (_T, _R),
    (Deed.LOG_IN,          True,    False): (_P, _R),
    (Deed.LOG_IN,          True,    True):  (_P, _T, _R),

    (Deed.CHANGE_FACTORS,  False,   False): (_D,),
    (Deed.CHANGE_FACTORS,  False,   True):  (_T, _R),
    (Deed.CHANGE_FACTORS,  True,    False): (_P, _R),
    (Deed.CHANGE_FACTORS,  True,    True):  (_P, _T, _R),

    (Deed.SIGN,            False,   False): (_D,),
    (Deed.SIGN,            False,   True):  (_T,),
    (Deed.SIGN,            True,    False): (_P,),
    (Deed.SIGN,            True,    True):  (_P,),
}  # fmt: skip

#: The device's own proof must hold the challenge too: it vouches for just this paper.
BOUND = frozenset({Deed.SIGN})


def accepted(deed: Deed, owned: Owned) -> tuple[Factor, ...]:
    """Return what counts for a deed, the best first."""
    return ACCEPTED[deed, owned.passkey, owned.totp]


def challenge(subject: bytes, nonce: str) -> bytes:
    """Return what has to be signed: SHA-256(subject || nonce).

    Subjects of different deeds have different lengths, and all nonces the same one.
    """
    return sha256(subject + nonce.encode()).digest()


def on_the_wire(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def must_have_room(passkeys: int) -> None:
    """Refuse more passkeys than a person can look after."""
    if passkeys >= MOST_PASSKEYS:
        raise TooManyPasskeys(most=MOST_PASSKEYS)
