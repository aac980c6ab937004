"""The two blocks every document has: the head, and the foot where it is signed."""

from reportlab.lib.colors import red
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph
from typing_extensions import override

from api.documents.paper import typesetting as type_
from api.documents.paper.sheets import Box, Cosigner, Sheet

_MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
_NUMBER_WORD = "Số: "
_FIELD_SIZE = 13.0
_FIELD_HEIGHT = 18.0
#: How high above its lower edge a field of that height sets its text.
_FIELD_BASE = (_FIELD_HEIGHT - _FIELD_SIZE) / 2 + 0.22 * _FIELD_SIZE
#: Room for a number of so many digits.
_DIGITS = "0000/"
_SIGNATURE = (150.0, 68.0)
_SEAL_DIAMETER = 36 * mm


class _Block(Flowable):  # type: ignore[misc]
    """A block that remembers on which page it was drawn, and where."""

    page: int = -1

    def __init__(self) -> None:
        super().__init__()
        self.width, self.height = type_.TEXT_WIDTH, 0.0
        self._origin = (0.0, 0.0)

    @override
    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return self.width, self.height

    def _settle(self) -> None:
        self.page = self.canv.getPageNumber() - 1
        self._origin = self.canv.absolutePosition(0, 0)

    def _on_page(self, left: float, bottom: float, width: float, height: float) -> Box:
        x, y = self._origin[0] + left, self._origin[1] + bottom
        return (round(x, 2), round(y, 2), round(x + width, 2), round(y + height, 2))


def _height(parts: list[Paragraph], width: float) -> float:
    return float(sum(part.wrap(width, type_.TEXT_HEIGHT)[1] for part in parts))


def _stack(canvas: Canvas, parts: list[Paragraph], left: float, top: float, width: float) -> float:
    """Draw centred parts one below the other, in lines of like length; return where they end."""
    for part in parts:
        narrow = type_.balanced(part, width)
        top -= part.wrap(narrow, type_.TEXT_HEIGHT)[1]
        part.drawOn(canvas, left + (width - narrow) / 2, top)
    return top


class Centred(Flowable):  # type: ignore[misc]
    """Centred text in lines of like length."""

    def __init__(self, part: Paragraph) -> None:
        super().__init__()
        self._part = part

    @override
    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self.width, self.height = availWidth, self._part.wrap(availWidth, availHeight)[1]
        return self.width, self.height

    @override
    def draw(self) -> None:
        _stack(self.canv, [self._part], 0, self.height, self.width)


class Head(_Block):
    """Agency and motto, number and date, and what a letter is about.

    Args:
        sheet: the document.
        number: number and symbol if it is finished; else the symbol there must be room for.
        date_line: place and date if it is finished.
    """

    def __init__(self, sheet: Sheet, number: str, date_line: str | None) -> None:
        super().__init__()
        self._number, self._date_line = number, date_line
        self._left_width = self.width * type_.LEFT_SHARE
        self._right_width = self.width - self._left_width
        superior = sheet.get("superior", "")
        upper = [(superior, type_.SUPERIOR)] if superior else []
        self._agency = [type_.paragraph(text.upper(), style) for text, style in upper]
        self._agency.append(type_.paragraph(sheet["agency"].upper(), type_.AGENCY))
        self._rule = min(80.0, type_.width_of(sheet["agency"].upper(), type_.BOLD, 12) / 2.5)
        self._subject = [] if sheet["kind"] else [f"V/v {sheet['summary']}"]
        self._urgency = sheet.get("urgency", "")
        self._measure()

    def _measure(self) -> None:
        agency = _height(self._agency, self._left_width - type_.GUTTER)
        self._line = max(agency, 34.0) + 26  # from the top down to the line of number and date
        self._below = [type_.paragraph(text, type_.SUBJECT) for text in self._subject]
        below = _height(self._below, self._left_width - type_.GUTTER)
        urgency = 30 if self._urgency else 0
        self.height = self._line + 10 + below + urgency

    @property
    def number_box(self) -> Box:
        """Return where the number has its room."""
        left = self._number_left() + type_.width_of(_NUMBER_WORD, type_.SERIF, _FIELD_SIZE)
        bottom = self.height - self._line - _FIELD_BASE
        return self._on_page(left, bottom, self._left_width - left, _FIELD_HEIGHT)

    @property
    def date_box(self) -> Box:
        """Return where place and date have their room."""
        bottom = self.height - self._line - _FIELD_BASE
        return self._on_page(self._left_width, bottom, self._right_width, _FIELD_HEIGHT)

    @override
    def draw(self) -> None:
        self._settle()
        column = (type_.GUTTER / 2, self._left_width - type_.GUTTER)
        top = _stack(self.canv, self._agency, column[0], self.height, column[1])
        self._draw_rule(self._left_width / 2, top - 4, self._rule)
        self._draw_motto()
        self._draw_number_and_date()
        below = self.height - self._line - 8
        top = _stack(self.canv, self._below, column[0], below, column[1])
        if self._urgency:
            self._draw_urgency(top - 8)

    def _number_left(self) -> float:
        shown = self._number if self._date_line else f"{_DIGITS}{self._number}"
        full = type_.width_of(f"{_NUMBER_WORD}{shown}", type_.SERIF, _FIELD_SIZE)
        return float(max(0.0, (self._left_width - full) / 2))

    def _draw_rule(self, middle: float, height: float, width: float) -> None:
        self.canv.setLineWidth(0.8)
        self.canv.line(middle - width / 2, height, middle + width / 2, height)

    def _draw_motto(self) -> None:
        middle = self._left_width + self._right_width / 2
        for text, size, down in zip(_MOTTO, (12, 13), (12, 28), strict=True):
            self.canv.setFont(type_.BOLD, size)
            self.canv.drawCentredString(middle, self.height - down, text)
        width = type_.width_of(_MOTTO[1], type_.BOLD, 13)
        self._draw_rule(middle, self.height - 34, width)

    def _draw_number_and_date(self) -> None:
        base = self.height - self._line
        self.canv.setFont(type_.SERIF, _FIELD_SIZE)
        number = self._number if self._date_line else ""
        self.canv.drawString(self._number_left(), base, f"{_NUMBER_WORD}{number}".strip())
        if self._date_line:
            self.canv.setFont(type_.ITALIC, _FIELD_SIZE)
            middle = self._left_width + self._right_width / 2
            self.canv.drawCentredString(middle, base, self._date_line)

    def _draw_urgency(self, top: float) -> None:
        width = type_.width_of(self._urgency, type_.BOLD, 13) + 16
        left = (self._left_width - width) / 2
        self.canv.saveState()
        self.canv.setStrokeColor(red)
        self.canv.setFillColor(red)
        self.canv.rect(left, top - 20, width, 20)
        self.canv.setFont(type_.BOLD, 13)
        self.canv.drawCentredString(self._left_width / 2, top - 15, self._urgency)
        self.canv.restoreState()


