"""A desk for signing tests: a demo authority, a leader, an agency, and decisions to sign."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.fields import Typefaces, fill_number, place_fields
from api.signing.pdf.layout import LEADER_FIELD, SEAL_FIELD, FieldLayout, Rect, seal_over
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.signature import Look, embed, prepare
from api.signing.verify.report import Report
from api.signing.verify.rules import Policy
from api.signing.verify.trust import TrustAnchors
from api.signing.verify.verifier import verify_file
from core.clock import utc_now

FONTS = Path(__file__).parents[2] / "api" / "documents" / "paper" / "fonts"
TYPEFACES = Typefaces.from_folder(FONTS)
SIGNATURE = Rect(330, 160, 450, 220)
LAYOUT = FieldLayout(
    number=Rect(90, 700, 200, 718),
    date=Rect(300, 700, 520, 718),
    signature=SIGNATURE,
    seal=seal_over(SIGNATURE),
)
NUMBER = "123/QĐ-BTNMT"
DATE_LINE = "Hà Nội, ngày 24 tháng 11 năm 2026"
LEADER, AGENCY = "sim-84912345678", "bo-thu-nghiem"


def draw_decision(path: Path, *, pages: int = 2) -> Path:
    """Draw an unsigned paper."""
    canvas = Canvas(str(path), invariant=1)
    for number in range(pages):
        canvas.drawString(100, 760, f"QUYET DINH, trang {number + 1}")
        canvas.showPage()
    canvas.save()
    return path


@dataclass
class Desk:
    """Everything it takes to issue a decision on files alone."""

    folder: Path
    mechanism: Mechanism = Mechanism.RSA_PKCS1_SHA256
    root_name: str = "Root CA trình diễn Không Giấy"
    clock: Callable[[], datetime] = utc_now
    days: int = 1000
    drawn: int = field(default=0, init=False)

    @cached_property
    def ca(self) -> SimulatedCa:
        return SimulatedCa(self.folder / "ca", clock=self.clock, root_name=self.root_name)

    @cached_property
    def trust(self) -> TrustAnchors:
        return TrustAnchors.from_folder(self.ca.export_trust(self.folder / "trust").parent)

    @cached_property
    def leader(self) -> SignerCertificate:
        return self.ca.issue_person(
            LEADER,
            name="Nguyễn Văn An",
            organization="Bộ Thử nghiệm",
            mechanism=self.mechanism,
            days=self.days,
        )

    @cached_property
    def agency(self) -> SignerCertificate:
        return self.ca.issue_agency(
            AGENCY, name="Bộ Thử nghiệm", mechanism=self.mechanism, days=self.days
        )

    def blank(self) -> Path:
        """Return a fresh unsigned paper."""
        self.drawn += 1
        return draw_decision(self.folder / f"{self.drawn}.pdf")

    def form(self) -> Path:
        """Return a paper with its fields in place."""
        path = self.blank()
        place_fields(path, LAYOUT, TYPEFACES)
        return path

    def certified(self) -> Path:
        """Return a paper that the leader has signed."""
        path = self.form()
        self.sign(path, LEADER_FIELD)
        return path

    def numbered(self) -> Path:
        """Return a signed paper with its number."""
        path = self.certified()
        fill_number(path, NUMBER, DATE_LINE)
        return path

    def issued(self) -> Path:
        """Return a finished paper: signed, numbered, sealed."""
        path = self.numbered()
        self.sign(path, SEAL_FIELD)
        return path

    def prepare(self, path: Path, title: str, look: Look | None = None) -> Prepared:
        signer = self.leader if title == LEADER_FIELD else self.agency
        return prepare(path, signer, title, signing_time=self.clock(), look=look)

    def sign(self, path: Path, title: str, look: Look | None = None) -> None:
        label, signer = (LEADER, self.leader) if title == LEADER_FIELD else (AGENCY, self.agency)
        prepared = self.prepare(path, title, look)
        raw = self.ca.sign(label, prepared.to_sign, prepared.mechanism)
        embed(path, prepared, signer, raw)

    def verify(
        self, path: Path, policy: Policy = Policy.ANY, *, after: timedelta = timedelta()
    ) -> Report:
        return verify_file(path, self.trust, policy, moment=self.clock() + after)

    def copy(self, path: Path) -> Path:
        self.drawn += 1
        return Path(shutil.copyfile(path, self.folder / f"{self.drawn}.pdf"))
