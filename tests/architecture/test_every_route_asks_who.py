"""Deny by default: a route without an actor must be on this short list."""

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.layers import asks_who
from api.signing.csc.routes import granted

#: Third parties' applications come in by a door of their own; see `granted` below.
CSC = {
    "/csc/{version}/credentials/list",
    "/csc/{version}/credentials/info",
    "/csc/{version}/credentials/authorize",
    "/csc/{version}/signatures/signHash",
    "/csc/v2/signatures/signPolling",
}
PUBLIC = {
    "/ballot-boxes/{uuid}/archive",  # the public record of a secret vote
    "/ballot-boxes/{uuid}/ballots",  # who named themselves would name the voter
    "/csc/{version}/info",
    "/csc/oauth2/authorize",
    "/csc/oauth2/token",
    "/csc/oauth2/revoke",
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

    third = {str(route.path) for route in routes if _asks_an_application(route.dependant)}
    silent = {str(route.path) for route in routes if not asks_who(route.dependant)}

    assert "/me" in {route.path for route in routes} - silent, "included routers are not seen"
    assert third == CSC
    assert silent - PUBLIC - CSC == set()


def _asks_an_application(dependant: Dependant) -> bool:
    return dependant.call is granted or any(map(_asks_an_application, dependant.dependencies))
