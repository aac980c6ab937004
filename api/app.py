"""The application: routers, refusals, life span."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from sqlalchemy import text

from api import layers, problems, wiring
from api.bodies import BodyLimit
from api.documents import routes as documents
from api.documents.reading import routes as reading
from api.hot import HotLane, answers_of
from api.inbox import routes as inbox
from api.lookup import routes as lookup
from api.meetings import routes as meetings
from api.meetings.attendance import routes as attendance
from api.meetings.floor import routes as floor
from api.meetings.invitations import routes as invitations
from api.meetings.papers import routes as papers
from api.meetings.record import routes as record
from api.meetings.votes import routes as votes
from api.people import routes as people
from api.people.factors import routes as factors
from api.people.sso import routes as sso
from api.signing import routes as signing
from api.signing.csc import routes as csc
from api.signing.lists import routes as lists
from api.signing.mssp import routes as operators
from api.signing.verify import routes as verification
from api.tasks import routes as tasks
from api.wiring import Engines
from core.errors import DatabaseUnreachable
from realtime import endpoint as realtime

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
    inbox.router,
    inbox.simulated,
    tasks.router,
    signing.router,
    signing.public,
    lists.router,
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
    votes.router,
    record.router,
    realtime.router,
)


def create_app(engines: Engines, *, works: bool = True) -> FastAPI:
    """Assemble the application around its engines.

    Args:
        engines: the parts behind every port.
        works: also run the jobs in this process (the embedded profile).
    """
    app = FastAPIOffline(
        title=TITLE,
        description=DESCRIPTION,
        version="0.1.0",
        lifespan=_lifespan(engines, works=works),
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked in each request
    )
    app.state.engines = engines
    app.state.realtime = engines.realtime
    problems.install(app)
    app.add_middleware(BodyLimit, limits=engines.settings.http)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(HotLane, answers=answers_of(app))  # outside the others
    _add_health(app, engines)
    layers.describe(app)
    return app


def _lifespan(
    engines: Engines, *, works: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await engines.endings.begin()
        running = [asyncio.create_task(wiring.listen(engines))]
        if works:
            running.append(asyncio.create_task(wiring.work(engines)))
        yield
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await engines.signing.mssp.close()
        await engines.archive.inquiry.services.close()
        await engines.sandbox.close()
        await engines.db.dispose()

    return lifespan


def _add_health(app: FastAPI, engines: Engines) -> None:
    @app.get("/health/live", tags=["health"])
    async def is_alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/health/ready", tags=["health"], responses=problems.problems(DatabaseUnreachable))
    async def is_ready() -> dict[str, str]:
        """Say whether the database answers."""
        try:
            async with engines.db.read() as view:
                await (await view.session.connection()).execute(text("SELECT 1"))
        except Exception as error:
            raise DatabaseUnreachable from error
        return {"status": "ok"}
