"""Conditions that nobody here would keep: better refused than thought to be kept.

What a change was made upon travels in its body, as `version`. Whoever writes `If-Match` instead
means to lose to nobody, and would be done as if they had said nothing.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.refusing import refuse
from core.door import SAFE
from core.errors import NoConditions

_CONDITIONS = frozenset({b"if-match", b"if-unmodified-since"})


class Conditions:
    """An ASGI layer that refuses changes under a condition in a header (RFC 9110 section 13)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it asks for more than is kept."""
        changes = scope["type"] == "http" and scope["method"] not in SAFE
        if changes and not _CONDITIONS.isdisjoint(name for name, _ in scope["headers"]):
            await refuse(NoConditions(), scope, send)
            return
        await self._app(scope, receive, send)
