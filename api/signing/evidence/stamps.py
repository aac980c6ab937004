"""Time-stamps (RFC 3161): what an answer must be before it is believed or kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, tsp, x509
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from api.signing.evidence.errors import BadStamp

_GRANTED = {"granted", "granted_with_mods"}
_DIGESTS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A token whose own mathematics are right; whether its authority is trusted is asked apart."""

    token: bytes
    time: datetime
    certificate: Any
    others: tuple[Any, ...]


def stamp_in(answer: bytes, asked: bytes) -> Stamp:
    """Return the stamp that answers just this query, or refuse."""
    try:
        response = tsp.TimeStampResp.load(answer, strict=True)
        query = tsp.TimeStampReq.load(asked)
        status = response["status"]["status"].native
        token = response["time_stamp_token"]
        info = _info(token["content"]) if status in _GRANTED else None
    except (ValueError, TypeError, KeyError) as broken:
        raise BadStamp(why="malformed") from broken
    if info is None:
        raise BadStamp(why="rejected")
    if info["nonce"].native != query["nonce"].native:
        raise BadStamp(why="nonce")
    expected: bytes = query["message_imprint"]["hashed_message"].native
    return read_stamp(bytes(token.dump()), lambda name: expected if name == "sha256" else b"")


def read_stamp(token: bytes, hashed: Callable[[str], bytes]) -> Stamp:
    """Return the stamp in a token, on what `hashed` gives for an algorithm's name; else refuse."""
    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        info = _info(signed)
        certificates = extract_certificate_info(signed)
        (signer,) = signed["signer_infos"]
        imprint = info["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if algorithm not in _DIGESTS or imprint["hashed_message"].native != hashed(algorithm):
            raise BadStamp(why="digest")
        content = bytes(signed["encap_content_info"]["content"])
        digest = digest_of(signer["digest_algorithm"]["algorithm"].native, content)
        intact, valid = validate_sig_integrity(signer, certificates.signer_cert, "tst_info", digest)
        time = info["gen_time"].native
    except (ValueError, TypeError, KeyError, SignatureValidationError) as broken:
        raise BadStamp(why="malformed") from broken
    if not (intact and valid):
        raise BadStamp(why="signature")
    return Stamp(token, time, certificates.signer_cert, tuple(certificates.other_certs))


def digest_of(algorithm: str, content: bytes) -> bytes:
    """Return the digest of some bytes; an algorithm that proves nothing is a KeyError."""
    return _DIGESTS[algorithm](content).digest()


def certificates_of(token: bytes) -> list[Any]:
    """Return the certificates inside a token."""
    signed = cms.ContentInfo.load(bytes(token), strict=False)["content"]
    chosen = (each.chosen for each in signed["certificates"])
    return [each for each in chosen if isinstance(each, x509.Certificate)]


def _info(signed: Any) -> Any:
    return signed["encap_content_info"]["content"].parsed
