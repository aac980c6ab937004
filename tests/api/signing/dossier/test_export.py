"""An auditor unpacks the evidence and checks it with Python and OpenSSL alone."""

import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from api.demo.phone import Phone
from api.signing.pdf.certificate import Mechanism
from api.wiring import Engines
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.databases import lacking
from tests.support.ministry import Ministry, Person
from tests.support.signing import enrol, operator, submitted, the_request, work

As = Callable[[Person], Awaitable[Phone]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def openssl() -> None:
    if shutil.which("openssl") is None:
        lacking("openssl is not installed")


def audit(folder: Path) -> tuple[int, str]:
    """Let the script in the ZIP judge, far from our code and our installation."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    said = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


async def export(phone: Phone, request_id: str, folder: Path) -> Path:
    answer = await phone.get(f"/signature-requests/{request_id}/evidence")
    with ZipFile(BytesIO(answer.content)) as archive:
        archive.extractall(folder)
    return folder


async def signed(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, mechanism: Mechanism
) -> tuple[Phone, str]:
    await operator(engines).enrol(
        "84900000001", name=ministry.leader.full_name, organization="Bộ", mechanism=mechanism
    )
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    leader = await as_(ministry.leader)
    await leader.get(f"/signature-requests/{request.id}/pages/0")
    card = (await leader.get("/signature-requests")).json()[0]
    await leader.sign(card["id"], card["sha256"])
    await work(engines, clock)
    return leader, str(request.id)


@pytest.mark.parametrize("mechanism", Mechanism)
async def test_an_auditor_checks_a_signature_without_us(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path,
    mechanism: Mechanism,
) -> None:  # fmt: skip
    leader, request_id = await signed(engines, ministry, as_, clock, mechanism)
    folder = await export(leader, request_id, tmp_path / "zip")

    code, said = audit(folder)

    assert (code, said.count("ok  ")) == (0, 7), said
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "SHA256SUMS", "attributes.der", "chain.pem", "pages", "paper.pdf",
        "records.jsonl", "signature.bin", "signed.pdf", "signer.pem", "trust.pem", "verify.py",
    }  # fmt: skip


async def test_every_change_is_seen(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path
) -> None:
    leader, request_id = await signed(engines, ministry, as_, clock, Mechanism.RSA_PKCS1_SHA256)
    whole = await export(leader, request_id, tmp_path / "zip")

    for name in ("paper.pdf", "signed.pdf", "signature.bin", "attributes.der", "pages/0-1080.jpg"):
        assert audit(changed(whole, tmp_path / "changed", name))[0] == 1, name
    for name in ("signature.bin", "attributes.der", "signed.pdf", "paper.pdf"):
        folder = changed(whole, tmp_path / "changed", name)
        (folder / "SHA256SUMS").write_text("")  # a forger writes the list anew
        assert audit(folder)[0] == 1, name
    for ordinal in range(len((whole / "records.jsonl").read_text("utf-8").splitlines())):
        assert audit(altered(whole, tmp_path / "changed", ordinal))[0] == 1, ordinal


def changed(whole: Path, target: Path, name: str) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(whole, target)
    content = bytearray((target / name).read_bytes())
    content[len(content) // 3] ^= 1
    (target / name).write_bytes(content)
    return target


def altered(whole: Path, target: Path, ordinal: int) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(whole, target)
    lines = (target / "records.jsonl").read_text("utf-8").splitlines()
    record = json.loads(lines[ordinal])
    record["link"]["at"] = "2020-01-01T00:00:00+00:00"
    lines[ordinal] = json.dumps(record)
    (target / "records.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return target


async def test_initials_have_their_evidence_too(
    engines: Engines, ministry: Ministry, as_: As, tmp_path: Path
) -> None:
    await enrol(engines, ministry)
    await submitted(engines, ministry, initials=(ministry.colleague.id,))
    colleague = await as_(ministry.colleague)
    card = (await colleague.get("/signature-requests")).json()[0]
    await colleague.initial(card["id"], card["sha256"])

    code, said = audit(await export(colleague, card["id"], tmp_path / "zip"))

    assert (code, said.count("ok  ")) == (0, 4), said


async def test_the_same_evidence_is_the_same_file_and_strangers_get_none(
    engines: Engines, ministry: Ministry, as_: As
) -> None:
    await enrol(engines, ministry)
    request = await submitted(engines, ministry)
    drafter, clerk = await as_(ministry.officer), await as_(ministry.clerk)
    path = f"/signature-requests/{request.id}/evidence"

    first, again = [(await drafter.get(path)).content for _ in range(2)]
    refused = await clerk.send("GET", path)

    assert first == again
    assert kind(refused) == "not_found"
    assert (await the_request(engines)).evidence_count == 1
