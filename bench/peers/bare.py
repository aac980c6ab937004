"""The floor of HTTP: Starlette routes on uvicorn that do nothing but answer."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def _hello(_: Request) -> JSONResponse:
    return JSONResponse({"ok": True})


async def _bytes(request: Request) -> Response:
    return Response(b"x" * int(request.path_params["size"]), media_type="application/json")


if __name__ == "__main__":
    app = Starlette(
        routes=[Route("/", _hello), Route("/health/ready", _hello), Route("/bytes/{size}", _bytes)]
    )
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
