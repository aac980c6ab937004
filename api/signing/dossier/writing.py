"""Writing the ZIP: the same evidence gives the same bytes."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from api.signing.chain import Link

_CHUNK = 1 << 20
SUMS = "SHA256SUMS"


def lay_out(
    folder: Path, links: Sequence[tuple[Link, str]], raw: bytes | None, trust: Sequence[Path]
) -> None:
    """Put what is not a file yet into the folder, beside the papers and pictures in it."""
    lines = [{"link": asdict(link), "sha256": digest} for link, digest in links]
    text = "".join(json.dumps(line, sort_keys=True, ensure_ascii=False) + "\n" for line in lines)
    (folder / "records.jsonl").write_text(text, "utf-8")
    for name in ("README.md", "verify.py"):
        (folder / name).write_bytes(files(__package__).joinpath(name).read_bytes())
    (folder / "trust.pem").write_bytes(b"\n".join(path.read_bytes() for path in sorted(trust)))
    prepared = [link.body for link, _ in links if link.kind == "prepare"]
    if prepared and raw is not None:
        _lay_out_signature(folder, prepared[-1], raw)


def _lay_out_signature(folder: Path, prepared: dict[str, Any], raw: bytes) -> None:
    (folder / "attributes.der").write_bytes(b64decode(prepared["prepared"]["attributes"]))
    (folder / "signature.bin").write_bytes(raw)
    (folder / "signer.pem").write_bytes(_pem(prepared["signer"]["der"]))
    chain = [_pem(each) for each in prepared["signer"]["chain"]]
    (folder / "chain.pem").write_bytes(b"".join(chain))


def pack(folder: Path, target: Path) -> None:
    """Write everything in the folder into one ZIP, with a list of hashes."""
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}" for path in names]
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for path in names:
            with archive.open(_entry(path.relative_to(folder).as_posix()), "w") as entry:
                for chunk in _chunks(path):
                    entry.write(chunk)
        archive.writestr(_entry(SUMS), "\n".join(sums) + "\n")


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
    return entry


def _chunks(path: Path) -> Any:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _pem(der: str) -> bytes:
    return x509.load_der_x509_certificate(b64decode(der)).public_bytes(Encoding.PEM)
