"""One bit of a whole signed file is flipped: no byte of a finished document of ours is free."""

from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.signing.verify.rules import Verdict
from api.signing.verify.structure import envelope
from tests.corpus.workshop import Workshop

MECHANISMS = ("rsa", "ec")
#: Bytes that no judge of ours looks at; they would have to be listed in the reference.
FREE: frozenset[int] = frozenset()


def gap_of(file: bytes) -> tuple[int, int]:
    """Return where the last signature lies, which no signature covers."""
    _, first, second, _ = PdfFileReader(BytesIO(file)).embedded_signatures[-1].byte_range
    return int(first), int(second)


def flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ (1 << at % 8)]) + file[at + 1 :]


def is_seen_by_structure(file: bytes) -> bool:
    """Tell whether the bytes around the last signature alone give the flip away."""
    try:
        signature = PdfFileReader(BytesIO(file)).embedded_signatures[-1]
        lies = envelope(BytesIO(file), signature.byte_range, signature.pkcs7_content)
    except Exception:  # noqa: BLE001 - what cannot be read is never valid
        return True
    return not (lies.byte_range and lies.zero_padding and lies.canonical)


def unseen(workshop: Workshop, path: Path, file: bytes, places: range) -> list[int]:
    found = []
    for at in places:
        path.write_bytes(flipped(file, at))
        if workshop.verify(path).verdict is Verdict.VALID:
            found.append(at)
    return found


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_flips_all_over_a_file_are_seen(workshop: Workshop, tmp_path: Path, mechanism: str) -> None:
    file = workshop.base(f"issued-{mechanism}")
    places = range(11, len(file), len(file) // 12)

    assert set(unseen(workshop, tmp_path / "a.pdf", file, places)) <= FREE


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_four_hundred_flips_all_over_a_file_are_seen(
    workshop: Workshop, tmp_path: Path, mechanism: str
) -> None:
    file = workshop.base(f"issued-{mechanism}")
    places = range(3, len(file), len(file) // 400)

    assert set(unseen(workshop, tmp_path / "a.pdf", file, places)) <= FREE


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_flip_of_any_byte_of_the_padding_is_seen(workshop: Workshop, mechanism: str) -> None:
    """What the structure sees is a fault by the table; reading the file anew would add nothing."""
    file = workshop.base(f"issued-{mechanism}")
    start, end = gap_of(file)
    last = file.rindex(b"1", start, file.index(b"0" * 64, start)) + 66

    passed = [at for at in range(last, end, 3) if not is_seen_by_structure(flipped(file, at))]

    assert passed == []
