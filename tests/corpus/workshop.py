"""Where honest files are made: our own documents, and files that others have signed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field

from api.signing.pdf.certificate import Mechanism
from api.signing.pdf.fields import fill_number, place_fields
from api.signing.pdf.layout import COSIGNER_FIELDS, LEADER_FIELD, SEAL_FIELD
from api.signing.pdf.signature import Look
from api.signing.verify.report import Report
from api.signing.verify.rules import Policy
from api.signing.verify.trust import TrustAnchors
from api.signing.verify.verifier import verify_file
from core.clock import utc_now
from tests.corpus.archives import REVOKED, Calendar, revoked
from tests.corpus.people import Person, Registry
from tests.support.lasting import Archivist
from tests.support.signed_papers import DATE_LINE, LAYOUT, NUMBER, TYPEFACES, Desk, draw_decision


def _image() -> bytes:
    picture = BytesIO()
    Image.new("RGBA", (120, 60), (0, 0, 200, 90)).save(picture, "PNG")
    return picture.getvalue()


IMAGE = _image()


@dataclass
class Workshop:
    """Makes every base file once.

    A base is named by words: `issued-rsa`, `certified-pss`, `numbered-ec`, `approved-2`,
    `joint-3` (three people and the seal).
    """

    folder: Path
    _made: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def registry(self) -> Registry:
        """Return the people of other houses."""
        return Registry(self.desk("rsa").ca)

    def desk(self, mechanism: str) -> Desk:
        """Return the desk of one mechanism; all of them trust one authority."""
        return self._desks[mechanism]

    @cached_property
    def _desks(self) -> dict[str, Desk]:
        kinds = {
            "rsa": Mechanism.RSA_PKCS1_SHA256,
            "pss": Mechanism.RSA_PSS_SHA256,
            "ec": Mechanism.ECDSA_P256_SHA256,
        }
        honest = {name: _desk(self.folder / name, kind) for name, kind in kinds.items()}
        evil = _desk(self.folder / "evil", kinds["ec"])
        past = utc_now() - timedelta(days=400)
        expired = _desk(self.folder / "expired", kinds["ec"], clock=lambda: past, days=100)
        revoked = {
            f"revoked-{when}": _desk(self.folder / when, kinds["ec"], clock=self._calendars[when])
            for when in REVOKED
        }
        return honest | revoked | {"evil": evil, "expired": expired}

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {when: Calendar() for when in REVOKED}

    @cached_property
    def trust(self) -> TrustAnchors:
        """Return whom a verifier of the corpus trusts: every authority but the evil double."""
        desks = (desk for name, desk in self._desks.items() if name != "evil")
        return TrustAnchors(tuple(root for desk in desks for root in desk.trust.certificates))

    def verify(self, path: Path, policy: Policy = Policy.OWN) -> Report:
        """Return the product's verdict."""
        return verify_file(path, self.trust, policy)

    def base(self, name: str) -> bytes:
        """Return an honest file."""
        if name not in self._made:
            kind, _, detail = name.partition("-")
            makers: dict[str, Callable[[str], Path]] = {
                "blank": lambda word: self.foreign(0, pages=int(word)),
                "form": lambda word: self.own(word, stage=0),
                "certified": lambda word: self.own(word, stage=1),
                "numbered": lambda word: self.own(word, stage=2),
                "issued": lambda word: self.own(word, stage=3),
                "joint": lambda word: self.joint(int(word)),
                "approved": lambda word: self.foreign(int(word)),
                "lasting": lambda word: Archivist(self.desk(word)).lasting(),
                "revoked": self.revoked,
            }
            self._made[name] = makers[kind](detail).read_bytes()
        return self._made[name]

    def own(
        self,
        mechanism: str,
        *,
        stage: int = 3,
        pages: int = 2,
        number: str = NUMBER,
        look: Look | None = None,
    ) -> Path:
        """Make a document of ours: form, leader's signature, number, seal."""
        desk = self.desk(mechanism)
        desk.drawn += 1
        path = draw_decision(desk.folder / f"{desk.drawn}.pdf", pages=pages)
        place_fields(path, LAYOUT, TYPEFACES)
        if stage > 0:
            desk.sign(path, LEADER_FIELD, look)
        if stage > 1:
            fill_number(path, number, DATE_LINE)
        if stage > 2:
            desk.sign(path, SEAL_FIELD, look)
        return path

    def joint(self, count: int, mechanism: str = "ec", *, last_first: bool = False) -> Path:
        """Make a finished document of ours that several people have signed, in either order."""
        desk = self.desk(mechanism)
        titles = [*COSIGNER_FIELDS[: count - 1], LEADER_FIELD]
        return desk.finish(desk.signed_by(*(reversed(titles) if last_first else titles)))

    def revoked(self, when: str) -> Path:
        """Make a document of ours whose leader's certificate was revoked one day."""
        return revoked(self.desk(f"revoked-{when}"), self._calendars[when], when)

    def foreign(
        self,
        count: int,
        *,
        key: str = "p256",
        visible: bool = True,
        pages: int = 2,
        certify: bool = False,
        stamped: bool = False,
    ) -> Path:
        """Make a file that people of another house have signed, one after the other."""
        desk = self.desk("rsa")
        desk.drawn += 1
        path = draw_decision(desk.folder / f"{desk.drawn}.pdf", pages=pages)
        for place in range(count):
            box = (60, 60 + 70 * place, 200, 120 + 70 * place) if visible else None
            self.sign(
                path,
                self.registry.person(key),
                f"Ky{place + 1}",
                box=box,
                certify=certify and place == 0,
                stamper=self.registry.stamper if stamped else None,
            )
        return path

    def sign(
        self,
        path: Path,
        person: Person,
        title: str,
        *,
        box: Any = None,
        certify: bool = False,
        stamper: Any = None,
        digest: str = "sha256",
        level: MDPPerm = MDPPerm.FILL_FORMS,
    ) -> None:
        """Sign as other programs do: pyHanko adds field and signature in one revision."""
        with path.open("rb+") as stream:
            writer = IncrementalPdfFileWriter(stream, strict=False)
            spec = SigFieldSpec(title, on_page=0, box=box)
            append_signature_field(writer, spec)
            meta = signers.PdfSignatureMetadata(
                field_name=title,
                md_algorithm=digest,
                subfilter=SigSeedSubFilter.PADES,
                certify=certify,
                docmdp_permissions=level,
            )
            signer = signers.PdfSigner(meta, person.signer, timestamper=stamper)
            signer.sign_pdf(writer, in_place=True)


def _desk(folder: Path, mechanism: Mechanism, **more: Any) -> Desk:
    folder.mkdir(parents=True, exist_ok=True)
    return Desk(folder, mechanism, **more)
