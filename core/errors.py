"""Refusals a client can act on, each with one stable code.

The sentences people read stand in `core/messages/{vi,en}.toml` under the same code; the docstring
of a class is the engineer's sentence.
"""

from http import HTTPStatus
from typing import ClassVar

from typing_extensions import override


class AppError(Exception):
    """The request was refused."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "bad_request"
    #: HTTP headers that belong to the refusal, such as `WWW-Authenticate`.
    headers: ClassVar[dict[str, str]] = {}
    #: Further headers that only a single refusal can fill, described for the public contract.
    described: ClassVar[dict[str, str]] = {}
    #: Codes of further sentences: what to do next, for the person at a terminal.
    steps: tuple[str, ...] = ()

    def __init__(self, **facts: str | int) -> None:
        super().__init__(self.title())
        self.facts: dict[str, str | int] = facts

    def answer_headers(self) -> dict[str, str]:
        """Return the HTTP headers of just this refusal."""
        return self.headers

    @classmethod
    def title(cls) -> str:
        """Return the first line of the class docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class NotFound(AppError):
    """Nothing by that id is visible to you."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Forbidden(AppError):
    """Your role does not allow this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class Stale(AppError):
    """Someone changed this first; read it again."""

    status = HTTPStatus.CONFLICT
    code = "stale"


class NoConditions(AppError):
    """Say in the body which `version` was read; a condition in a header would not be kept."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "no_conditions"


class Malformed(AppError):
    """The request does not have the documented shape."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "malformed"


class TooLarge(AppError):
    """The body is larger than the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"


class TooSlow(AppError):
    """The body did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "too_slow"


class TooFast(AppError):
    """Too many requests from this device, official or address; wait as long as told."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_fast"
    described = {"Retry-After": "How many seconds to wait."}  # noqa: RUF012

    @override
    def answer_headers(self) -> dict[str, str]:
        return self.headers | {"Retry-After": str(self.facts["retry_after_seconds"])}


class UnknownHost(AppError):
    """The request names a host that this server does not answer for."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    code = "unknown_host"


class ForeignPage(AppError):
    """A web page that is not allowed to asks for a socket."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign_page"


class Internal(AppError):
    """A fault of ours; the log tells more under the same correlation."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal"


class RefusedInProduction(AppError):
    """Simulated parts never run in production."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "refused_in_production"

    def __init__(self, *parts: str) -> None:
        """Name every part, as `core.production.Simulated` does: each has its next step."""
        super().__init__(parts=", ".join(parts))
        self.steps = tuple(f"production.{part}" for part in parts)


class AddressNeeded(AppError):
    """Production needs KHONGGIAY_HTTP__PUBLIC_URL: proofs and passkeys are made for it."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "address_needed"


class MediaNotForNodes(AppError):
    """The embedded media engine serves one process alone."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "media_not_for_nodes"


class NotForNodes(AppError):
    """Several nodes need a PostgreSQL database and an S3 bucket for all of them."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "not_for_nodes"


class DatabaseUnreachable(AppError):
    """The database does not answer; see whether it runs and KHONGGIAY_DATABASE_URL names it."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "database_unreachable"


class DatabaseUnusable(AppError):
    """The database cannot be read; restore it from a backup, or name another folder."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "database_unusable"


class StepFailed(AppError):
    """A step of the start failed; it has said why itself."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "step_failed"


class NotMigrated(AppError):
    """The database is not at the newest schema; run `khonggiay migrate` once, then the nodes."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "not_migrated"


class ForeignKeys(AppError):
    """These keys are not the installation's; copy them, or name their KHONGGIAY_SHARED."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "foreign_keys"


class Stopping(AppError):
    """The server stops, and had no time left for this; ask again in a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "stopping"
    headers = {"Retry-After": "5"}  # noqa: RUF012


class StorageUnavailable(AppError):
    """The store of files does not answer; what was asked can be asked again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "storage_unavailable"
    headers = {"Retry-After": "5"}  # noqa: RUF012


class StorageDamaged(AppError):
    """The stored file is not what was stored; it must be restored from a backup."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "storage_damaged"
