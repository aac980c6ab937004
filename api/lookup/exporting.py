"""What a search has found as a table: CSV for spreadsheets, DOCX for papers."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from enum import StrEnum
from xml.sax.saxutils import escape

from sqlmodel import col, select

from api.documents.models import Document
from api.documents.types import types
from api.lookup import queries
from api.lookup.index.port import Index
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.lookup.reading import full_number
from core.actor import Actor
from core.db import ReadTx


class Format(StrEnum):
    """As what a table is written."""

    CSV = "csv"
    DOCX = "docx"


class Column(StrEnum):
    """What can stand in a table."""

    NUMBER = "number"
    DATE = "date"
    TYPE = "type"
    TITLE = "title"
    ISSUER = "issuer"
    DIRECTION = "direction"
    URGENCY = "urgency"
    STATE = "state"
    ID = "id"


USUAL = [Column.NUMBER, Column.DATE, Column.TYPE, Column.TITLE, Column.ISSUER]
MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_HEADINGS = {
    Column.NUMBER: "Số, ký hiệu", Column.DATE: "Ngày ban hành", Column.TYPE: "Loại văn bản",
    Column.TITLE: "Trích yếu", Column.ISSUER: "Cơ quan ban hành", Column.DIRECTION: "Chiều",
    Column.URGENCY: "Độ khẩn", Column.STATE: "Trạng thái", Column.ID: "Mã",
}  # fmt: skip
_VALUES: dict[Column, Callable[[Document], str]] = {
    Column.NUMBER: lambda one: full_number(one.number, one.symbol),
    Column.DATE: lambda one: one.issued_on.strftime("%d/%m/%Y") if one.issued_on else "",
    Column.TYPE: lambda one: types()[one.type_code].vi if one.type_code in types() else "",
    Column.TITLE: lambda one: one.title,
    Column.ISSUER: lambda one: one.issuer,
    Column.DIRECTION: lambda one: one.direction.value,
    Column.URGENCY: lambda one: one.urgency.value,
    Column.STATE: lambda one: one.state.value,
    Column.ID: lambda one: str(one.id),
}

Rows = list[list[str]]


async def rows(
    view: ReadTx, index: Index, actor: Actor, asked: Asked, columns: Sequence[Column]
) -> Rows:
    """Return what was found, below the names of the columns."""
    ranked = await queries.found(view, index, actor, asked, plan_of(asked.query))
    ids = [one.entry.document_id for one in ranked]
    papers = await view.session.exec(select(Document).where(col(Document.id).in_(ids)))
    by_id = {paper.id: paper for paper in papers.all()}
    chosen = list(dict.fromkeys(columns))
    table = [[_VALUES[column](by_id[one]) for column in chosen] for one in ids]
    return [[_HEADINGS[column] for column in chosen], *table]


def written(table: Rows, form: Format) -> bytes:
    """Write a table."""
    return _csv(table) if form is Format.CSV else _docx(table)


def _csv(table: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in table])
    return text.getvalue().encode("utf-8-sig")  # spreadsheets take it for another code without


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _docx(table: Rows) -> bytes:
    """Write the smallest document that word processors open: one table."""
    body = "".join(f"<w:tr>{''.join(map(_cell, row))}</w:tr>" for row in table)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        parts.writestr("_rels/.rels", _RELATIONS)
        parts.writestr("word/document.xml", _DOCUMENT.format(body=body))
    return raw.getvalue()


def _cell(text: str) -> str:
    plain = escape("".join(letter for letter in text if letter.isprintable()))
    return f'<w:tc><w:p><w:r><w:t xml:space="preserve">{plain}</w:t></w:r></w:p></w:tc>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OPEN = "http://schemas.openxmlformats.org"
_TYPES = (
    f'{_XML}<Types xmlns="{_OPEN}/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_OPEN}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{_OPEN}/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
_DOCUMENT = (
    f'{_XML}<w:document xmlns:w="{_OPEN}/wordprocessingml/2006/main"><w:body><w:tbl><w:tblPr>'
    '<w:tblBorders><w:top w:val="single"/><w:left w:val="single"/><w:bottom w:val="single"/>'
    '<w:right w:val="single"/><w:insideH w:val="single"/><w:insideV w:val="single"/>'
    "</w:tblBorders></w:tblPr>{body}</w:tbl><w:p/></w:body></w:document>"
)
