"""The simulated trust services behind HTTP: a process of their own, `khonggiay simulate trust`.

`PUT /simulated/{kind}` with the name of a behaviour as its body makes one of them misbehave.
"""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.signing.trust.port import Kind
from api.signing.trust.simulated import Behaviour, SimulatedTrustServices

_ANSWERS = {
    "/tsa": "application/timestamp-reply",
    "/ocsp": "application/ocsp-response",
    "/crl/": "application/pkix-crl",
    "/ca/": "application/pkix-cert",
}
_LARGEST_QUESTION = 16 << 10


def server(services: SimulatedTrustServices) -> Starlette:
    """Return the application that answers for `services`."""

    async def answer(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST_QUESTION:
                return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        found = await services.answer(request.url.path, body)
        if found is None:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        kinds = (kind for path, kind in _ANSWERS.items() if request.url.path.startswith(path))
        return Response(found, media_type=next(kinds))

    async def behave(request: Request) -> Response:
        try:
            kind = Kind(request.path_params["kind"])
            services.behaviour[kind] = Behaviour((await request.body()).decode("ascii", "replace"))
        except ValueError:
            return Response(status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return Starlette(
        routes=[
            Route("/tsa", answer, methods=["POST"]),
            Route("/ocsp", answer, methods=["POST"]),
            Route("/crl/{name}", answer),
            Route("/ca/{name}", answer),
            Route("/simulated/{kind}", behave, methods=["PUT"]),
        ]
    )
