"""How tasks are refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The task is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "tasks.wrong_state"


class NotYourPart(AppError):
    """Only somebody else who works on this task may do this."""

    status = HTTPStatus.FORBIDDEN
    code = "tasks.not_your_part"


class WrongPeople(AppError):
    """A task has one lead, and coordinators who are others."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "tasks.wrong_people"


class WrongDeadline(AppError):
    """A deadline lies in the future, and no coordinator's lies behind the task's."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "tasks.wrong_deadline"


class OwnWork(AppError):
    """Nobody judges what they did themselves, in whatever right."""

    status = HTTPStatus.FORBIDDEN
    code = "tasks.own_work"


class AlreadyEvaluated(AppError):
    """The task has its grade; it stays."""

    status = HTTPStatus.CONFLICT
    code = "tasks.already_evaluated"


class RemindedLately(AppError):
    """The people of this task were reminded a short while ago."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "tasks.reminded_lately"


class ExtensionWaits(AppError):
    """A request for a later deadline is waiting already."""

    status = HTTPStatus.CONFLICT
    code = "tasks.extension_waits"
