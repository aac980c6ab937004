"""On the mathematics of every kind of signature our verdict agrees with openssl and poppler."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.signing.verify.rules import Policy
from tests.corpus import on_bytes as raw
from tests.corpus.people import KEYS
from tests.corpus.workshop import Workshop
from tests.support.databases import lacking
from tests.support.forgers import Attack

OURS = ("issued-rsa", "issued-pss", "issued-ec")
WAYS: dict[str, Attack] = {
    "as-it-is": lambda _: None,
    "content-flipped": raw.flip_content(77),
    "value-flipped": raw.flip_value(40),
}
_SAYS = re.compile(r"Signature Validation: (.*)")


@dataclass(frozen=True)
class Container:
    """What one signature covers, and its CMS container."""

    covered: bytes
    der: bytes


def containers(file: bytes) -> list[Container]:
    found = []
    for each in PdfFileReader(BytesIO(file)).embedded_signatures:
        start, first, second, length = (int(part) for part in each.byte_range)
        covered = file[start : start + first] + file[second : second + length]
        found.append(Container(covered, bytes(each.pkcs7_content)))
    return found


def openssl_takes(one: Container, folder: Path) -> bool:
    """Let openssl check digest and signature; the chain is another question."""
    (folder / "covered").write_bytes(one.covered)
    (folder / "cms.der").write_bytes(one.der)
    command = [
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-noverify",
        "-in", str(folder / "cms.der"), "-content", str(folder / "covered"), "-out", "/dev/null",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def poppler_takes(path: Path) -> list[bool]:
    said = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    ).stdout
    return ["Signature is Valid" in line for line in _SAYS.findall(said)]


def ours_takes(workshop: Workshop, path: Path) -> list[bool]:
    signatures = workshop.verify(path, Policy.ANY).facts.signatures
    return [one.digest and one.mathematics and one.evaluated for one in signatures]


@pytest.fixture(autouse=True)
def _judges() -> None:
    for judge in ("openssl", "pdfsig"):
        if shutil.which(judge) is None:
            lacking(judge)


def agree(workshop: Workshop, path: Path) -> list[bool]:
    ours = ours_takes(workshop, path)
    every = containers(path.read_bytes())

    assert [openssl_takes(one, path.parent) for one in every] == ours
    assert poppler_takes(path) == ours
    return ours


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("base", OURS)
def test_the_judges_agree_on_our_documents(
    workshop: Workshop, tmp_path: Path, base: str, way: str
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(workshop.base(base))
    WAYS[way](path)

    found = agree(workshop, path)

    expected = {"as-it-is": [True, True], "value-flipped": [True, False]}
    assert found == expected.get(way, [False, False])


@pytest.mark.parametrize("stamped", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_the_judges_agree_on_the_documents_of_others(
    workshop: Workshop, tmp_path: Path, key: str, *, stamped: bool
) -> None:
    path = workshop.foreign(2, key=key, stamped=stamped).rename(tmp_path / "a.pdf")

    assert agree(workshop, path) == [True, True]
