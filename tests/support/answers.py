"""Looking at what came back, and at what was kept."""

from typing import Any

import httpx2 as httpx
from sqlmodel import SQLModel, select

from core.db import Database


def kind(answer: httpx.Response) -> str:
    """The stable code of a refusal."""
    return str(answer.json()["type"])


async def rows(db: Database, table: type[SQLModel]) -> list[Any]:
    """Everything in a table; what has a place in an order, in that order.

    PostgreSQL gives what was written last first, where it finds room that other tests have left.
    """
    place = [getattr(table, name) for name in ("position",) if name in table.model_fields]
    async with db.read() as view:
        return list((await view.session.exec(select(table).order_by(*place))).all())
