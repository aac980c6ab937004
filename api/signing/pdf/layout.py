"""Where our form fields stand on the paper (points, from the lower left corner)."""

from dataclasses import dataclass

from api.documents.rules import MOST_COSIGNERS

#: The names are a contract with every reader of our files; they never change.
NUMBER_FIELD = "so_ky_hieu"
DATE_FIELD = "ngay"
LEADER_FIELD = "Ky_LanhDao"
SEAL_FIELD = "Dau_CoQuan"
#: Of those who sign beside the one whose name stands last, in the order of their places.
COSIGNER_FIELDS = tuple(f"Ky_DongKy_{place}" for place in range(1, MOST_COSIGNERS + 1))
#: On files of their own that the agency seals with words alone.
COPY_FIELD = "Dau_BanSao"
ATTACHMENT_FIELD = "Dau_PhuLuc"
PERSON_FIELDS = (LEADER_FIELD, *COSIGNER_FIELDS)

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
    """The places of number, date, signatures and seal; pages count from 0.

    Attributes:
        cosigners: page and place of each who signs beside, in the order of `COSIGNER_FIELDS`.
    """

    number: Rect
    date: Rect
    signature: Rect
    seal: Rect
    head_page: int = 0
    signature_page: int = 0
    cosigners: tuple[tuple[int, Rect], ...] = ()


def seal_over(signature: Rect, *, diameter_mm: float = 36) -> Rect:
    """Return the place of a round seal over the left third of a signature (NĐ 30, Annex I)."""
    diameter = diameter_mm * _POINTS_PER_MM
    right = signature.left + signature.width / 3
    middle = (signature.bottom + signature.top) / 2
    return Rect(right - diameter, middle - diameter / 2, right, middle + diameter / 2)
