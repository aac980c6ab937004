"""Reading the facts of a file with pyHanko; every exception of a parser becomes a fact."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pikepdf
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from api.signing.evidence.chains import Evidence
from api.signing.pdf.fields import text_fields
from api.signing.pdf.hexadecimal import read_quickly
from api.signing.pdf.layout import DATE_FIELD, NUMBER_FIELD, PERSON_FIELDS
from api.signing.pdf.objects import entry
from api.signing.pdf.signed_fields import signed_fields
from api.signing.verify.certificates import identity_of, kind_of, validated
from api.signing.verify.changes import is_own, traces_after
from api.signing.verify.errors import NotAPdf
from api.signing.verify.looks import compared, placed
from api.signing.verify.proofs import Proofs
from api.signing.verify.rules import (
    Change,
    FileFacts,
    Kind,
    Place,
    SignatureFacts,
    Trace,
    Trust,
)
from api.signing.verify.structure import ends_a_revision, envelope
from api.signing.verify.trust import TrustAnchors
from core.pdf import begins_as_pdf

_END_WITHIN = 1024
_CHUNK = 1 << 20
_MARK = b"/ByteRange"
Values = tuple[tuple[str, str], ...]


def read(
    path: Path, trust: TrustAnchors, moment: datetime, learnt: Evidence | None = None
) -> tuple[FileFacts, Values]:
    """Return what can be known of a file, whatever the file is.

    Args:
        path: the file.
        trust: whom to believe.
        moment: as of which it is judged.
        learnt: evidence that does not stand in the file.

    Raises:
        NotAPdf: no PDF can be made out.
    """
    with _quiet(), path.open("rb") as stream:
        named = begins_as_pdf(stream)
        opened = _open(stream) if named else None
        if opened is None:
            return _second_opinion(path, stream, named=named), ()
        reader, regular = opened
        if reader.encrypted and not _unlocked(reader):
            return FileFacts(encrypted=True), ()
        proofs = Proofs.of(reader, trust, moment, learnt or Evidence())
        return _facts(reader, stream, proofs, regular=regular)


def _open(stream: IO[bytes]) -> tuple[PdfFileReader, bool] | None:
    """Open strictly, else leniently; what only opens leniently is never called valid."""
    read_quickly()
    for strict in (True, False):
        try:
            stream.seek(0)
            reader = PdfFileReader(stream, strict=strict)
            readable = reader.encrypted or "/Pages" in reader.root
        except Exception:  # noqa: BLE001, S112 - a hostile file may raise anything
            continue
        # Hybrid files show different objects to different readers: pyHanko refuses them strictly.
        if readable and not (strict and reader.xrefs.hybrid_xrefs_present):
            return reader, strict
    return None


def _unlocked(reader: PdfFileReader) -> bool:
    try:
        return bool(reader.decrypt("").status is not AuthStatus.FAILED)
    except Exception:  # noqa: BLE001 - an unknown way of encryption is encryption still
        return False


def _facts(
    reader: PdfFileReader, stream: IO[bytes], proofs: Proofs, *, regular: bool
) -> tuple[FileFacts, Values]:
    try:
        found = placed(reader, tuple(_signatures(reader, stream, proofs)))
        found, drawn = compared(reader, stream, found)
        values = _values(reader)
        own, awaited = is_own(reader), _awaited(reader)
    except Exception:  # noqa: BLE001 - as above
        return FileFacts(readable=False), ()
    facts = FileFacts(
        signatures=found,
        regular=regular and drawn,
        garbage=not ends_a_revision(stream, stream.seek(0, 2)) or _hides(reader, found),
        numbered=_numbered(values),
        own=own,
        awaited=awaited if own else (),
    )
    return facts, values


def _awaited(reader: PdfFileReader) -> tuple[str, ...]:
    empty = {str(title) for title, _, _ in enumerate_sig_fields(reader, filled_status=False)}
    return tuple(title for title in PERSON_FIELDS if title in empty)


def _hides(reader: PdfFileReader, found: tuple[SignatureFacts, ...]) -> bool:
    """Tell whether bytes follow the last signature though no revision of the file owns them."""
    last = reader.total_revisions - 1
    return any(one.revision == last and not one.covers_whole_file for one in found)


def _signatures(
    reader: PdfFileReader, stream: IO[bytes], proofs: Proofs
) -> Iterator[SignatureFacts]:
    for title, field, listed in signed_fields(reader):
        signature = None
        try:
            signature = EmbeddedPdfSignature(reader, field, title)
            facts = _signature(reader, stream, signature, proofs)
        except Exception:  # noqa: BLE001 - as above
            yield _unreadable(title, signature)
        else:
            yield facts if listed else replace(facts, evaluated=False)


def _unreadable(title: str, signature: EmbeddedPdfSignature | None) -> SignatureFacts:
    """Report a signature that can no longer be evaluated, by its name if that can be read."""
    try:
        signer = signature.signer_cert.subject.native.get("common_name") if signature else None
    except Exception:  # noqa: BLE001 - as above
        signer = None
    return SignatureFacts(
        field=title,
        signer=signer,
        evaluated=False,
        trust=Trust.UNKNOWN,
        covers_whole_file=False,
    )


def _signature(
    reader: PdfFileReader,
    stream: IO[bytes],
    signature: EmbeddedPdfSignature,
    proofs: Proofs,
) -> SignatureFacts:
    lies = envelope(stream, signature.byte_range, signature.pkcs7_content)
    says = validated(signature, proofs)
    stamp = str(signature.sig_object_type) == "/DocTimeStamp"
    traces = _traces(reader, signature, covered=lies.covers_whole_file)
    return SignatureFacts(
        field=str(signature.field_name),
        signer=says.signer,
        kind=Kind.TIMESTAMP if stamp else kind_of(signature.signer_cert),
        byte_range=lies.byte_range and says.covers_revision,
        zero_padding=lies.zero_padding,
        canonical=lies.canonical,
        digest=says.digest,
        mathematics=says.mathematics,
        algorithm=says.algorithm,
        trust=says.trust,
        bound=says.bound,
        in_validity=says.in_validity,
        covers_whole_file=lies.covers_whole_file,
        changes=frozenset(trace.change for trace in traces),
        time=says.time,
        proven=says.proven,
        stamp=says.stamp,
        known=says.known,
        archived=proofs.is_archived(signature.signed_revision),
        revision=signature.signed_revision,
        end=lies.end,
        traces=traces,
        certificate=identity_of(signature.signer_cert),
    )


def _traces(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, *, covered: bool
) -> tuple[Trace, ...]:
    if covered:
        return ()
    try:
        return traces_after(reader, signature)
    except Exception:  # noqa: BLE001 - what cannot be followed is not permitted
        return (Trace(Change.OTHER, Place()),)


def _values(reader: PdfFileReader) -> Values:
    fields = text_fields(reader.root)
    return tuple((title, str(entry(field, "/V", ""))) for title, field in sorted(fields.items()))


def _numbered(values: Values) -> bool | None:
    ours = dict(values)
    if NUMBER_FIELD not in ours:
        return None
    return bool(ours[NUMBER_FIELD]) and bool(ours.get(DATE_FIELD))


def _second_opinion(path: Path, stream: IO[bytes], *, named: bool) -> FileFacts:
    """Let a parser that repairs files say whether there is a PDF at all, and a signature."""
    if not (named or _has_an_end(stream)):
        raise NotAPdf  # neither begins nor ends as one: no parser has to search gigabytes
    try:
        with pikepdf.open(path) as document:
            found = len(document.pages) > 0
    except pikepdf.PasswordError:
        return FileFacts(encrypted=True)
    except Exception:  # noqa: BLE001 - as above
        found = False
    if not (found or named):
        raise NotAPdf
    if _contains(stream, _MARK) or (found and not _has_an_end(stream)):
        return FileFacts(readable=False)
    if not found:
        raise NotAPdf
    return FileFacts()


def _has_an_end(stream: IO[bytes]) -> bool:
    """Tell whether the file ends as a PDF does; of one that was cut off, signatures may be gone."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_WITHIN))
    return b"%%EOF" in stream.read()


def _contains(stream: IO[bytes], mark: bytes) -> bool:
    stream.seek(0)
    tail = b""
    while chunk := stream.read(_CHUNK):
        if mark in tail + chunk:
            return True
        tail = chunk[-len(mark) :]
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries from telling stderr what the report tells already."""
    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator", "pikepdf")]
    before: list[Any] = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
