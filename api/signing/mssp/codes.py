"""What an operator's status codes (ETSI TS 102 204) mean to us: one table, no guesses.

A refusal has a sentence in `core/messages` under `mssp.<refusal>`, and its next step another one
under `mssp.next.<step>`.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why no signature came; the list is closed."""

    USER_CANCELLED = "user_cancelled"
    EXPIRED = "expired"
    PHONE_NOT_REACHED = "phone_not_reached"
    PIN_BLOCKED = "pin_blocked"
    CARD_BLOCKED = "card_blocked"
    NO_KEY = "no_key"
    NO_CERTIFICATE = "no_certificate"
    CERTIFICATE_REVOKED = "certificate_revoked"
    UNKNOWN_USER = "unknown_user"
    NOT_AUTHORISED = "not_authorised"
    REQUEST_REFUSED = "request_refused"
    OPERATOR_FAILED = "operator_failed"


class Progress(StrEnum):
    """What a code says that is no refusal."""

    WAITING = "waiting"
    SIGNED = "signed"


class NextStep(StrEnum):
    """What a person can do about a refusal."""

    TRY_ANEW = "try_anew"
    CHECK_PHONE = "check_phone"
    UNBLOCK_PIN = "unblock_pin"
    GET_NEW_SIM = "get_new_sim"
    GET_CERTIFICATE = "get_certificate"
    ASK_ADMINISTRATOR = "ask_administrator"


_W, _S, _R = Progress.WAITING, Progress.SIGNED, Refusal

#:   code  its name in the standard  what it means to us
_TABLE: tuple[tuple[int, str, Refusal | Progress], ...] = (
    (100, "REQUEST_OK",              _W),
    (101, "WRONG_PARAM",             _R.REQUEST_REFUSED),
    (102, "MISSING_PARAM",           _R.REQUEST_REFUSED),
    (103, "WRONG_DATA_LENGTH",       _R.REQUEST_REFUSED),
    (104, "UNAUTHORIZED_ACCESS",     _R.NOT_AUTHORISED),
    (105, "UNKNOWN_CLIENT",          _R.UNKNOWN_USER),
    (106, "HANDSHAKE_REQUIRED",      _R.NOT_AUTHORISED),
    (107, "INAPPROPRIATE_DATA",      _R.REQUEST_REFUSED),
    (108, "INCOMPATIBLE_INTERFACE",  _R.REQUEST_REFUSED),
    (109, "UNSUPPORTED_PROFILE",     _R.REQUEST_REFUSED),
    (208, "EXPIRED_TRANSACTION",     _R.EXPIRED),
    (209, "OTA_ERROR",               _R.PHONE_NOT_REACHED),
    (400, "USER_SIGN",               _W),
    (401, "USER_CANCEL",             _R.USER_CANCELLED),
    (402, "PIN_NR_BLOCKED",          _R.PIN_BLOCKED),
    (403, "CARD_BLOCKED",            _R.CARD_BLOCKED),
    (404, "NO_KEY_FOUND",            _R.NO_KEY),
    (405, "NO_URL_FOUND",            _R.REQUEST_REFUSED),
    (406, "PB_SIGNATURE_PROCESS",    _R.OPERATOR_FAILED),
    (407, "REGISTRATION_NOK",        _R.UNKNOWN_USER),
    (408, "REGISTRATION_OK",         _R.OPERATOR_FAILED),  # no answer to a signature
    (422, "NO_CERT_FOUND",           _R.NO_CERTIFICATE),
    (423, "CRL_PB",                  _R.OPERATOR_FAILED),
    (424, "CRL_EXPIRED",             _R.OPERATOR_FAILED),
    (425, "ERROR_CERTIFICATE",       _R.NO_CERTIFICATE),
    (500, "SIGNATURE",               _S),
    (501, "REVOKED_CERTIFICATE",     _R.CERTIFICATE_REVOKED),
    (502, "VALID_SIGNATURE",         _S),
    (503, "INVALID_SIGNATURE",       _R.OPERATOR_FAILED),
    (504, "OUTSTANDING_TRANSACTION", _W),
    (600, "RET_OK_PUSH",             _R.OPERATOR_FAILED),  # receipts, no answers to a signature
    (601, "RET_OK_NOPUSH",           _R.OPERATOR_FAILED),
    (602, "RET_NOK_PUSH",            _R.OPERATOR_FAILED),
    (603, "RET_NOK_NOPUSH",          _R.OPERATOR_FAILED),
    (900, "INTERNAL_ERROR",          _R.OPERATOR_FAILED),
)  # fmt: skip

NAMES = {code: name for code, name, _ in _TABLE}
MEANINGS = {code: means for code, _, means in _TABLE}
#: The codes that end a transaction without a signature.
REFUSALS = {code: means for code, means in MEANINGS.items() if isinstance(means, Refusal)}
SIGNATURE = 500

NEXT_STEPS: dict[Refusal, NextStep] = {
    Refusal.USER_CANCELLED: NextStep.TRY_ANEW,
    Refusal.EXPIRED: NextStep.TRY_ANEW,
    Refusal.PHONE_NOT_REACHED: NextStep.CHECK_PHONE,
    Refusal.PIN_BLOCKED: NextStep.UNBLOCK_PIN,
    Refusal.CARD_BLOCKED: NextStep.GET_NEW_SIM,
    Refusal.NO_KEY: NextStep.GET_NEW_SIM,
    Refusal.NO_CERTIFICATE: NextStep.GET_CERTIFICATE,
    Refusal.CERTIFICATE_REVOKED: NextStep.GET_CERTIFICATE,
    Refusal.UNKNOWN_USER: NextStep.GET_CERTIFICATE,
    Refusal.NOT_AUTHORISED: NextStep.ASK_ADMINISTRATOR,
    Refusal.REQUEST_REFUSED: NextStep.ASK_ADMINISTRATOR,
    Refusal.OPERATOR_FAILED: NextStep.TRY_ANEW,
}


def meaning_of(code: int) -> Refusal | Progress:
    """Return what a code means; one that is not in the standard is the operator's failure."""
    return MEANINGS.get(code, Refusal.OPERATOR_FAILED)
