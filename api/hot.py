"""Hot reads and sockets: the same door, the same refusals, the same contract, called directly.

FastAPI matches every route and solves every dependency of each request anew, which costs more than
a hot read itself. A route of the class `Hot` is documented by FastAPI from its signature, which has
just the three parameters below; `HotLane` calls it by its exact path. So it does with sockets:
there a thousand idle phones would hold the frames and stacks of all that stands in between.
"""

from collections.abc import Awaitable, Callable
from inspect import signature
from typing import Any, get_args

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from api import problems
from api.deps import identify
from api.guards.requests import TEMPLATE
from core.errors import AppError

_PARAMETERS = ["actor", "db", "asked"]
_Answer = Callable[[Request], Awaitable[Response]]
_Talk = Callable[[WebSocket], Awaitable[None]]


class Hot(APIRoute):
    """A read that phones repeat all day: `async def read(actor, db, asked) -> Response`."""

    @override
    def get_route_handler(self) -> Any:
        """Identify, check what is asked, and read; nothing else stands in between."""
        read, question = self.endpoint, _question(self.endpoint)

        async def answer(request: Request) -> Response:
            actor = await identify(request)
            asked = _checked(question, request)
            db = request.app.state.engines.db
            response: Response = await read(actor=actor, db=db, asked=asked)
            return response

        return answer


class HotLane:
    """An ASGI layer that answers hot reads before the layers and routes of everything else."""

    def __init__(self, app: ASGIApp, answers: dict[str, _Answer], talks: dict[str, _Talk]) -> None:
        self._app = app
        self._answers, self._talks = answers, talks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a hot read, or take a socket; pass everything else on."""
        talk = self._talks.get(scope["path"]) if scope["type"] == "websocket" else None
        if talk is not None:
            scope[TEMPLATE] = scope["path"]
            await talk(WebSocket(scope, receive, send))
            return
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        answer = self._answers.get(scope["path"]) if is_get else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        scope[TEMPLATE] = scope["path"]
        request = Request(scope)
        try:
            response = await answer(request)
        except (AppError, RequestValidationError) as refusal:
            response = problems.answer(refusal)
        await response(scope, receive, send)


def answers_of(app: FastAPI) -> dict[str, _Answer]:
    """Find the hot reads among an application's routes, by their paths."""
    return {
        str(found.path): found.original_route.get_route_handler()
        for found in iter_route_contexts(app.routes)
        if isinstance(found.original_route, Hot)
    }


def _question(read: Callable[..., Any]) -> type[BaseModel]:
    parameters = signature(read, eval_str=True).parameters
    if list(parameters) != _PARAMETERS:
        raise TypeError(f"a hot read takes {_PARAMETERS}, not {list(parameters)}")
    model: type[BaseModel] = get_args(parameters["asked"].annotation)[0]
    return model


def _checked(question: type[BaseModel], request: Request) -> BaseModel:
    if not request.scope["query_string"]:
        return question()
    try:
        return question.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise RequestValidationError(
            [found | {"loc": ("query", *found["loc"])} for found in error.errors()]
        ) from error
