"""`POST /signatures/verifications`: any file from anybody gets a verdict, and nothing is kept."""

import random
from pathlib import Path

import httpx2 as httpx
import pytest

from api.demo.phone import Phone
from api.wiring import Engines
from core.clock import utc_now
from tests.support import forgers
from tests.support.clock import Clock
from tests.support.ministry import Ministry
from tests.support.signed_papers import Desk

PATH = "/signatures/verifications"


def upload(content: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"file": ("a.pdf", content, "application/pdf")}


@pytest.fixture
async def officer(
    as_: object, ministry: Ministry, desk: Desk, engines: Engines, clock: Clock
) -> Phone:
    clock.tick(utc_now() - clock())  # the desk's certificates are of today
    desk.ca.export_trust(engines.settings.trust)
    phone: Phone = await as_(ministry.officer)  # type: ignore[operator]
    return phone


async def test_a_signed_file_is_judged_and_nothing_of_it_stays(
    officer: Phone, issued: Path, engines: Engines
) -> None:
    answer = await officer.send("POST", PATH, files=upload(issued.read_bytes()))

    assert answer.status_code == 200
    assert (answer.json()["verdict"], answer.json()["policy"]) == ("valid", "issued")
    assert list((engines.settings.data / "desk").iterdir()) == []
    assert list((engines.settings.data / "blobs").rglob("*.*")) == []


async def test_a_changed_place_is_told_in_both_languages(
    officer: Phone, desk: Desk, issued: Path
) -> None:
    path = desk.copy(issued)
    forgers.add_annotation(path)

    said = (await officer.send("POST", PATH, files=upload(path.read_bytes()))).json()

    assert (said["verdict"], said["reason"]) == ("invalid", "changed_after_signing")
    assert said["findings"][0]["rect"] == [50, 50, 500, 700]
    assert said["findings"][0]["sentence_vi"].startswith("Tệp đã bị thay đổi")


async def test_what_breaks_its_reader_gets_a_verdict_all_the_same(
    officer: Phone, issued: Path, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_time = engines.sandbox._limits.model_copy(update={"wall_seconds": 0})
    monkeypatch.setattr(engines.sandbox, "_limits", no_time)

    answer = await officer.send("POST", PATH, files=upload(issued.read_bytes()))

    assert answer.status_code == 200
    assert (answer.json()["verdict"], answer.json()["reason"]) == (
        "invalid", "cannot_be_evaluated",
    )  # fmt: skip


async def test_noise_in_a_signed_file_never_breaks_the_answer(officer: Phone, issued: Path) -> None:
    chance = random.Random(4)
    content = issued.read_bytes()
    for _ in range(12):
        noisy = bytearray(content)
        for _ in range(30):
            noisy[chance.randrange(len(noisy))] = chance.randrange(256)
        answer = await officer.send("POST", PATH, files=upload(bytes(noisy)))
        assert answer.status_code in {200, 422}
        assert answer.json().get("verdict") != "valid"


async def test_who_is_unknown_is_turned_away(http: httpx.AsyncClient) -> None:
    answer = await http.post(PATH, files=upload(b"%PDF-1.7"))

    assert answer.status_code == 401


async def test_what_is_no_pdf_is_refused(officer: Phone) -> None:
    answer = await officer.send("POST", PATH, files=upload(b"plain text"))

    assert (answer.status_code, answer.json()["type"]) == (422, "verify.not_a_pdf")
