"""How recordings are refused."""

from http import HTTPStatus

from core.errors import AppError


class CannotRecord(AppError):
    """The media engine of this server records nothing."""

    status = HTTPStatus.CONFLICT
    code = "meetings.cannot_record"


class WrongRecordingState(AppError):
    """The recording is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_recording_state"
