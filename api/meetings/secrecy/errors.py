"""How secret votes are refused."""

from http import HTTPStatus

from core.errors import AppError


class NotABallot(AppError):
    """This is no ballot of this vote, or its signature does not hold."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.not_a_ballot"


class NoSuchCredential(AppError):
    """The credential that signed this ballot is not on the list of this vote."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.no_such_credential"


class CredentialUsed(AppError):
    """This credential has voted; a ballot that was cast is not changed."""

    status = HTTPStatus.CONFLICT
    code = "meetings.credential_used"


class WrongSecrecy(AppError):
    """A secret vote names a registrar and at least two trustees, and weighs nobody."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_secrecy"


class NotEntrusted(AppError):
    """Only a trustee of this vote, or its registrar, may do this."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.not_entrusted"


class WrongStep(AppError):
    """The key ceremony is not at this step."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_step"


class NotAccepted(AppError):
    """The tool of the vote did not accept what was said: it does not fit to what is there."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.not_accepted"


class NoTeller(AppError):
    """This installation cannot hold secret votes: belenios-tool is not installed."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "meetings.no_teller"


class ResultReveals(AppError):
    """The result would reveal who voted how: few ballots, or all alike; confirm to publish it."""

    status = HTTPStatus.CONFLICT
    code = "meetings.result_reveals"
