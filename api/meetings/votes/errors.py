"""How votes are refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongVoteState(AppError):
    """The vote is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_vote_state"


class VoteStillOpen(AppError):
    """A vote is still open; close it first."""

    status = HTTPStatus.CONFLICT
    code = "meetings.vote_still_open"


class NoMandate(AppError):
    """You hold no mandate in this vote: whoever was not there when it opened has none."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.no_mandate"


class AlreadyCast(AppError):
    """This mandate has voted; a ballot that was cast is not changed."""

    status = HTTPStatus.CONFLICT
    code = "meetings.already_cast"


class SignatureNeeded(AppError):
    """In this vote everybody signs their ballot with their own device."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.signature_needed"


class NoSuchChoice(AppError):
    """The vote has no choice of that number."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.no_such_choice"


class NotThisKind(AppError):
    """This cannot be done with a vote of that kind."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.not_this_kind"
