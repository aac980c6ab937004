"""What makes a signature last: a stamp in its container (B-T), evidence and a stamp on the file.

Every file ends with its newest document time-stamp, so that nothing stands outside of it.
"""

import hashlib
from binascii import hexlify
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import DocumentTimestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import ValidationInfoReadingError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from api.signing.evidence.chains import Evidence
from api.signing.evidence.stamps import certificates_of
from api.signing.pdf.errors import ChangedSincePrepared
from api.signing.pdf.prepared import CHUNK
from api.signing.pdf.revision import revising

#: Hexadecimal digits kept free for a document time-stamp: two for each byte.
_RESERVED = 24 * 1024
_TOKEN = "signature_time_stamp_token"  # noqa: S105 - the name of an attribute


@dataclass(frozen=True, slots=True)
class Region:
    """Where a stamp has its place in a file, and the digest of everything else."""

    digest: bytes
    start: int
    end: int


@dataclass
class Surveyed:
    """What a file holds.

    Attributes:
        unstamped: the value of the last signature, while it has no stamp and nothing follows it.
        others_unstamped: whether an earlier signature has none: it can no longer get one.
        signers: the certificate of each signature and each stamp, and when it is known to have
            signed.
        pool: every certificate inside.
        evidence: what tells of their status already.
        archived: whether a document time-stamp covers the whole file.
    """

    unstamped: bytes | None
    others_unstamped: bool
    signers: list[tuple[Any, datetime | None]]
    pool: list[Any]
    evidence: Evidence
    archived: bool


def survey(path: Path) -> Surveyed:
    """Read what has been done for a file of ours, and what is still to be done."""
    with path.open("rb") as stream:
        reader = PdfFileReader(stream)
        found = list(reader.embedded_signatures)
        last, size = found[-1], stream.seek(0, 2)
        whole = last.byte_range[2] + last.byte_range[3] == size
        is_stamp = _is_stamp(last)
        bare = whole and not is_stamp and not _stamped(last)
        evidence = store_of(reader)
        pool = [*evidence.certificates, *(one for each in found for one in _certificates(each))]
        return Surveyed(
            others_unstamped=not all(_is_stamp(one) or _stamped(one) for one in found[:-1]),
            unstamped=last.signer_info["signature"].native if bare else None,
            signers=[signer for each in found for signer in _signers(each)],
            pool=pool,
            evidence=evidence,
            archived=whole and is_stamp,
        )


def stamp_signature(path: Path, token: bytes) -> None:
    """Put a stamp on the last signature into its container, where nothing signed lies."""
    with path.open("rb+") as stream:
        last = list(PdfFileReader(stream).embedded_signatures)[-1]
        content = cms.ContentInfo.load(bytes(last.pkcs7_content), strict=False)
        stamp = {"type": _TOKEN, "values": [cms.ContentInfo.load(token)]}
        content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([stamp])
        _fill(stream, last.byte_range[1], last.byte_range[2], content.dump())


def prepare_stamp(path: Path, evidence: Evidence) -> Region:
    """Add the evidence and an empty document time-stamp; return what has to be stamped."""
    with revising(path) as writer:
        count = sum(1 for each in writer.prev.embedded_timestamp_signatures) + 1
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=evidence.certificates,
            ocsps=evidence.ocsps,
            crls=evidence.crls,
        )
        name = f"Dau_ThoiGian_{count}"
        embedding = PdfCMSEmbedder(new_field_spec=SigFieldSpec(name)).write_cms(name, writer)
        next(embedding)
        embedding.send(SigObjSetup(sig_placeholder=DocumentTimestamp(bytes_reserved=_RESERVED)))
        region, _ = embedding.send(
            SigIOSetup(md_algorithm="sha256", in_place=True, chunk_size=CHUNK)
        )
    return Region(region.document_digest, region.reserved_region_start, region.reserved_region_end)


def fill_stamp(path: Path, region: Region, token: bytes) -> None:
    """Put the stamp into its place; the rest of the file must be what was stamped."""
    with path.open("rb+") as stream:
        if _digest_without(stream, region) != region.digest:
            raise ChangedSincePrepared(why="digest")
        _fill(stream, region.start, region.end, token)


def store_of(reader: PdfFileReader) -> Evidence:
    """Return the evidence that stands in a file."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except ValidationInfoReadingError:
        return Evidence()
    ocsps, crls = (
        [each.get_object().data for each in found] for found in (store.ocsps, store.crls)
    )
    return Evidence.of([each.dump() for each in store.load_certs()], ocsps, crls)


def stamps_on(signature: EmbeddedPdfSignature) -> list[bytes]:
    """Return the stamps in the container of a signature."""
    attributes = signature.signer_info["unsigned_attrs"]
    found = [each["values"] for each in attributes if each["type"].native == _TOKEN]
    return [bytes(value.dump()) for values in found for value in values]


def _stamped(signature: EmbeddedPdfSignature) -> bool:
    return bool(stamps_on(signature))


def _is_stamp(signature: EmbeddedPdfSignature) -> bool:
    return str(signature.sig_object_type) == "/DocTimeStamp"


def _signers(signature: EmbeddedPdfSignature) -> list[tuple[Any, datetime | None]]:
    if _is_stamp(signature):
        return [_stamper(signature.pkcs7_content)]
    stampers = [_stamper(token) for token in stamps_on(signature)]
    times = [time for _, time in stampers if time]
    return [(signature.signer_cert, min(times, default=None)), *stampers]


def _stamper(token: bytes) -> tuple[Any, datetime | None]:
    signed = cms.ContentInfo.load(bytes(token), strict=False)["content"]
    time = signed["encap_content_info"]["content"].parsed["gen_time"].native
    serial = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
    certificates = certificates_of(token)
    return next(each for each in certificates if each.serial_number == serial), time


def _certificates(signature: EmbeddedPdfSignature) -> list[x509.Certificate]:
    tokens = [one for token in stamps_on(signature) for one in certificates_of(token)]
    return [signature.signer_cert, *signature.other_embedded_certs, *tokens]


def _fill(stream: IO[bytes], start: int, end: int, der: bytes) -> None:
    filled, room = hexlify(der).upper(), end - start - 2
    if len(filled) > room:
        raise ChangedSincePrepared(why="no_room")
    stream.seek(start)
    stream.write(b"<" + filled.ljust(room, b"0") + b">")


def _digest_without(stream: IO[bytes], region: Region) -> bytes:
    digest = hashlib.sha256()
    stream.seek(0)
    digest.update(stream.read(region.start))
    stream.seek(region.end)
    digest.update(stream.read())
    return digest.digest()
