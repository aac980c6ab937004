"""How single sign-on is refused."""

from http import HTTPStatus

from core.errors import AppError
from core.tokens import BadToken


class SignInRefused(AppError):
    """This sign-in is unknown, used, too old, or was begun on another device; begin again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.sign_in_refused"
    headers = BadToken.headers


class ProviderRefused(AppError):
    """The identity provider did not vouch for anybody in a way that we trust; begin again."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.provider_refused"
    headers = BadToken.headers


class ProviderUnreachable(AppError):
    """The identity provider does not answer; try again in a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "identity.provider_unreachable"


class NotLinked(AppError):
    """The identity provider knows you, but nobody here has your name yet; ask an administrator."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.not_linked"


class IdentityTaken(AppError):
    """This identity belongs to another official, or the official has one already."""

    status = HTTPStatus.CONFLICT
    code = "identity.identity_taken"


class NoSingleSignOn(AppError):
    """No identity provider is configured here; log in with a local account."""

    status = HTTPStatus.NOT_FOUND
    code = "identity.no_single_sign_on"


class NoLocalAccounts(AppError):
    """Local accounts are closed here; sign in at the identity provider."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.no_local_accounts"


class BadLogoutToken(AppError):
    """The logout token is not of our identity provider, too old, or was used before."""

    status = HTTPStatus.BAD_REQUEST
    code = "identity.bad_logout_token"
    headers = {"Cache-Control": "no-store"}  # noqa: RUF012
