"""The application: routers, refusals, life span."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline
from sqlalchemy import text
from starlette.responses import RedirectResponse, Response

from api import background, layers, problems
from api.documents import routes as documents
from api.documents.reading import routes as reading
from api.guards import around, page
from api.guards.bodies import BodyLimit
from api.hot import HotLane, answers_of
from api.inbox import routes as inbox
from api.lookup import routes as lookup
from api.lookup.offline import routes as offline
from api.lookup.saved import routes as saved_searches
from api.meetings import routes as meetings
from api.meetings.attendance import routes as attendance
from api.meetings.floor import routes as floor
from api.meetings.invitations import routes as invitations
from api.meetings.media import routes as media
from api.meetings.notes import routes as notes
from api.meetings.papers import routes as papers
from api.meetings.record import routes as record
from api.meetings.recording import routes as recording
from api.meetings.secrecy import routes as secrecy
from api.meetings.votes import routes as votes
from api.people import routes as people
from api.people.factors import routes as factors
from api.people.sso import routes as sso
from api.signing import routes as signing
from api.signing.beside import routes as beside
from api.signing.csc import routes as csc
from api.signing.lists import routes as lists
from api.signing.mssp import routes as operators
from api.signing.pins import routes as pins
from api.signing.verify import routes as verification
from api.tasks import routes as tasks
from api.wiring import Engines
from core.errors import DatabaseUnreachable
from realtime import endpoint as realtime
from realtime.texts import endpoint as texts

TITLE = "Không Giấy"
DESCRIPTION = "The open backend that lets a ministry work, meet and sign without paper."

#: In the order of the contract; the hot reads come first.
ROUTERS = (
    tasks.hot,
    inbox.hot,
    people.secrets,
    people.router,
    factors.secrets,
    factors.router,
    sso.secrets,
    sso.router,
    documents.uploads,
    reading.router,
    documents.router,
    lookup.router,
    offline.router,
    saved_searches.router,
    inbox.router,
    inbox.simulated,
    tasks.router,
    signing.router,
    signing.public,
    lists.router,
    pins.router,
    beside.uploads,
    beside.router,
    verification.router,
    verification.public,
    operators.router,
    verification.checking,
    csc.csc,
    csc.router,
    meetings.router,
    invitations.router,
    papers.router,
    attendance.router,
    floor.router,
    media.router,
    recording.router,
    votes.router,
    secrecy.router,
    secrecy.boxes,
    record.router,
    notes.router,
    realtime.router,
    texts.router,
)

#: What shows simulated parts: there are none in production.
SIMULATED = (inbox.simulated, operators.router)


def create_app(engines: Engines, *, works: bool = True) -> FastAPI:
    """Assemble the application around its engines, which every request finds in its state.

    Args:
        engines: the parts behind every port.
        works: also run the jobs in this process (the embedded profile).
    """
    app = FastAPIOffline(
        title=TITLE,
        description=DESCRIPTION,
        version="0.1.0",
        lifespan=_lifespan(works=works),
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked in each request
    )
    app.state.engines = engines
    app.state.realtime, app.state.texts = engines.realtime, engines.texts
    problems.install(app)
    page.add_to(app)
    for router in ROUTERS:
        if not (engines.settings.is_production and router in SIMULATED):
            app.include_router(router)
    _add_health(app)
    app.add_route("/", _show_the_api_page, include_in_schema=False)
    layers.describe(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(HotLane, answers=answers_of(app), talks={realtime.PATH: realtime.talk})
    around.protect(app, engines.settings)
    return app


def _lifespan(*, works: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        engines: Engines = app.state.engines
        await engines.endings.begin()
        running = [asyncio.create_task(background.listen(engines))]
        if works:
            running.append(asyncio.create_task(background.work(engines)))
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await engines.signing.mssp.close()
        await engines.signing.remote.close()
        await engines.archive.inquiry.services.close()
        await engines.verification.inquiry.services.close()
        await engines.sandbox.close()
        await engines.db.dispose()
        app.state.request_log.write()

    return lifespan


async def _show_the_api_page(_: Request) -> Response:
    """Lead whoever opens our address in a browser to what can be read there."""
    return RedirectResponse("/docs")


def _add_health(app: FastAPI) -> None:
    @app.get("/health/live", tags=["health"])
    async def is_alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/health/ready", tags=["health"], responses=problems.problems(DatabaseUnreachable))
    async def is_ready(request: Request) -> dict[str, str]:
        """Say whether the database answers."""
        engines: Engines = request.app.state.engines
        try:
            async with engines.db.read() as view:
                await (await view.session.connection()).execute(text("SELECT 1"))
        except Exception as error:
            raise DatabaseUnreachable from error
        return {"status": "ok"}
