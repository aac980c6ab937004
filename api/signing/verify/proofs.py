"""What a file itself proves: when its signatures existed, and what its certificates were worth.

Document time-stamps are believed from the newest to the oldest: the newest as of now, each older
one as of the moment that the next newer proves for it. A signature is judged as of the earliest
moment that a stamp proves for it, by the evidence inside; so it stays valid when its certificate
has ended, when it is revoked later, and when the services of its time are gone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import parser
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from api.signing.evidence.chains import Evidence, Standing, standing_at
from api.signing.evidence.errors import BadStamp
from api.signing.evidence.stamps import Stamp, digest_of, read_stamp
from api.signing.pdf.archive import stamps_on, store_of
from api.signing.verify.rules import Kind
from api.signing.verify.trust import TrustAnchors

WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
_PURPOSE = "time_stamping"
_BELIEVED = frozenset({Standing.GOOD, Standing.NOT_CHECKED})


@dataclass(frozen=True, slots=True)
class Proof:
    """A moment at which everything up to a revision is known to have existed."""

    time: datetime
    revision: int
    known: bool  # the status of the stamping certificate stands in the file


@dataclass(frozen=True, slots=True)
class ProvenTime:
    """When a signature existed at the latest; `sound` is False where its own stamp is broken."""

    time: datetime | None = None
    sound: bool = True


@dataclass
class Proofs:
    """The evidence in a file, and the document time-stamps that are believed."""

    trust: TrustAnchors
    moment: datetime
    evidence: Evidence = field(default_factory=Evidence)
    stamps: list[Proof] = field(default_factory=list)
    _known: dict[Any, Standing] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls, reader: PdfFileReader, trust: TrustAnchors, moment: datetime, learnt: Evidence
    ) -> "Proofs":
        """Read what a file proves beside what was learnt; what cannot be read proves nothing."""
        proofs = cls(trust, moment)
        try:
            proofs.evidence = store_of(reader).beside(learnt)
            proofs.stamps.extend(proofs._stamps(reader))
        except Exception:  # noqa: BLE001 - a hostile file may raise anything
            return cls(trust, moment, learnt)
        return proofs

    def as_of(self, revision: int) -> datetime:
        """Return the earliest moment that is proven for a revision; now, where none is."""
        return min((each.time for each in self._over(revision)), default=self.moment)

    def is_archived(self, revision: int) -> bool:
        """Tell whether a believed stamp on the file covers a revision."""
        return any(self._over(revision))

    def proven(self, signature: EmbeddedPdfSignature) -> ProvenTime:
        """Return when a signature existed at the latest, by its own stamp or one on the file."""
        revision = signature.signed_revision
        control, archived = self.as_of(revision), self.is_archived(revision)
        times = [control] if archived else []
        value = bytes(signature.signer_info["signature"].native)
        for token in stamps_on(signature):
            try:
                stamp = read_stamp(token, lambda name: digest_of(name, value))
            except BadStamp:
                return ProvenTime(sound=False)
            if self._standing(stamp, control) in _BELIEVED:
                times.append(stamp.time)
        return ProvenTime(min(times, default=None))

    def _over(self, revision: int) -> Iterator[Proof]:
        return (each for each in self.stamps if each.revision > revision)

    def _stamps(self, reader: PdfFileReader) -> Iterator[Proof]:
        control = self.moment
        for stamp in reversed(list(reader.embedded_timestamp_signatures)):
            token = read_stamp_of(stamp)
            if token is None or stamp.coverage not in WHOLE:
                continue
            standing = self._standing(token, control)
            if standing in _BELIEVED:
                control = token.time
                yield Proof(control, stamp.signed_revision, standing is Standing.GOOD)

    def standing(
        self, certificate: Any, others: Iterable[Any], control: datetime, purpose: str | None = None
    ) -> Standing:
        """Return what a certificate was worth at a moment, by the evidence in the file."""
        beside = list(others)
        asked = (certificate.sha256, tuple(one.sha256 for one in beside), control, purpose)
        if asked not in self._known:
            self._known[asked] = self._standing_of(certificate, beside, control, purpose)
        return self._known[asked]

    def _standing_of(
        self, certificate: Any, others: list[Any], control: datetime, purpose: str | None
    ) -> Standing:
        evidence = Evidence(
            [*self.evidence.certificates, *others], self.evidence.ocsps, self.evidence.crls
        )
        anchors = self.trust.of(Kind.TIMESTAMP) if purpose else self.trust.certificates
        return standing_at(certificate, control, anchors, evidence, purpose=purpose).standing

    def _standing(self, stamp: Stamp, control: datetime) -> Standing:
        return self.standing(stamp.certificate, stamp.others, control, _PURPOSE)


def read_stamp_of(stamp: EmbeddedPdfSignature) -> Stamp | None:
    """Return a document time-stamp whose own mathematics are right."""
    stamp.compute_integrity_info(skip_diff=True)
    content = bytes(stamp.pkcs7_content)
    try:
        return read_stamp(content[: parser.peek(content)], stamp.compute_digest)
    except BadStamp:
        return None
