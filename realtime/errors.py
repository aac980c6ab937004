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


class NoEngine(AppError):
    """No media engine is set: two people connect with each other."""

    status = HTTPStatus.CONFLICT
    code = "realtime.no_media"


class EngineLost(AppError):
    """The media engine is away; the room goes on without sound until it is back."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "realtime.media_lost"


class BadDescription(AppError):
    """The media engine cannot use this session description."""

    code = "realtime.bad_description"


class NotConnecting(AppError):
    """Ask for the offer of the receive slots first."""

    status = HTTPStatus.CONFLICT
    code = "realtime.not_connecting"


class NotLetIn(AppError):
    """You may not hear or speak in this room now."""

    status = HTTPStatus.FORBIDDEN
    code = "realtime.not_let_in"


class BadText(AppError):
    """What was written is no update of this text."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "realtime.bad_text"


class NotPointing(AppError):
    """Who presents or speaks shows a pointer and ink; you do neither now."""

    status = HTTPStatus.FORBIDDEN
    code = "realtime.not_pointing"


class TooManyPictures(AppError):
    """You wait for several pictures already; ask again when one has come."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "realtime.too_many_pictures"


class TooFast(AppError):
    """A pointer moves at most so often in a second; the next one will do."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "realtime.too_fast"
