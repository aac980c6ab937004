"""Signatures that last: what the file proves is enough, for as long as its newest stamp lasts."""

import hashlib
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.signing.evidence.stamps import stamp_in
from api.signing.longterm.sandboxed import survey_file
from api.signing.pdf.archive import stamp_signature, stamps_on
from api.signing.verify.report import Report
from api.signing.verify.rules import Policy, Reason, Verdict
from core.clock import utc_now
from tests.support.lasting import Archivist
from tests.support.signed_papers import Desk

YEAR = timedelta(days=365)


class Calendar:
    """A clock of the present that can be set ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture(scope="module")
def archivist(desk: Desk) -> Archivist:
    return Archivist(desk)


@pytest.fixture(scope="module")
def lasting(archivist: Archivist) -> Path:
    return archivist.lasting()


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def own(tmp_path: Path, calendar: Calendar) -> Archivist:
    """A desk of one's own, whose certificates may be revoked and whose clock may be set."""
    return Archivist(Desk(tmp_path, clock=calendar, days=300))


def said_of(report: Report) -> tuple[Verdict, Reason]:
    return report.verdict, report.reason


def test_two_signatures_reach_the_highest_level(desk: Desk, lasting: Path) -> None:
    said = desk.verify(lasting, Policy.ISSUED).as_json()

    assert (said["verdict"], said["revocation"]) == ("valid", "good")
    shown = [(one["level"], one["time_source"], one["revocation"]) for one in said["signatures"]]
    assert shown == [("B-LTA", "timestamp", "good")] * 2
    assert [one["kind"] for one in said["timestamps"]] == ["timestamp"]
    assert said["timestamps"][0]["covers_whole_file"]


def test_ten_years_later_the_file_is_enough(desk: Desk, lasting: Path, issued: Path) -> None:
    assert said_of(desk.verify(lasting, Policy.ISSUED, after=10 * YEAR)) == (
        Verdict.VALID,
        Reason.TRUSTED,
    )
    bare = desk.verify(issued, Policy.ISSUED, after=10 * YEAR)
    assert said_of(bare) == (Verdict.INDETERMINATE, Reason.CERTIFICATE_EXPIRED)


def test_once_the_newest_stamp_has_ended_nothing_is_proven(desk: Desk, lasting: Path) -> None:
    assert desk.verify(lasting, after=13 * YEAR).verdict is Verdict.INDETERMINATE


def test_a_renewed_stamp_carries_the_older_one(own: Archivist, calendar: Calendar) -> None:
    own.services.tsa_days = 200
    path = own.lasting()
    calendar.ahead = timedelta(days=150)
    own.services.tsa_days = 4000
    (own.desk.ca.folder / "tsa.crt").unlink()  # the authority's next key has its own certificate

    own.archive(path)

    late = own.desk.verify(path, Policy.ISSUED, after=timedelta(days=3000))
    assert said_of(late) == (Verdict.VALID, Reason.TRUSTED)
    assert len(late.as_json()["timestamps"]) == 2


def test_a_certificate_revoked_later_has_signed_nevertheless(
    own: Archivist, calendar: Calendar
) -> None:
    path = own.stamp(own.desk.certified())
    calendar.ahead = timedelta(days=1)
    own.desk.ca.revoke(own.desk.leader.parsed.serial_number)
    calendar.ahead = timedelta(days=2)

    own.finished(path)

    assert said_of(own.desk.verify(path)) == (Verdict.VALID, Reason.TRUSTED)


def test_a_certificate_revoked_before_has_not_signed(own: Archivist, calendar: Calendar) -> None:
    own.desk.ca.revoke(own.desk.leader.parsed.serial_number)
    calendar.ahead = timedelta(days=1)
    path = own.stamp(own.desk.certified())

    own.finished(path)

    said = own.desk.verify(path)
    assert said_of(said) == (Verdict.INVALID, Reason.CERTIFICATE_REVOKED)
    assert said.as_json()["signatures"][0]["revocation"] == "revoked"


