"""How the CSC API says no: with the error codes of its specification and of OAuth 2.0."""

from http import HTTPStatus

from core.errors import AppError


class CscError(Exception):
    """A refusal as third parties' clients know it.

    Args:
        description: the specification's own sentence.
        error: its code.
        status: of the HTTP answer.
    """

    def __init__(
        self,
        description: str,
        *,
        error: str = "invalid_request",
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
    ) -> None:
        super().__init__(description)
        self.description, self.error, self.status = description, error, status


def missing(kind: str, name: str) -> CscError:
    """Return the refusal of a parameter that is not there or not of its type."""
    return CscError(f"Missing (or invalid type) {kind} parameter {name}")


def invalid(name: str) -> CscError:
    """Return the refusal of a parameter's value."""
    return CscError(f"Invalid parameter {name}")


def no_token() -> CscError:
    """Return the refusal of a caller whom nobody knows."""
    return CscError("Invalid access_token", error="invalid_token", status=HTTPStatus.UNAUTHORIZED)


class WrongRedirect(AppError):
    """The answer is to go to an address that the application did not register."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "csc.wrong_redirect"


class HashesNeeded(AppError):
    """An authorisation to sign names the hashes, as many as the credential allows."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "csc.hashes_needed"
