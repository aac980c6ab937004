"""Deny by default: a route without an actor must be on this short list."""

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.layers import asks_who

PUBLIC = {
    "/docs",
    "/docs/oauth2-redirect",
    "/health/live",
    "/health/ready",
    "/mssp/callbacks/{transaction_id}",
    "/sessions",
    "/sessions/console",
    "/sessions/refresh",
    "/sessions/single-sign-on",
    "/sessions/single-sign-on/complete",
    "/sessions/single-sign-on/logout",
    "/sessions/ways",
    "/trust",
    "/v/{code}",
    "/verdicts/{code}",
    "/verdicts/{code}/comparisons",
    "/verify",
}


def test_every_route_asks_who_is_asking(app: FastAPI) -> None:
    routes = [
        route for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
    ]  # fmt: skip

    silent = {str(route.path) for route in routes if not asks_who(route.dependant)}

    assert "/me" in {route.path for route in routes} - silent, "included routers are not seen"
    assert silent - PUBLIC == set()
