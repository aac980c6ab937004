"""Nothing of ours has a NUL in its name, and PostgreSQL takes none: whoever asks for one errs."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.guards.refusing import refuse
from core.errors import Malformed

_NUL = b"%00"
#: What anybody may type: of these words only letters and digits go on to the database.
_FREE_WORDS = b"q="


class Names:
    """An ASGI layer that refuses a NUL in a path or in a query; bodies have their own patterns."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it names what cannot be."""
        if scope["type"] == "http":
            where = "path" if "\0" in scope["path"] else "query"
            if where == "path" or _names_nul(scope["query_string"]):
                await refuse(Malformed(where=where, why="nul"), scope, send)
                return
        await self._app(scope, receive, send)


def _names_nul(query: bytes) -> bool:
    return any(_NUL in each for each in query.split(b"&") if not each.startswith(_FREE_WORDS))