class SignerColumn:
    """Where one person signs: capacity, room for the signature, name; centred in a column."""

    def __init__(self, capacity: list[str], name: str, width: float) -> None:
        self.width = width
        self._capacity = [type_.paragraph(text.upper(), type_.CAPACITY) for text in capacity]
        self._name = type_.paragraph(name, type_.CAPACITY)
        self._title = _height(self._capacity, width)
        self.height = self._title + _SIGNATURE[1] + 8 + _height([self._name], width)

    @property
    def room(self) -> tuple[float, float]:
        """Return left and bottom of the room to sign, from the column's upper left corner."""
        return (self.width - _SIGNATURE[0]) / 2, -(self._title + 4 + _SIGNATURE[1])

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw the column below `top`."""
        top = _stack(canvas, self._capacity, left, top, self.width)
        _stack(canvas, [self._name], left, top - _SIGNATURE[1] - 8, self.width)


class SignerRow(_Block):
    """Two who sign beside, next to each other."""

    def __init__(self, pair: list[Cosigner]) -> None:
        super().__init__()
        width = self.width / len(pair)
        self._columns = [SignerColumn(one["capacity"], one["name"], width) for one in pair]
        self.height = 10 + max(column.height for column in self._columns) + 14
        self.keepWithNext = 1

    @property
    def rooms(self) -> list[tuple[int, Box]]:
        """Return page and room of each."""
        top = self.height - 10
        return [
            (self.page, self._on_page(place * column.width + left, top + bottom, *_SIGNATURE))
            for place, column in enumerate(self._columns)
            for left, bottom in [column.room]
        ]

    @override
    def draw(self) -> None:
        self._settle()
        for place, column in enumerate(self._columns):
            column.draw(self.canv, place * column.width, self.height - 10)


class Foot(_Block):
    """Recipients on the left; capacity, room to sign and name on the right.

    Args:
        sheet: the document.
        beside: who signs in the left column, above the recipients.
    """

    def __init__(self, sheet: Sheet, beside: Cosigner | None = None) -> None:
        super().__init__()
        self._left_width = self.width * type_.LEFT_SHARE
        self._right_width = self.width - self._left_width
        self._beside = beside and SignerColumn(beside["capacity"], beside["name"], self._left_width)
        recipients = [type_.paragraph(f"- {text}", type_.RECIPIENT) for text in sheet["recipients"]]
        head = type_.paragraph("Nơi nhận:", type_.RECIPIENTS)
        self._recipients = KeepInFrame(
            self._left_width, type_.TEXT_HEIGHT - 40, [head, *recipients] if recipients else []
        )
        self._signer = SignerColumn(sheet["capacity"], sheet["signer"], self._right_width)

    @override
    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self._recipients.canv = getattr(self, "canv", None)
        left = self._above + self._recipients.wrap(self._left_width, 1e4)[1]
        self.height = 10 + max(left, self._signer.height)
        return self.width, self.height

    @property
    def _above(self) -> float:
        """Return how much of the left column stands above the recipients."""
        return self._beside.height + 14 if self._beside else 0

    @property
    def signature_box(self) -> Box:
        """Return where the signature has its room."""
        left, bottom = self._signer.room
        return self._on_page(self._left_width + left, self.height - 10 + bottom, *_SIGNATURE)

    @property
    def rooms(self) -> list[tuple[int, Box]]:
        """Return page and room of who signs in the left column, if anybody."""
        if self._beside is None:
            return []
        left, bottom = self._beside.room
        return [(self.page, self._on_page(left, self.height - 10 + bottom, *_SIGNATURE))]

    @property
    def seal_box(self) -> Box:
        """Return the seal's place: over the left third of the signature."""
        left, bottom, right, top = self.signature_box
        edge, middle = left + (right - left) / 3, (bottom + top) / 2
        radius = _SEAL_DIAMETER / 2
        box = (edge - 2 * radius, middle - radius, edge, middle + radius)
        return (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))

    @override
    def draw(self) -> None:
        self._settle()
        top = self.height - 10
        if self._beside:
            self._beside.draw(self.canv, 0, top)
        self._recipients.drawOn(self.canv, 0, top - self._above - self._recipients.height)
        self._signer.draw(self.canv, self._left_width, top)


def draw_page_number(canvas: Canvas, _: object) -> None:
    """Number the pages from the second on, at the top."""
    if canvas.getPageNumber() > 1:
        canvas.setFont(type_.SERIF, 13)
        canvas.drawCentredString(type_.WIDTH / 2, type_.HEIGHT - 34, str(canvas.getPageNumber()))
