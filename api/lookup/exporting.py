"""What a search has found as a table: CSV for spreadsheets, DOCX for papers."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from xml.sax.saxutils import escape

from sqlmodel import col, select

from api.documents.models import Document
from api.documents.rules import Direction, State, Urgency, Validity
from api.documents.types import types
from api.lookup import queries
from api.lookup.index.port import Index
from api.lookup.plan import plan_of
from api.lookup.queries import Asked
from api.lookup.ranking import DOCUMENTS
from api.lookup.reading import full_number
from api.people import queries as people
from core.actor import Actor
from core.clock import VIETNAM, day_in_vietnam
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
    SIGNER = "signer"
    RECIPIENTS = "recipients"
    ARRIVAL = "arrival"
    VALIDITY = "validity"
    DIRECTION = "direction"
    URGENCY = "urgency"
    STATE = "state"
    ID = "id"


#: Of a list; words find at most `ranking.DOCUMENTS`.
MOST_ROWS = 5000
USUAL = [Column.NUMBER, Column.DATE, Column.TYPE, Column.TITLE, Column.ISSUER]
MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_HEADINGS = {
    Column.NUMBER: "Số, ký hiệu", Column.DATE: "Ngày ban hành", Column.TYPE: "Loại văn bản",
    Column.TITLE: "Trích yếu", Column.ISSUER: "Cơ quan ban hành", Column.SIGNER: "Người ký",
    Column.RECIPIENTS: "Nơi nhận", Column.ARRIVAL: "Số đến", Column.VALIDITY: "Hiệu lực",
    Column.DIRECTION: "Chiều", Column.URGENCY: "Độ khẩn", Column.STATE: "Trạng thái",
    Column.ID: "Mã",
}  # fmt: skip
_DIRECTIONS = {
    Direction.INCOMING: "Đến", Direction.OUTGOING: "Đi", Direction.INTERNAL: "Nội bộ",
}  # fmt: skip
_URGENCIES = {
    Urgency.NORMAL: "Thường", Urgency.URGENT: "Khẩn", Urgency.VERY_URGENT: "Thượng khẩn",
    Urgency.FLASH: "Hỏa tốc",
}  # fmt: skip
_STATES = {
    State.REGISTERED: "Đã đăng ký", State.DIRECTED: "Đã phân công", State.RESOLVED: "Đã giải quyết",
    State.DRAFT: "Dự thảo", State.SUBMITTED: "Đã trình ký", State.SIGNED: "Đã ký",
    State.NUMBERED: "Đã cấp số", State.SEALED: "Đã đóng dấu", State.ISSUED: "Đã phát hành",
}  # fmt: skip
_VALIDITIES = {
    None: "", Validity.NOT_YET: "Chưa có hiệu lực", Validity.IN_FORCE: "Còn hiệu lực",
    Validity.PARTLY_ENDED: "Hết hiệu lực một phần", Validity.SUSPENDED: "Ngưng hiệu lực",
    Validity.ENDED: "Hết hiệu lực",
}  # fmt: skip
#: The value of a column for a document on a day.
_VALUES: dict[Column, Callable[[Document, date], str]] = {
    Column.NUMBER: lambda one, _: full_number(one.number, one.symbol),
    Column.DATE: lambda one, _: one.issued_on.strftime("%d/%m/%Y") if one.issued_on else "",
    Column.TYPE: lambda one, _: types()[one.type_code].vi if one.type_code in types() else "",
    Column.TITLE: lambda one, _: one.title,
    Column.ISSUER: lambda one, _: one.issuer,
    Column.SIGNER: lambda one, _: one.signer,
    Column.RECIPIENTS: lambda one, _: "; ".join(one.recipients),
    Column.ARRIVAL: lambda one, _: str(one.arrival_number or ""),
    Column.VALIDITY: lambda one, today: _VALIDITIES[one.force.on(today)],
    Column.DIRECTION: lambda one, _: _DIRECTIONS[one.direction],
    Column.URGENCY: lambda one, _: _URGENCIES[one.urgency],
    Column.STATE: lambda one, _: _STATES[one.state],
    Column.ID: lambda one, _: str(one.id),
}

Rows = list[list[str]]
#: What begins a formula (the wide signs do too), where a cell may begin.
_FORMULA = re.compile("(^|[;\\t\\r\\n])(?=[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


async def rows(
    view: ReadTx, index: Index, actor: Actor, asked: Asked, columns: Sequence[Column]
) -> Rows:
    """Return what was found, below the names of the columns."""
    ranked = await queries.found(view, index, actor, asked, plan_of(asked.query), most=MOST_ROWS)
    ids, today = [one.document_id for one in ranked], day_in_vietnam(view.now)
    papers = await view.session.exec(select(Document).where(col(Document.id).in_(ids)))
    by_id = {paper.id: paper for paper in papers.all()}
    chosen = list(dict.fromkeys(columns))
    table = [[_VALUES[column](by_id[one], today) for column in chosen] for one in ids]
    return [[_HEADINGS[column] for column in chosen], *table]


async def mark(view: ReadTx, actor: Actor, table: Rows) -> str:
    """Return what a print says of who took what and when (NĐ 30/2020, Annex VI)."""
    who = await people.official(view, actor, actor.id)
    at, count = view.now.astimezone(VIETNAM), len(table) - 1
    more = " đầu tiên, có thể còn nữa" if count in {DOCUMENTS, MOST_ROWS} else ""
    taken = f"Kết xuất từ hệ thống bởi {who.full_name} lúc {at:%H:%M, %d/%m/%Y}"
    return f"{taken}: {count} văn bản{more}."


def headers(form: Format) -> dict[str, str]:
    """Return what a file is saved as, and that nobody keeps it on the way."""
    named = f'attachment; filename="van-ban.{form.value}"'
    return {"Content-Disposition": named, "Cache-Control": "private, no-store"}


def written(table: Rows, form: Format, mark: str = "") -> bytes:
    """Write a table; what is made to be printed bears its mark, what programs read does not."""
    return _csv(table) if form is Format.CSV else _docx(table, mark)


def _csv(table: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in table])
    return text.getvalue().encode("utf-8-sig")  # spreadsheets take it for another code without


def _harmless(cell: str) -> str:
    """Return a cell in which no spreadsheet finds a formula.

    Where numbers have decimal commas, as in Vietnam, spreadsheets part cells at semicolons, and
    some at tabs and line ends: what follows one of those begins a cell.
    """
    return _FORMULA.sub(r"\1'", cell)


def _docx(table: Rows, mark: str) -> bytes:
    """Write the smallest document that word processors open: one table and its mark."""
    grid = "<w:gridCol/>" * len(table[0])
    body = "".join(f"<w:tr>{''.join(map(_cell, row))}</w:tr>" for row in table)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        parts.writestr("_rels/.rels", _RELATIONS)
        parts.writestr(
            "word/document.xml", _DOCUMENT.format(grid=grid, body=body, mark=_paragraph(mark))
        )
    return raw.getvalue()


def _cell(text: str) -> str:
    return f"<w:tc>{_paragraph(text)}</w:tc>"


def _paragraph(text: str) -> str:
    plain = escape("".join(letter for letter in text if letter.isprintable()))
    return f'<w:p><w:r><w:t xml:space="preserve">{plain}</w:t></w:r></w:p>'


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
    "</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>{mark}</w:body></w:document>"
)
