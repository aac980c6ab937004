"""Check the evidence of one signature: needs Python 3 and OpenSSL, nothing else.

Usage: python3 verify.py [FOLDER]    (the folder of the unpacked ZIP; by default this file's own)
"""

# ruff: noqa: T201, S603, S607 - it speaks to its reader, and asks openssl

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

#: SubjectPublicKeyInfo of a P-256 key, up to its point (RFC 5480).
SPKI_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")


class Wrong(Exception):
    """Something does not fit."""


def main(folder: Path) -> int:
    """Check everything that is there and say so; 0 where all of it fits."""
    links = chain(folder)
    checks: list[tuple[str, Callable[[], None]]] = [
        ("every file is as listed", lambda: files(folder)),
        ("the files are those that the records name", lambda: named(folder, links)),
        ("the signer's device vouched for just this paper", lambda: consented(folder, links)),
    ]
    if (folder / "attributes.der").exists():
        checks += [
            ("the raw signature is the certificate's", lambda: raw(folder, links)),
            ("the code on both screens is that of the digest", lambda: code(folder, links)),
        ]
    if (folder / "signed.pdf").exists():
        checks.append(("the signed file holds this signature", lambda: signed(folder)))
    print(f"ok    the chain of {len(links)} records is whole")
    bad = 0
    for what, check in checks:
        try:
            check()
        except Wrong as wrong:
            bad += 1
            print(f"WRONG {what}: {wrong}")
        else:
            print(f"ok    {what}")
    return 1 if bad else 0


