"""Refusals of the layers around the application: problem documents without a framework."""

from starlette.types import Scope, Send

from api.problems import MEDIA_TYPE, problem_of
from core.errors import AppError

_DENIAL = "websocket.http.response"


async def refuse(refusal: AppError, scope: Scope, send: Send, *, close: bool = False) -> None:
    """Answer with a problem document; a handshake is answered as the request it is.

    Args:
        refusal: what to say.
        scope: of the request or the handshake.
        send: takes the answer.
        close: end the connection too, because the rest of the request will not be read.
    """
    if scope["type"] == "websocket" and _DENIAL not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})  # before the handshake: 403
        return
    kind = "http" if scope["type"] == "http" else "websocket.http"
    problem = problem_of(refusal.code, refusal.status, refusal.facts)
    body = problem.model_dump_json().encode()
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body))}
    headers |= {name.lower(): text for name, text in refusal.answer_headers().items()}
    if close:
        headers["connection"] = "close"
    await send(
        {
            "type": f"{kind}.response.start",
            "status": int(refusal.status),
            "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        }
    )
    await send({"type": f"{kind}.response.body", "body": body})
