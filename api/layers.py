"""What the layers around every route may refuse, told once for all in the contract.

A route names its own refusals; these come before it is asked: a name that is not ours, too many
requests, a condition that is not kept, an unreadable, too large or too slow body, an unknown
caller, an Idempotency-Key that is malformed, reused or still at work.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import KEY_HEADER, Once, identify
from api.problems import Problem, problems
from core.door import SAFE
from core.errors import (
    AppError,
    Malformed,
    NoConditions,
    TooFast,
    TooLarge,
    TooSlow,
    UnknownHost,
)
from core.idempotency import BadKey, InProgress, KeyReused
from core.sessions import DevicePending, DeviceRevoked, SessionEnded
from core.tokens import BadProof, BadToken

Json = dict[str, Any]

_CALLER = (BadToken, BadProof, SessionEnded, DeviceRevoked, DevicePending)
_KEY = (BadKey, KeyReused, InProgress)
_KEY_PARAMETER: Json = {
    "name": KEY_HEADER,
    "in": "header",
    "required": False,
    "description": "The same key has one effect and gets the same answer for 24 hours.",
    "schema": {"type": "string", "pattern": r"^[ -~]{8,128}$"},
}


def describe(app: FastAPI) -> None:
    """Let the application's OpenAPI document tell what its layers refuse."""
    own = app.openapi

    def whole() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _told(app, own())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign] # FastAPI's own way to extend it


def asks_who(dependant: Dependant) -> bool:
    """Tell whether a route asks who is asking."""
    return dependant.call is identify or any(map(asks_who, dependant.dependencies))


def _told(app: FastAPI, document: Json) -> Json:
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for route in iter_route_contexts(app.routes):
        original = route.original_route
        if not isinstance(original, APIRoute) or not original.include_in_schema:
            continue
        for method in original.methods or ():
            operation = document["paths"][str(route.path)][method.lower()]
            changes = method not in SAFE
            once = isinstance(original, Once) and changes
            refusals = [*_refusals(operation, route.dependant, once=once)]
            _tell(operation, [*refusals, NoConditions] if changes else refusals, once=once)
    return document


def _tell(operation: Json, refusals: list[type[AppError]], *, once: bool) -> None:
    responses = operation["responses"]
    for status, told in problems(*refusals).items():
        responses.setdefault(str(status), told)
    if "requestBody" in operation:
        responses.setdefault("400", next(iter(problems(Malformed).values())))
    if once:
        operation.setdefault("parameters", []).append(_KEY_PARAMETER)


def _refusals(operation: Json, dependant: Dependant, *, once: bool) -> Iterator[type[AppError]]:
    yield UnknownHost
    if "health" not in operation.get("tags", ()):
        yield TooFast
    if asks_who(dependant):
        yield from _CALLER
    if "requestBody" in operation:
        yield from (TooLarge, TooSlow)
    if once:
        yield from _KEY
