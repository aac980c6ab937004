"""Prepare a PDF for one signature, and put the signature in when the raw value has come."""

import hashlib
from binascii import hexlify
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, enumerate_sig_fields
from pyhanko.sign.fields import SigSeedSubFilter as SubFilter
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigAppearanceSetup,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.stamp import StaticStampStyle

from api.signing.pdf.certificate import SignerCertificate, must_be_usable
from api.signing.pdf.cms import container
from api.signing.pdf.cms import prepared as prepared_by
from api.signing.pdf.errors import ChangedSincePrepared, FieldMissing, FieldTaken, NotSignable
from api.signing.pdf.fields import text_fields
from api.signing.pdf.image import Picture, packed
from api.signing.pdf.layout import NUMBER_FIELD, PERSON_FIELDS, SEAL_FIELD
from api.signing.pdf.objects import entry
from api.signing.pdf.prepared import CHUNK, RESERVED, Prepared
from api.signing.pdf.raw import check_raw
from api.signing.pdf.revision import Revision, revising
from core.clock import VIETNAM

#: A picture fills its field: a seal has its real size (NĐ 30/2020, Annex I).
_WHOLE = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins())


@dataclass(frozen=True, slots=True)
class Look:
    """What a signature shows and says beside its mathematics."""

    image: bytes | None = None  # a PNG with transparency
    reason: str | None = None
    location: str | None = None


def prepare(
    path: Path,
    signer: SignerCertificate,
    field: str,
    *,
    signing_time: datetime,
    look: Look | None = None,
) -> Prepared:
    """Add the revision with an empty signature and return what has to be signed.

    Whoever signs first certifies: from then on only fields may be filled, and only what signs
    first may certify (ISO 32000-2, 12.8.2.2). The seal locks every field.
    """
    look = look or Look()
    must_be_usable(signer, signing_time)
    with revising(path) as writer:
        first = _must_be_next(writer, field)
        if field == SEAL_FIELD:
            _seal_pictures(writer)
        embedding = PdfCMSEmbedder().write_cms(field, writer, existing_fields_only=True)
        next(embedding)
        embedding.send(_setup(signer, field, signing_time, look, certifies=first))
        region, _ = embedding.send(
            SigIOSetup(md_algorithm="sha256", in_place=True, chunk_size=CHUNK)
        )
    return prepared_by(field, region, signer)


def embed(path: Path, prepared: Prepared, signer: SignerCertificate, raw: bytes) -> None:
    """Put the signature into the prepared file; run again it writes the same bytes."""
    check_raw(prepared, signer, raw)
    filled = hexlify(container(prepared.attributes, raw, signer)).upper()
    room = prepared.region_end - prepared.region_start - 2
    if len(filled) > room:
        raise ChangedSincePrepared(why="no_room")
    with path.open("rb+") as stream:
        if _digest_without(stream, prepared) != prepared.document_digest:
            raise ChangedSincePrepared(why="digest")
        stream.seek(prepared.region_start)
        stream.write(b"<" + filled.ljust(room, b"0") + b">")


def _must_be_next(writer: Revision, field: str) -> bool:
    """Hold to the order: every person, then the number, then the seal; say who is the first."""
    signed = {title: value is not None for title, value, _ in enumerate_sig_fields(writer.prev)}
    if field not in signed:
        raise FieldMissing(field=field)
    if signed[field]:
        raise FieldTaken(field=field)
    persons = [signed[title] for title in PERSON_FIELDS if title in signed]
    if field in PERSON_FIELDS:
        others = [signed[title] for title in signed if title not in PERSON_FIELDS]
        _must_be_open(writer, others=any(others))
    if field == SEAL_FIELD:
        _must_be_sealable(writer, all_signed=bool(persons) and all(persons))
    return field in PERSON_FIELDS and not any(signed.values())


def _must_be_open(writer: Revision, *, others: bool) -> None:
    """Let persons sign what nobody but persons has signed, and what has no number yet."""
    if others:
        raise NotSignable(why="already_signed")
    if _number(writer):
        raise NotSignable(why="already_numbered")


def _must_be_sealable(writer: Revision, *, all_signed: bool) -> None:
    if not all_signed:
        raise NotSignable(why="leader_has_not_signed")
    if _number(writer) == "":
        raise NotSignable(why="not_numbered")


def _number(writer: Revision) -> str | None:
    """Return the number that was filled in: empty while there is none, None without a field."""
    number = text_fields(writer.root).get(NUMBER_FIELD)
    return None if number is None else str(entry(number, "/V", ""))


def _seal_pictures(writer: Revision) -> None:
    """Write the pictures of number and date once more, unchanged, into the revision that is sealed.

    pyHanko takes a picture that is older than the revision which locks its field for one that was
    replaced after it, and so holds every later time-stamp against the seal.
    """
    for field in text_fields(writer.root).values():
        picture = entry(field, "/AP", {})
        if "/N" in picture:
            writer.mark_update(picture.raw_get("/N").reference)


def _setup(
    signer: SignerCertificate, field: str, signing_time: datetime, look: Look, *, certifies: bool
) -> Any:
    moment = signing_time.astimezone(VIETNAM)
    lock = FieldMDPSpec(FieldMDPAction.ALL) if field == SEAL_FIELD else None
    return SigObjSetup(
        sig_placeholder=SignatureObject(
            timestamp=moment,
            subfilter=SubFilter.PADES,
            name=signer.name,
            location=look.location,
            reason=look.reason,
            bytes_reserved=RESERVED,
        ),
        mdp_setup=SigMDPSetup(
            md_algorithm="sha256",
            certify=certifies,
            field_lock=lock,
            docmdp_perms=MDPPerm.FILL_FORMS if certifies else None,
        ),
        appearance_setup=_appearance(look.image, moment, signer.name),
    )


def _appearance(image: bytes | None, moment: datetime, name: str) -> Any:
    if image is None:
        return None
    shown = Picture(packed(image))
    style = StaticStampStyle(background=shown, background_layout=_WHOLE, border_width=0)
    return SigAppearanceSetup(style=style, timestamp=moment, name=name)


def _digest_without(stream: IO[bytes], prepared: Prepared) -> bytes:
    """Hash the file once more as it lies there, without the region of the signature."""
    digest = hashlib.sha256()
    stream.seek(0)
    left = prepared.region_start
    while left and (chunk := stream.read(min(left, CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
    stream.seek(prepared.region_end)
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    return digest.digest()
