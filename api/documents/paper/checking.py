"""The QR code in the lower margin of the first page: where anybody may check the paper."""

from collections.abc import Callable

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from api.documents.paper import typesetting as type_
from api.documents.paper.blocks import draw_page_number

#: One dot is a third of a millimetre wide even with a long address: phones read that from copies.
_SIDE = 15 * mm
_BOTTOM = 5 * mm  # what printers leave white
_QUIET = 4  # dots of white around the code, as the standard demands
_LINES = ("Quét mã hoặc mở địa chỉ này để kiểm tra văn bản:", "{address}")
_SIZE = 8


def draw_code(address: str) -> Callable[[Canvas, object], None]:
    """Return what draws the margins of each page."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(address)
    code.make()

    def draw(canvas: Canvas, document: object) -> None:
        draw_page_number(canvas, document)
        if canvas.getPageNumber() == 1:
            left = type_.MARGINS[2]
            _draw_dots(canvas, code, left)
            _draw_words(canvas, address, left + _SIDE + 2 * mm)

    return draw


def _draw_dots(canvas: Canvas, code: QRCode, left: float) -> None:
    count = code.getModuleCount()
    dot = _SIDE / (count + 2 * _QUIET)
    path = canvas.beginPath()
    for row in range(count):
        for column in (place for place in range(count) if code.isDark(row, place)):
            x = left + (column + _QUIET) * dot
            path.rect(x, _BOTTOM + _SIDE - (row + _QUIET + 1) * dot, dot, dot)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_words(canvas: Canvas, address: str, left: float) -> None:
    canvas.setFont(type_.SERIF, _SIZE)
    for number, line in enumerate(_LINES):
        height = _BOTTOM + _SIDE / 2 - number * (_SIZE + 2)
        canvas.drawString(left, height, line.format(address=address))
