"""Giving numbers without a gap: the series moves in the document's own transaction."""

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, select

from api.documents import numbering
from api.documents.models import NumberSeries, RegisterEntry
from core.clock import day_in_vietnam
from core.db import Tx


async def lock(tx: Tx, agency_id: UUID, series: str) -> NumberSeries:
    """Return this year's series, locked until the transaction ends; a new one stands at 0.

    Two transactions that would use the same series go one after the other from here.
    """
    key = {"agency_id": agency_id, "series": series, "year": numbering.year_of(tx.now)}
    connection = await tx.session.connection()
    upsert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    beginning = upsert(NumberSeries).values(**key, last=0, last_on=day_in_vietnam(tx.now))
    await connection.execute(beginning.on_conflict_do_nothing())
    return await tx.session.get_one(NumberSeries, key, with_for_update=True, populate_existing=True)


async def take(tx: Tx, series: NumberSeries, document_id: UUID) -> int:
    """Give the next number of a locked series to a document and enter it in the register."""
    today = day_in_vietnam(tx.now)
    numbering.must_not_go_back(await _last_day(tx, series), today)
    series.last += 1
    series.last_on = today
    tx.session.add(
        RegisterEntry(
            agency_id=series.agency_id,
            series=series.series,
            year=series.year,
            number=series.last,
            document_id=document_id,
            given_on=today,
        )
    )
    return series.last


async def _last_day(tx: Tx, series: NumberSeries) -> date:
    """Return the last day on which the series gave a number, in whatever year."""
    newest = (
        select(NumberSeries)
        .where(NumberSeries.agency_id == series.agency_id, NumberSeries.series == series.series)
        .order_by(col(NumberSeries.last_on).desc())
        .limit(1)
    )
    return (await tx.session.exec(newest)).one().last_on
