"""A desk for signing tests: a demo authority, a leader, an agency, and decisions to sign."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from api.documents.rules import MOST_COSIGNERS
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.fields import Typefaces, fill_number, place_fields
from api.signing.pdf.layout import (
    COSIGNER_FIELDS,
    LEADER_FIELD,
    SEAL_FIELD,
    FieldLayout,
    Rect,
    seal_over,
)
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
#: Room for those who sign beside the leader.
BESIDE = tuple((0, Rect(60, 300 + 80 * row, 180, 360 + 80 * row)) for row in range(MOST_COSIGNERS))
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
    _cosigners: dict[int, SignerCertificate] = field(default_factory=dict, init=False)

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

    def form(self, *, cosigners: int = 0) -> Path:
        """Return a paper with its fields in place."""
        path = self.blank()
        place_fields(path, replace(LAYOUT, cosigners=BESIDE[:cosigners]), TYPEFACES)
        return path

    def signed_by(self, *titles: str) -> Path:
        """Return a paper with a place for each of these fields, signed in this order."""
        path = self.form(cosigners=len(titles) - 1)
        for title in titles:
            self.sign(path, title)
        return path

    def finish(self, path: Path) -> Path:
        """Give a signed paper its number and the seal."""
        fill_number(path, NUMBER, DATE_LINE)
        self.sign(path, SEAL_FIELD)
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
        return self.finish(self.certified())

    def signer(self, title: str) -> tuple[str, SignerCertificate]:
        """Return whose signature belongs into a field, and by which key."""
        if title in COSIGNER_FIELDS:
            place = COSIGNER_FIELDS.index(title)
            return f"cosigner-{place}", self.cosigner(place)
        return (LEADER, self.leader) if title == LEADER_FIELD else (AGENCY, self.agency)

    def cosigner(self, place: int) -> SignerCertificate:
        """Return who signs beside, each with a certificate of their own."""
        if place not in self._cosigners:
            self._cosigners[place] = self.ca.issue_person(
                f"cosigner-{place}",
                name=f"Người đồng ký {place + 1}",
                organization="Bộ Thử nghiệm",
                mechanism=Mechanism.ECDSA_P256_SHA256,
                days=self.days,
            )
        return self._cosigners[place]

    def prepare(self, path: Path, title: str, look: Look | None = None) -> Prepared:
        _, signer = self.signer(title)
        return prepare(path, signer, title, signing_time=self.clock(), look=look)

    def sign(self, path: Path, title: str, look: Look | None = None) -> None:
        label, signer = self.signer(title)
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
