"""Nothing of ours has a NUL in its name, and PostgreSQL takes none: whoever asks for one errs."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.refusing import refuse
from core.errors import Malformed

_NUL = b"%00"


class Names:
    """An ASGI layer that refuses a NUL in a path or in a query; bodies have their own patterns."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it names what cannot be."""
        if scope["type"] == "http":
            where = "path" if "\0" in scope["path"] else "query"
            if where == "path" or _NUL in scope["query_string"]:
                await refuse(Malformed(where=where, why="nul"), scope, send)
                return
        await self._app(scope, receive, send)
