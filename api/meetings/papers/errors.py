"""How work on the agenda and its documents is refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongItemState(AppError):
    """The agenda item is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_item_state"


class WrongAgenda(AppError):
    """An item's parent stands before it in the same agenda, at most three levels deep."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_agenda"


class WrongPaperState(AppError):
    """The document is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_paper_state"


class Withdrawn(AppError):
    """The document was withdrawn from the meeting; no page of it is given out any more."""

    status = HTTPStatus.GONE
    code = "meetings.withdrawn"