def chain(folder: Path) -> list[dict[str, Any]]:
    """Return the records, if each holds the hash of all before it."""
    head, links = "", []
    for number, line in enumerate((folder / "records.jsonl").read_text("utf-8").splitlines(), 1):
        record = json.loads(line)
        link = record["link"]
        text = json.dumps(link, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        head = hashlib.sha256(head.encode() + text.encode()).hexdigest()
        if (head, number) != (record["sha256"], link["ordinal"]):
            raise Wrong(f"record {number} was changed, left out or moved")
        links.append(link)
    return links


def files(folder: Path) -> None:
    """Compare every file with its hash."""
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, _, name = line.partition("  ")
        if digest_of(folder / name) != expected:
            raise Wrong(name)


def named(folder: Path, links: list[dict[str, Any]]) -> None:
    """Compare the files with the hashes in the records."""
    wanted = {"paper.pdf": body(links, "ask")["revision_sha256"]}
    for link in links:
        if link["kind"] == "page_shown":
            shown = link["body"]
            wanted[f"pages/{shown['page']}-{shown['width']}.jpg"] = shown["sha256"]
        elif link["kind"] == "embed":
            wanted["signed.pdf"] = link["body"]["sha256"]
    for name, expected in wanted.items():
        if digest_of(folder / name) != expected:
            raise Wrong(name)


def consented(folder: Path, links: list[dict[str, Any]]) -> None:
    """Check the device's own signature over request, paper and nonce."""
    agreed = [link for link in links if link["kind"] in {"consent", "initial"}]
    if not agreed:
        raise Wrong("nobody said yes")
    for link in agreed:
        shown = link["body"]["shown"]
        head, claims, signature = shown["proof"].split(".")
        said = json.loads(unpadded(claims))
        subject = subject_of(link, folder)
        expected = hashlib.sha256(subject + said["nonce"].encode()).digest()
        if unpadded(said["challenge"]) != expected:
            raise Wrong("the proof is about something else")
        jwk = json.loads(unpadded(head))["jwk"]
        point = unpadded(jwk["x"]) + unpadded(jwk["y"])
        verify(
            pem("PUBLIC KEY", SPKI_P256 + point),
            es256_der(unpadded(signature)),
            f"{head}.{claims}".encode(),
        )


def subject_of(link: dict[str, Any], folder: Path) -> bytes:
    """Return what was agreed to: this paper, or the list that it stood in."""
    named = link["body"].get("list")
    if named is None:
        paper = bytes.fromhex(digest_of(folder / "paper.pdf"))
        return UUID(link["request_id"]).bytes + paper
    text = json.dumps(named["items"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if not any(item["sha256"] == digest_of(folder / "paper.pdf") for item in named["items"]):
        raise Wrong("the list does not name this paper")
    return b"list" + UUID(named["id"]).bytes + hashlib.sha256(text.encode()).digest()


def raw(folder: Path, links: list[dict[str, Any]]) -> None:
    """Check the raw signature, and what let a remote key make it."""
    prepared = body(links, "prepare")["prepared"]
    signature = (folder / "signature.bin").read_bytes()
    attributes = (folder / "attributes.der").read_bytes()
    key = public_key(folder / "signer.pem")
    options = PSS if "pss" in prepared["mechanism"] else ()
    verify(key, signature, attributes, *options)
    released = [link["body"] for link in links if link["kind"] == "release"]
    for body_ in released:
        manifest = body_["manifest"].encode()
        if prepared["to_sign"] not in [item["to_sign"] for item in json.loads(manifest)["list"]]:
            raise Wrong("the authorised list does not name this signature")
        options = PSS if "pss" in body_["sim_mechanism"] else ()
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            Path(file.name).write_bytes(
                pem("CERTIFICATE", base64.b64decode(body_["sim_certificate"]))
            )
            sim = public_key(Path(file.name))
        verify(sim, base64.b64decode(body_["sim_signature"]), manifest, *options)


def code(folder: Path, links: list[dict[str, Any]]) -> None:
    """Compute the four digits again; in a list they are those of the list."""
    released = [link["body"] for link in links if link["kind"] == "release"]
    if released:
        text, signed_bytes = released[-1]["display_text"], released[-1]["manifest"].encode()
    else:
        text = body(links, "prepare")["display_text"]
        signed_bytes = (folder / "attributes.der").read_bytes()
    digest = hashlib.sha256(signed_bytes).digest()
    expected = f"{int.from_bytes(digest[-4:], 'big') % 10_000:04d}"
    if not text.endswith(expected):
        raise Wrong(f"{text!r} does not end with {expected}")


def signed(folder: Path) -> None:
    """Cut the signature out of the PDF and let OpenSSL check it over the rest."""
    content = (folder / "signed.pdf").read_bytes()
    if not content.startswith((folder / "paper.pdf").read_bytes()):
        raise Wrong("it does not begin with the paper that was shown")
    found = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", content)
    if not found:
        raise Wrong("no signature in it")
    start, length, second, rest = (int(number) for number in found[-1])
    if (start, second + rest) != (0, len(content)):
        raise Wrong("the signature does not cover the file")
    padded = bytes.fromhex(content[length + 1 : second - 1].decode())
    cms = padded[: 4 + int.from_bytes(padded[2:4], "big")]  # 30 82, two bytes of length, the rest
    if (folder / "signature.bin").read_bytes() not in cms:
        raise Wrong("it holds another signature")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "cms.der").write_bytes(cms)
        (work / "content").write_bytes(content[:length] + content[second:])
        trust = str(folder / "trust.pem")
        openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", str(work / "cms.der"),
            "-content", str(work / "content"), "-CAfile", trust, "-purpose", "any",
            "-out", str(work / "out"), "-no_check_time",
        )  # fmt: skip


def body(links: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return what the last record of a kind says."""
    found: list[dict[str, Any]] = [link["body"] for link in links if link["kind"] == kind]
    if not found:
        raise Wrong(f"no record `{kind}`")
    return found[-1]


def public_key(certificate: Path) -> bytes:
    """Return the key in a certificate."""
    return openssl("x509", "-in", str(certificate), "-pubkey", "-noout")


def verify(key: bytes, signature: bytes, message: bytes, *options: str) -> None:
    """Check a signature over SHA-256 of a message."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "key.pem").write_bytes(key)
        (work / "signature").write_bytes(signature)
        (work / "message").write_bytes(message)
        openssl(
            "dgst", "-sha256", "-verify", str(work / "key.pem"),
            "-signature", str(work / "signature"), *options, str(work / "message"),
        )  # fmt: skip


def openssl(*arguments: str) -> bytes:
    """Ask OpenSSL, or say what it says."""
    asked = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    if asked.returncode != 0:
        raise Wrong((asked.stderr or asked.stdout).decode(errors="replace").strip()[-200:])
    return asked.stdout


def es256_der(pair: bytes) -> bytes:
    """Return the two numbers of a JWS as OpenSSL wants them."""
    numbers = b""
    for part in (pair[:32], pair[32:]):
        number = part.lstrip(b"\0") or b"\0"
        number = b"\0" + number if number[0] & 0x80 else number
        numbers += b"\x02" + bytes([len(number)]) + number
    return b"\x30" + bytes([len(numbers)]) + numbers


def pem(label: str, der: bytes) -> bytes:
    """Return DER as text."""
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


def unpadded(text: str) -> bytes:
    """Return what base64url without padding stands for."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest_of(path: Path) -> str:
    """Return a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except (Wrong, OSError, ValueError, KeyError) as broken:
        print(f"WRONG {broken}")
        sys.exit(1)
