"""The PDF work as the sandbox calls it: paths and plain values in, plain values out.

The heavy libraries are imported inside the functions: the server names them, the worker runs them.
"""

# ruff: noqa: PLC0415

from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

from api.documents.paper import fonts
from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.prepared import Prepared

#: Liberation Serif, which the paper is written in too.
FONTS = Path(fonts.__file__).parent
UPRIGHT = "LiberationSerif-Regular.ttf"


def signer_as_json(signer: SignerCertificate) -> dict[str, Any]:
    """Return a signer's certificates as plain JSON values."""
    return {
        "der": b64encode(signer.der).decode(),
        "chain": [b64encode(each).decode() for each in signer.chain],
        "mechanism": signer.mechanism.value,
    }


def signer_from_json(stored: dict[str, Any]) -> SignerCertificate:
    """Read back what `signer_as_json` gave."""
    chain = tuple(b64decode(each) for each in stored["chain"])
    return SignerCertificate(b64decode(stored["der"]), chain, Mechanism(stored["mechanism"]))


def place_file_fields(path: Path, layout: dict[str, Any]) -> None:
    """Put the fields on an unsigned PDF of ours, where its writer left room for them."""
    from api.signing.pdf.fields import Typefaces, place_fields
    from api.signing.pdf.layout import FieldLayout, Rect

    number, date, signature, seal = (
        Rect(*layout[name]) for name in ("number", "date", "signature", "seal")
    )
    pages = int(layout["head_page"]), int(layout["signature_page"])
    beside = tuple((int(page), Rect(*box)) for page, box in layout.get("cosigners", ()))
    fields = FieldLayout(number, date, signature, seal, *pages, beside)
    place_fields(path, fields, Typefaces.from_folder(FONTS))


def prepare_file(
    path: Path, signer: dict[str, Any], field: str, signing_time: str, image: bytes, reason: str
) -> dict[str, Any]:
    """Add the revision with the empty signature to the file; return what has to be signed."""
    from api.signing.pdf.signature import Look, prepare

    prepared = prepare(
        path,
        signer_from_json(signer),
        field,
        signing_time=datetime.fromisoformat(signing_time),
        look=Look(image=image, reason=reason),
    )
    return prepared.as_json()


def label_file(
    path: Path, signer: dict[str, Any], field: str, signing_time: str, words: list[str]
) -> dict[str, Any]:
    """Add the words at the top right and the empty signature; return what has to be signed."""
    from api.signing.pdf.label import prepare_label

    signing = datetime.fromisoformat(signing_time)
    certificate = signer_from_json(signer)
    return prepare_label(
        path, certificate, field, words=words, signing_time=signing, face=FONTS / UPRIGHT
    ).as_json()


def embed_file(path: Path, prepared: dict[str, Any], signer: dict[str, Any], raw: bytes) -> None:
    """Put the raw signature into the prepared file."""
    from api.signing.pdf.signature import embed

    embed(path, Prepared.from_json(prepared), signer_from_json(signer), raw)


def number_file(path: Path, number: str, date_line: str) -> None:
    """Fill in number and date."""
    from api.signing.pdf.fields import fill_number

    fill_number(path, number, date_line)
