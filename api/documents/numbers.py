"""Giving numbers without a gap: the series moves in the document's own transaction."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, select

from api.documents import numbering
from api.documents.models import NumberSeries, RegisterEntry
from core.clock import day_in_vietnam
from core.db import Tx


@dataclass(frozen=True, slots=True)
class Locked:
    """This year's series, in our hands until the transaction ends.

    Attributes:
        row: where it stands.
        last_on: the last day on which the series gave a number, in whatever year.
    """

    row: NumberSeries
    last_on: date


async def lock(tx: Tx, agency_id: UUID, series: str) -> Locked:
    """Lock this year's series; a new one stands at 0.

    Two transactions that would use the same series go one after the other from here.
    """
    year = numbering.year_of(tx.now)
    locked = await _locked(tx, agency_id, series, year)
    if locked is None:
        await _begin(tx, agency_id, series, year)
        locked = await _locked(tx, agency_id, series, year)
    if locked is None:
        raise RuntimeError
    return locked


async def take(tx: Tx, series: Locked, document_id: UUID) -> int:
    """Give the next number of a locked series to a document and enter it in the register."""
    row, today = series.row, day_in_vietnam(tx.now)
    numbering.must_not_go_back(series.last_on, today)
    row.last += 1
    row.last_on = today
    tx.session.add(
        RegisterEntry(
            agency_id=row.agency_id,
            series=row.series,
            year=row.year,
            number=row.last,
            document_id=document_id,
            given_on=today,
        )
    )
    return row.last


async def _locked(tx: Tx, agency_id: UUID, series: str, year: int) -> Locked | None:
    every_year = (
        select(NumberSeries)
        .where(NumberSeries.agency_id == agency_id, NumberSeries.series == series)
        .order_by(col(NumberSeries.year))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = {row.year: row for row in (await tx.session.exec(every_year)).all()}
    if year not in rows:
        return None
    return Locked(rows[year], max(row.last_on for row in rows.values()))


async def _begin(tx: Tx, agency_id: UUID, series: str, year: int) -> None:
    connection = await tx.session.connection()
    upsert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    key = {"agency_id": agency_id, "series": series, "year": year}
    beginning = upsert(NumberSeries).values(**key, last=0, last_on=day_in_vietnam(tx.now))
    await connection.execute(beginning.on_conflict_do_nothing())
