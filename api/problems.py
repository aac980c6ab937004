"""Refusals on the wire: RFC 9457 problem details, in Vietnamese and English."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from core.errors import AppError, Malformed
from core.messages import say

MEDIA_TYPE = "application/problem+json"

#: What the framework itself refuses, by status.
_FRAMEWORK_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.NOT_FOUND: "unknown_path",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media",
}


class Problem(BaseModel):
    """Why a request was refused.

    Attributes:
        type: the stable code; clients decide by it.
        title: the sentence in English.
        title_vi: the sentence in Vietnamese.
        status: the HTTP status.
        facts: machine-readable details.
    """

    type: str
    title: str
    title_vi: str
    status: int
    facts: dict[str, str | int] = {}


def problems(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the refusals a route can give."""
    by_status: dict[int, list[type[AppError]]] = {}
    for error in errors:
        by_status.setdefault(int(error.status), []).append(error)
    return {
        status: {
            "description": " / ".join(f"`{e.code}` {e.title()}" for e in group),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        | _headers_of(group)
        for status, group in by_status.items()
    }


def _headers_of(group: list[type[AppError]]) -> dict[str, Any]:
    described = {name: text for error in group for name, text in error.described.items()}
    shown = {name: _header(text) for name, text in described.items()}
    return {"headers": shown} if shown else {}


def answer_with(status: HTTPStatus, headers: dict[str, str]) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the headers of an answer."""
    return {int(status): {"headers": {name: _header(text) for name, text in headers.items()}}}


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


def problem_of(code: str, status: int, facts: dict[str, str | int]) -> Problem:
    """Build the problem document of a code from the message catalogue."""
    return Problem(
        type=code,
        title=say(code, "en", **facts),
        title_vi=say(code, "vi", **facts),
        status=status,
        facts=facts,
    )


def install(app: FastAPI) -> None:
    """Answer every refusal, ours and the framework's, with a problem document."""
    app.exception_handler(AppError)(_refused)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(HTTPException)(_by_framework)


def _answer(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(), problem.status, headers=headers, media_type=MEDIA_TYPE
    )


def answer(refusal: AppError | RequestValidationError) -> JSONResponse:
    """Return the problem document of a refusal."""
    if isinstance(refusal, AppError):
        problem = problem_of(refusal.code, refusal.status, refusal.facts)
        return _answer(problem, refusal.answer_headers())
    first = refusal.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    undecodable = first["type"] == "json_invalid"
    status = HTTPStatus.BAD_REQUEST if undecodable else Malformed.status
    return _answer(problem_of(Malformed.code, status, {"where": where, "why": first["type"]}))


async def _refused(_: Request, error: AppError) -> JSONResponse:
    return answer(error)


async def _malformed(_: Request, error: RequestValidationError) -> JSONResponse:
    return answer(error)


async def _by_framework(_: Request, error: HTTPException) -> JSONResponse:
    code = _FRAMEWORK_CODES.get(HTTPStatus(error.status_code), "bad_request")
    headers = dict(error.headers) if error.headers else None
    return _answer(problem_of(code, error.status_code, {}), headers)
