"""Deny by default: a route without an actor must be on this short list."""

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.deps import identify

PUBLIC = {
    "/docs",
    "/docs/oauth2-redirect",
    "/health/live",
    "/health/ready",
    "/sessions",
    "/sessions/console",
    "/sessions/refresh",
    "/verify",
}


def asks(dependant: Dependant) -> bool:
    return dependant.call is identify or any(asks(part) for part in dependant.dependencies)


def test_every_route_asks_who_is_asking(app: FastAPI) -> None:
    routes = [route for route in app.routes if isinstance(route, APIRoute)]

    silent = {route.path for route in routes if not asks(route.dependant)}

    assert silent - PUBLIC == set()
