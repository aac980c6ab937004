"""The layers that stand around the whole application, hot reads included."""

from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.guards.compression import Compression
from api.guards.conditions import Conditions
from api.guards.hosts import Hosts
from api.guards.names import Names
from api.guards.rates import AddressRates, Rates
from api.guards.requests import ID_HEADER, RequestLog, Requests
from api.guards.sockets import SocketCap
from core.config import Settings
from core.nonces import HEADER as NONCE

#: What allowed pages may send and see. No cookies are ever looked at, so no credentials either.
_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "allow_headers": [
        "Authorization", "Content-Type", "DPoP", "Idempotency-Key", "If-None-Match", "If-Range",
        "Range", "Step-Up",
    ],
    "expose_headers": [
        NONCE, ID_HEADER, "Accept-Ranges", "Content-Range", "ETag", "Idempotency-Replayed",
        "Retry-After", "WWW-Authenticate",
    ],
    "max_age": 3600,
}  # fmt: skip


def protect(app: FastAPI, settings: Settings) -> None:
    """Add the layers, from the innermost to the outermost."""
    http = settings.http
    app.state.rates = Rates(settings.rates)
    app.state.request_log = RequestLog()
    app.add_middleware(Compression)
    app.add_middleware(Conditions)
    app.add_middleware(Names)
    if http.origins:
        app.add_middleware(CORSMiddleware, allow_origins=http.origins, **_CORS)
    app.add_middleware(SocketCap, most=http.sockets_per_address)
    app.add_middleware(AddressRates, rates=app.state.rates)
    app.add_middleware(Hosts, http=http)
    app.add_middleware(Requests, settings=settings, log=app.state.request_log)
