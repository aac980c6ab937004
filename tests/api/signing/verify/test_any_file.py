"""Whatever the file is, the verifier says something true of it and never breaks."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.signing.verify.errors import NoAnchors, NotAPdf
from api.signing.verify.report import exit_code
from api.signing.verify.rules import Policy, Reason, Verdict
from api.signing.verify.trust import TrustAnchors
from api.signing.verify.verifier import verify_file
from tests.support.signed_papers import Desk


def test_a_valid_file_reports_in_the_published_shape(desk: Desk, issued: Path) -> None:
    report = desk.verify(issued)

    said = json.loads(json.dumps(report.as_json()))
    assert (said["verdict"], said["reason"], exit_code(report)) == ("valid", "trusted", 0)
    assert said["revocation"] == "not_checked"
    leader, seal = said["signatures"]
    assert (leader["field"], leader["signer"]) == ("Ky_LanhDao", "Nguyễn Văn An")
    assert (leader["intact"], leader["trusted"]) == (True, True)
    assert (leader["covers_whole_file"], seal["covers_whole_file"]) == (False, True)
    assert leader["changes_after"] == ["number_filled", "signed_again"]
    assert seal["changes_after"] == []
    assert leader["time"].endswith("+07:00")


def test_a_file_without_signature_is_indeterminate(desk: Desk) -> None:
    reports = [desk.verify(path) for path in (desk.blank(), desk.form())]

    assert {(one.verdict, one.reason) for one in reports} == {
        (Verdict.INDETERMINATE, Reason.UNSIGNED)
    }
    assert {exit_code(one) for one in reports} == {2}


def test_a_signer_of_another_authority_is_not_trusted(desk: Desk, issued: Path) -> None:
    report = verify_file(issued, TrustAnchors())

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, Reason.UNTRUSTED_SIGNER)
    assert all(one.intact for one in report.facts.signatures)


def test_an_authority_of_the_same_name_is_not_trusted(desk: Desk, tmp_path: Path) -> None:
    double = Desk(tmp_path)

    report = verify_file(double.issued(), desk.trust)

    assert double.ca.root().subject == desk.ca.root().subject
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, Reason.UNTRUSTED_SIGNER)


def test_a_certificate_that_has_expired_since_is_named(desk: Desk, issued: Path) -> None:
    report = desk.verify(issued, after=timedelta(days=1500))

    assert (report.verdict, report.reason) == (
        Verdict.INDETERMINATE,
        Reason.CERTIFICATE_EXPIRED,
    )


def test_an_encrypted_file_is_named(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "encrypted.pdf"
    with pikepdf.open(desk.blank()) as document:
        document.save(path, encryption=pikepdf.Encryption(user="secret", owner="secret"))

    report = desk.verify(path)

    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, Reason.ENCRYPTED)


@pytest.mark.parametrize("content", [b"", b"plain text", b"PK\x03\x04", bytes(2000)])
def test_what_is_no_pdf_is_said_so(desk: Desk, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(NotAPdf):
        desk.verify(path)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(end=st.floats(0, 1, exclude_max=True))
def test_a_cut_file_is_never_valid(desk: Desk, issued: Path, tmp_path: Path, end: float) -> None:
    path = tmp_path / "cut.pdf"
    content = issued.read_bytes()
    path.write_bytes(content[: int(end * len(content))])

    try:
        report = desk.verify(path, Policy.ISSUED)
    except NotAPdf:
        return
    assert report.verdict is not Verdict.VALID


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(noise=st.binary(max_size=400), headed=st.booleans())
def test_random_bytes_never_break_it(
    desk: Desk, tmp_path: Path, noise: bytes, *, headed: bool
) -> None:
    path = tmp_path / "noise.pdf"
    path.write_bytes((b"%PDF-1.7\n" if headed else b"") + noise)

    try:
        report = desk.verify(path)
    except NotAPdf:
        return
    assert report.verdict is not Verdict.VALID


def test_a_folder_of_anchors_takes_pem_and_der(desk: Desk, tmp_path: Path) -> None:
    der = desk.trust.certificates[0]
    (tmp_path / "root.crt").write_bytes(der)
    (tmp_path / "README").write_text("not a certificate")

    assert TrustAnchors.from_folder(tmp_path).certificates == (der,)


def test_a_folder_without_anchors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoAnchors):
        TrustAnchors.from_folder(tmp_path)


@pytest.mark.parametrize(
    ("folders", "untrusted"),
    [
        (("person", "agency"), set()),
        (("person",), {"Dau_CoQuan"}),
        (("agency",), {"Ky_LanhDao"}),
        (("timestamp",), {"Ky_LanhDao", "Dau_CoQuan"}),
        ((".", "timestamp"), set()),
    ],
)
def test_an_anchor_in_a_folder_of_a_purpose_counts_for_that_alone(
    desk: Desk, issued: Path, tmp_path: Path, folders: tuple[str, ...], untrusted: set[str]
) -> None:
    for folder in folders:
        desk.ca.export_trust(tmp_path / folder)

    report = verify_file(issued, TrustAnchors.from_folder(tmp_path))

    told = report.as_json()["findings"]
    assert {one["signature"] for one in told} == untrusted
    assert (report.verdict is Verdict.VALID) == (not untrusted)


def _scans() -> list[Path]:
    folder = os.environ.get("KHONGGIAY_DATA")
    return sorted(Path(folder).glob("lookup/signed_scans/*.pdf")) if folder else []


@pytest.mark.skipif(not _scans(), reason="KHONGGIAY_DATA names no folder with signed scans")
@pytest.mark.parametrize("path", _scans(), ids=lambda path: path.name)
def test_a_document_of_other_agencies_is_reported_with_its_own_signatures(
    desk: Desk, path: Path
) -> None:
    report = desk.verify(path)

    found = report.facts.signatures
    if path.name == "cb_282_2025.pdf":  # rewritten by a program that broke its signature
        assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.CANNOT_BE_EVALUATED)
    else:
        assert report.verdict is Verdict.INDETERMINATE
        assert report.reason is Reason.UNTRUSTED_SIGNER
        assert all(one.intact for one in found)
    assert found
    assert all(one.signer for one in found)


async def test_inside_a_loop_it_refuses_to_guess(desk: Desk, issued: Path) -> None:
    with pytest.raises(RuntimeError):
        desk.verify(issued)
