"""How the floor is refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongTurn(AppError):
    """The request to speak is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_turn"


class FloorTaken(AppError):
    """As many as may speak at once have the floor; end or pause a speech first."""

    status = HTTPStatus.CONFLICT
    code = "meetings.floor_taken"


class AlreadyWaiting(AppError):
    """You wait for the floor already, or have it."""

    status = HTTPStatus.CONFLICT
    code = "meetings.already_waiting"


class TimeUsedUp(AppError):
    """Their time is used up; extend it, or let somebody else speak."""

    status = HTTPStatus.CONFLICT
    code = "meetings.time_used_up"


class NotYourItem(AppError):
    """A guest asks for the floor only while their item is dealt with."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.not_your_item"
