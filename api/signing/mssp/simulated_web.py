"""The simulated operator's phones over plain HTTP on this machine, for its own process."""

import asyncio
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.signing.mssp.phone import Phones
from core.errors import AppError
from core.messages import say

_PHONE = "/phones/{number}"
_PROMPT = _PHONE + "/prompts/{prompt_id:uuid}"


def phone_routes(phones: Phones) -> list[Route]:
    """Return the routes over every phone of the operator; there are no accounts here."""

    async def prompts(request: Request) -> JSONResponse:
        shown = await asyncio.to_thread(phones.shown_on, request.path_params["number"])
        return JSONResponse(
            [
                {
                    "id": str(each.id),
                    "text": each.asked.text,
                    "started_at": each.started_at.isoformat(),
                }
                for each in shown
            ]
        )

    async def type_pin(request: Request) -> JSONResponse:
        typed = await request.json()
        pin = str(typed.get("pin", "")) if isinstance(typed, dict) else ""
        await asyncio.to_thread(phones.type_pin, *_which(request), pin)
        return JSONResponse({})

    async def cancel(request: Request) -> JSONResponse:
        await asyncio.to_thread(phones.cancel, *_which(request))
        return JSONResponse({})

    async def unblock(request: Request) -> JSONResponse:
        await asyncio.to_thread(phones.unblock, request.path_params["number"])
        return JSONResponse({})

    return [
        Route(f"{_PHONE}/prompts", prompts),
        Route(f"{_PROMPT}/pin", type_pin, methods=["POST"]),
        Route(f"{_PROMPT}/cancel", cancel, methods=["POST"]),
        Route(f"{_PHONE}/unblock", unblock, methods=["POST"]),
    ]


def web_app(phones: Phones, further: list[Route]) -> Starlette:
    """Return the application that the operator's process serves beside its SOAP."""
    return Starlette(
        routes=[*phone_routes(phones), *further], exception_handlers={AppError: _refused}
    )


async def _refused(_: Request, error: Any) -> JSONResponse:
    said = {"type": error.code, "title": say(error.code, "en"), "title_vi": say(error.code, "vi")}
    return JSONResponse(said, int(error.status))


def _which(request: Request) -> tuple[str, UUID]:
    return request.path_params["number"], request.path_params["prompt_id"]
