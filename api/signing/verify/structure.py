"""What the bytes around a signature say, read without trusting the PDF's own words."""

import re
from dataclasses import dataclass
from typing import IO, Any

from asn1crypto import cms, parser

_LARGEST_GAP = 4 << 20
_TAIL = 64
_ONE_CASE = re.compile(rb"<(?:[0-9A-F]{2})*>|<(?:[0-9a-f]{2})*>")
_END = re.compile(rb"%%EOF[\r\n \t]{0,4}\Z")
_RANGE_PARTS = 4
_CONSTRUCTED, _LONG_TAG, _LONG = 0x20, 0x1F, 0x80


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a signature lies in the file."""

    byte_range: bool
    zero_padding: bool
    canonical: bool
    covers_whole_file: bool
    end: int


def envelope(stream: IO[bytes], byte_range: Any, contents: bytes) -> Envelope:
    """Examine the signed range, the gap it leaves and what stands in the gap."""
    size = stream.seek(0, 2)
    parts = [int(part) for part in byte_range]
    if not _in_order(parts, size):
        return Envelope(
            byte_range=False, zero_padding=True, canonical=True, covers_whole_file=False, end=0
        )
    end = parts[2] + parts[3]
    gap = _read(stream, parts[1], parts[2] - parts[1])
    shown = _ONE_CASE.fullmatch(gap) is not None
    return Envelope(
        byte_range=_holds_only(gap, contents) and ends_a_revision(stream, end),
        zero_padding=not any(contents[_der_length(contents) :]),
        canonical=shown and _is_canonical(contents),
        covers_whole_file=end == size,
        end=end,
    )


def ends_a_revision(stream: IO[bytes], end: int) -> bool:
    """Tell whether a PDF could end at `end`."""
    start = max(0, end - _TAIL)
    return _END.search(_read(stream, start, end - start)) is not None


def _in_order(parts: list[int], size: int) -> bool:
    if len(parts) != _RANGE_PARTS:
        return False
    start, first, second, length = parts
    in_order = start == 0 < first < second <= second + length <= size
    return in_order and second - first <= _LARGEST_GAP


def _holds_only(gap: bytes, contents: bytes) -> bool:
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return False
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) == contents
    except ValueError:
        return False


def _der_length(contents: bytes) -> int:
    try:
        return int(parser.peek(contents))
    except ValueError:
        return 0


def _is_canonical(contents: bytes) -> bool:
    """Tell whether the parts that no signature covers repeat what it does cover."""
    try:
        der = contents[: _der_length(contents)]
        signed = cms.ContentInfo.load(der, strict=True)["content"]
        info = signed["signer_infos"][0]
        digests = {each["algorithm"].native for each in signed["digest_algorithms"]}
        plain = all(each["parameters"].native is None for each in signed["digest_algorithms"])
    except (ValueError, TypeError, KeyError, IndexError):
        return False
    one = len(signed["signer_infos"]) == 1 and plain
    same = digests == {info["digest_algorithm"]["algorithm"].native}
    named = _names_its_certificate(signed, info) and _is_versioned(signed, info)
    return one and same and named and is_der(der)


def _is_versioned(signed: Any, info: Any) -> bool:
    """Hold the version numbers to RFC 5652, 5.1 and 5.3, where all certificates are plain."""
    plain = all(each.name == "certificate" for each in signed["certificates"])
    by_number = info["sid"].name == "issuer_and_serial_number"
    first = by_number and signed["encap_content_info"]["content_type"].native == "data"
    expected = "v1" if first else "v3"
    whole = signed["version"].native == expected or not plain
    return whole and info["version"].native == ("v1" if by_number else "v3")


def _names_its_certificate(signed: Any, info: Any) -> bool:
    """Compare issuer and number letter by letter: names match in any case for X.509."""
    if info["sid"].name != "issuer_and_serial_number":
        return True
    wanted = info["sid"].chosen
    return any(
        each.chosen.issuer.dump() == wanted["issuer"].dump()
        and each.chosen.serial_number == wanted["serial_number"].native
        for each in signed["certificates"]
    )


def is_der(data: bytes) -> bool:
    """Tell whether the bytes are nested exactly, every length as short as it can be."""
    waiting = [(0, len(data))]
    while waiting:
        start, end = waiting.pop()
        while start < end:
            body = _body(data, start, end)
            if body is None:
                return False
            if data[start] & _CONSTRUCTED:
                waiting.append(body)
            start = body[1]
    return True


def _body(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return where the content of the element at `start` lies, if it lies within `end`."""
    if data[start] == 0 or data[start] & _LONG_TAG == _LONG_TAG or start + 2 > end:
        return None
    length, first = data[start + 1], start + 2
    if length >= _LONG:
        count = length - _LONG
        octets = data[first : first + count]
        length, first = int.from_bytes(octets), first + count
        if not octets or octets[0] == 0 or length < _LONG:
            return None
    return (first, first + length) if first + length <= end else None


def _read(stream: IO[bytes], start: int, length: int) -> bytes:
    stream.seek(start)
    return stream.read(length)
