"""How checking in is refused."""

from http import HTTPStatus

from core.errors import AppError


class CodeUsed(AppError):
    """The code is not shown any more, or somebody has used it; scan the one that is shown now."""

    status = HTTPStatus.CONFLICT
    code = "meetings.code_used"


class NotThisWay(AppError):
    """People do not check in this way to a meeting of this form."""

    status = HTTPStatus.CONFLICT
    code = "meetings.not_this_way"


class AlreadyHere(AppError):
    """They are here already."""

    status = HTTPStatus.CONFLICT
    code = "meetings.already_here"


class NotHere(AppError):
    """They have not checked in."""

    status = HTTPStatus.CONFLICT
    code = "meetings.not_here"
