"""Where our four form fields stand on the paper (points, from the lower left corner)."""

from dataclasses import dataclass

#: The names are a contract with every reader of our files; they never change.
NUMBER_FIELD = "so_ky_hieu"
DATE_FIELD = "ngay"
LEADER_FIELD = "Ky_LanhDao"
SEAL_FIELD = "Dau_CoQuan"

_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on a page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Return how wide it is."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return how high it is."""
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """The places of number, date, signature and seal; pages count from 0."""

    number: Rect
    date: Rect
    signature: Rect
    seal: Rect
    head_page: int = 0
    signature_page: int = 0


def seal_over(signature: Rect, *, diameter_mm: float = 36) -> Rect:
    """Return the place of a round seal over the left third of a signature (NĐ 30, Annex I)."""
    diameter = diameter_mm * _POINTS_PER_MM
    right = signature.left + signature.width / 3
    middle = (signature.bottom + signature.top) / 2
    return Rect(right - diameter, middle - diameter / 2, right, middle + diameter / 2)
