"""What a phone's command or subscription can be refused for."""

from http import HTTPStatus

from core.errors import AppError


class UnknownCommand(AppError):
    """There is no command of that kind."""

    status = HTTPStatus.NOT_FOUND
    code = "realtime.unknown_command"


class KeyMissing(AppError):
    """A command that changes something needs a key, so that it can be repeated safely."""

    code = "realtime.key_missing"


class NotListening(AppError):
    """Subscribe to this stream first."""

    status = HTTPStatus.CONFLICT
    code = "realtime.not_listening"


class StillAnswering(AppError):
    """The subscription to this stream is being answered right now."""

    status = HTTPStatus.CONFLICT
    code = "realtime.still_answering"


class TooManyStreams(AppError):
    """A phone hears a limited number of streams; leave one first."""

    status = HTTPStatus.CONFLICT
    code = "realtime.too_many_streams"
