"""How a simulated phone behaves: by its number. `docs/reference/simulated-operator.md` lists them.

Ordinary numbers sign by themselves. Those that begin with `MAGIC` misbehave, each in its own way,
so that somebody who writes an app can try every case.
"""

from dataclasses import dataclass
from datetime import timedelta

from api.signing.mssp.codes import NAMES, REFUSALS, SIGNATURE
from api.signing.pdf.certificate import Mechanism

MAGIC = "849000"
#: What the SIM of every simulated phone asks for.
PIN = "123456"
#: After so many wrong ones in a row the PIN is blocked.
PIN_TRIES = 3
#: How long a prompt stays on a phone that waits for its PIN.
PROMPT_LIFETIME = timedelta(minutes=5)

#: This phone never answers.
SILENT = "84900000000"
#: This phone signs something else than what was asked.
WRONG_SIGNATURE = "84900000503"
#: This phone answers with a good signature when nobody waits for it any more.
LATE = "84900002000"
#: 84900000 + a code of the standard: what the phone answers with.
REFUSING = {
    f"84900000{code}": code for code in REFUSALS if f"84900000{code}" != WRONG_SIGNATURE
}  # fmt: skip
#: The other codes: the phone signs in the end, and these are said on the way.
SIGNING = {
    f"84900000{code}": code
    for code in NAMES
    if code not in REFUSALS or f"84900000{code}" == WRONG_SIGNATURE
}
#: 849000010 + two digits: the phone takes so many seconds.
_SLOW = "849000010"
#: 84900003 + three digits: the phone waits for somebody who types its PIN.
_BY_HAND = "84900003"
#: Further kinds of keys.
KEYS = {
    "84900004001": Mechanism.RSA_PKCS1_SHA256,
    "84900004002": Mechanism.RSA_PSS_SHA256,
    "84900004003": Mechanism.ECDSA_P256_SHA256,
    "84900004004": Mechanism.ECDSA_P384_SHA256,
}
_DIGITS = 11


@dataclass(frozen=True, slots=True)
class Script:
    """What a phone does about a prompt.

    Attributes:
        code: the answer, as the standard numbers it; None: there is none.
        after: how long it takes; None: as the operator is set.
        by_hand: whether only somebody who types the PIN gets an answer.
        lies: whether it signs something else.
        meanwhile: the code that is told while one waits.
    """

    code: int | None = SIGNATURE
    after: timedelta | None = None
    by_hand: bool = False
    lies: bool = False
    meanwhile: int = 504


_SCRIPTS: dict[str, Script] = (
    {number: Script(code=code) for number, code in REFUSING.items()}
    | {number: Script(meanwhile=code) for number, code in SIGNING.items() if code < SIGNATURE}
    | {number: Script() for number in KEYS}
    | {
        SILENT: Script(code=None),
        WRONG_SIGNATURE: Script(lies=True),
        LATE: Script(after=PROMPT_LIFETIME + timedelta(minutes=1)),
    }
)


def script_of(phone_number: str, *, by_hand: bool = False) -> Script:
    """Return what the phone with this number does; ordinary ones can be set to want their PIN."""
    if phone_number in _SCRIPTS:
        return _SCRIPTS[phone_number]
    if is_magic(phone_number) and phone_number.startswith(_SLOW):
        return Script(after=timedelta(seconds=int(phone_number[-2:])))
    if is_magic(phone_number) and phone_number.startswith(_BY_HAND):
        return Script(by_hand=True)
    return Script(by_hand=by_hand)


def is_magic(phone_number: str) -> bool:
    """Say whether there is a SIM behind this number without anybody enrolling one."""
    known = phone_number in _SCRIPTS or phone_number in SIGNING
    patterns = phone_number.startswith((_SLOW, _BY_HAND)) and len(phone_number) == _DIGITS
    return known or (patterns and phone_number.isascii() and phone_number.isdigit())