def test_without_a_stamp_a_revoked_certificate_proves_nothing(
    own: Archivist, calendar: Calendar
) -> None:
    path = own.desk.certified()
    calendar.ahead = timedelta(days=1)
    own.desk.ca.revoke(own.desk.leader.parsed.serial_number)
    calendar.ahead = timedelta(days=2)

    own.finished(path)

    assert said_of(own.desk.verify(path)) == (Verdict.INVALID, Reason.CERTIFICATE_REVOKED)


def test_a_stamp_of_another_signature_is_refused(own: Archivist, calendar: Calendar) -> None:
    first = own.stamp(own.desk.certified())
    calendar.ahead = timedelta(hours=1)
    second = own.desk.certified()
    with first.open("rb") as stream:
        (signature,) = PdfFileReader(stream).embedded_signatures
        (token,) = stamps_on(signature)
    stamp_signature(second, token)

    assert said_of(own.desk.verify(second)) == (Verdict.INVALID, Reason.WRONG_TIMESTAMP)


def test_a_stamp_of_a_stranger_proves_no_time(own: Archivist, tmp_path: Path) -> None:
    stranger = Archivist(Desk(tmp_path / "stranger", root_name="Another root"))
    path = own.desk.certified()
    asked = _question(path, own)
    token = stranger.ask(asked)
    stamp_signature(path, stamp_in(token, asked["body"]).token)

    said = own.desk.verify(path).as_json()
    assert said["signatures"][0]["time_source"] == "claimed_by_signer"
    assert said["signatures"][0]["level"] == "B-B"


def _question(path: Path, own: Archivist) -> dict[str, Any]:
    asked: dict[str, Any] = survey_file(path, own.trust, [])["stamp"]
    return asked


# --- what others say of the same bytes -------------------------------------------------------


def test_openssl_agrees_on_every_signature_and_every_stamp(
    desk: Desk, lasting: Path, tmp_path: Path
) -> None:
    root = str(desk.ca.export_trust(tmp_path))
    with lasting.open("rb") as stream:
        for number, one in enumerate(PdfFileReader(stream).embedded_signatures):
            container, content = tmp_path / f"{number}.der", tmp_path / f"{number}.bin"
            container.write_bytes(one.pkcs7_content.rstrip(b"\0"))
            content.write_bytes(_signed_bytes(lasting, one.byte_range))
            if str(one.sig_object_type) == "/DocTimeStamp":
                assert _is_stamped(container, hashlib.sha256(content.read_bytes()), root)
                continue
            said = _run("cms", "-verify", "-inform", "DER", "-binary", "-cades",
                        "-in", str(container), "-content", str(content), "-CAfile", root,
                        "-purpose", "any", "-out", "/dev/null")  # fmt: skip
            assert "Verification successful" in said, said
            (token,) = stamps_on(one)
            container.write_bytes(token)
            value = bytes(one.signer_info["signature"].native)
            assert _is_stamped(container, hashlib.sha256(value), root)


def test_poppler_agrees_on_the_mathematics(lasting: Path) -> None:
    said = subprocess.run(
        ["pdfsig", "-nocert", str(lasting)], capture_output=True, text=True, check=False
    ).stdout

    assert said.count("Signature is Valid") == 2
    assert "Dau_ThoiGian_1" in said


def _is_stamped(token: Path, digest: Any, root: str) -> bool:
    said = _run("ts", "-verify", "-token_in", "-in", str(token), "-digest", digest.hexdigest(),
                "-CAfile", root)  # fmt: skip
    return "Verification: OK" in said


def _run(*command: str) -> str:
    done = subprocess.run(["openssl", *command], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _signed_bytes(path: Path, byte_range: Any) -> bytes:
    content = path.read_bytes()
    start, first, second, length = (int(part) for part in byte_range)
    return content[start : start + first] + content[second : second + length]
