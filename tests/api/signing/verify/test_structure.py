"""What the bytes around a signature must be, said without any PDF library."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import algos, cms, core, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from api.signing.pdf.certificate import Mechanism, SignerCertificate
from api.signing.pdf.cms import container, signed_attributes
from api.signing.verify.structure import Envelope, ends_a_revision, envelope, is_der

HEAD, TAIL = b"%PDF-1.7 ... /Contents ", b" >>\n%%EOF\n"
GAP = 4 << 20


@pytest.fixture(scope="module")
def leader() -> SignerCertificate:
    """A certificate that names somebody; who has signed it is not looked at here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, "Nguyễn Văn An")])
    made = (
        certificates.CertificateBuilder(name, name, key.public_key(), 7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return SignerCertificate(made.public_bytes(Encoding.DER), (), Mechanism.ECDSA_P256_SHA256)


@pytest.fixture(scope="module")
def signature(leader: SignerCertificate) -> bytes:
    """The container of a signature, as our own signing makes it."""
    return container(signed_attributes(bytes(32), leader), b"\x07" * 256, leader)


def shown(contents: bytes) -> bytes:
    return b"<" + contents.hex().encode() + b">"


def lies(contents: bytes, gap: bytes = b"", tail: bytes = TAIL, more: bytes = b"") -> Envelope:
    """Return how a signature lies in a file that shows it in the gap between the two ranges."""
    gap = gap or shown(contents)
    byte_range = [0, len(HEAD), len(HEAD) + len(gap), len(tail)]
    return envelope(BytesIO(HEAD + gap + tail + more), byte_range, contents)


def test_a_signature_as_it_should_lie(signature: bytes) -> None:
    end = len(HEAD) + 2 * len(signature) + 2 + len(TAIL)

    assert lies(signature) == Envelope(
        byte_range=True, zero_padding=True, canonical=True, covers_whole_file=True, end=end
    )


def test_room_that_is_left_is_filled_with_zeros(signature: bytes) -> None:
    assert lies(signature + bytes(9)).zero_padding
    assert not lies(signature + bytes(8) + b"\x01").zero_padding
    assert not lies(signature + b"\x01" + bytes(8)).zero_padding
    assert lies(signature + bytes(9)).canonical


def test_what_follows_the_signed_bytes_is_not_covered(signature: bytes) -> None:
    grown = lies(signature, more=b"1 0 obj")

    assert (grown.covers_whole_file, grown.byte_range) == (False, True)
    assert grown.end == lies(signature).end


FIRST, SECOND = len(HEAD), len(HEAD) + 10


@pytest.mark.parametrize(
    "byte_range",
    [
        [],
        [0, FIRST, SECOND],
        [0, FIRST, SECOND, len(TAIL), 0],
        [1, FIRST, SECOND, len(TAIL)],
        [-1, FIRST, SECOND, len(TAIL)],
        [0, 0, SECOND, len(TAIL)],
        [0, -1, SECOND, len(TAIL)],
        [0, SECOND, SECOND, len(TAIL)],
        [0, SECOND, FIRST, len(TAIL)],
        [0, FIRST, SECOND, -1],
        [0, FIRST, SECOND, len(TAIL) + 1],
        [0, FIRST, SECOND + 1, len(TAIL)],
    ],
)
def test_a_range_that_leads_astray_covers_nothing(byte_range: list[int]) -> None:
    file = BytesIO(HEAD + b"<00000000>" + TAIL)

    assert envelope(file, byte_range, bytes(4)) == Envelope(
        byte_range=False, zero_padding=True, canonical=True, covers_whole_file=False, end=0
    )


def test_a_range_that_ends_at_its_second_start_is_in_order_and_ends_no_revision() -> None:
    said = envelope(BytesIO(HEAD + b"<00000000>" + TAIL), [0, FIRST, SECOND, 0], bytes(4))

    assert (said.byte_range, said.end) == (False, SECOND)


@pytest.mark.parametrize(("room", "fits"), [(GAP, True), (GAP + 2, False)])
def test_the_gap_is_bounded(signature: bytes, room: int, *, fits: bool) -> None:
    padded = signature + bytes(room // 2 - 1 - len(signature))

    assert lies(padded).byte_range is fits


@pytest.mark.parametrize(
    "spoil",
    [
        lambda gap: gap[1:],
        lambda gap: gap[:-1],
        lambda gap: gap[:-1] + b"]",
        lambda gap: b"[" + gap[1:],
        lambda gap: gap[:-2] + b">",
        lambda gap: gap[:-3] + b"ff>",
        lambda gap: gap[:-1] + b"00>",
        lambda gap: gap[:-3] + b"zz>",
        lambda gap: gap[:-3] + b"\xff\xff>",
        lambda gap: gap[:1] + gap[-1:],
    ],
)
def test_the_gap_holds_the_signature_and_nothing_else(
    signature: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    assert not lies(signature + bytes(4), spoil(shown(signature + bytes(4)))).byte_range


def test_the_gap_is_written_in_one_case_and_without_spaces(signature: bytes) -> None:
    plain = shown(signature)
    upper = plain.upper()
    letter = next(at for at, one in enumerate(plain) if one in b"abcdef")
    mixed = upper[:letter] + plain[letter : letter + 1] + upper[letter + 1 :]

    assert lies(signature, upper) == lies(signature, plain)
    assert (lies(signature, mixed).byte_range, lies(signature, mixed).canonical) == (True, False)
    assert not lies(signature, b"< " + plain[1:]).canonical


@pytest.mark.parametrize(
    ("tail", "ends"),
    [
        (b"%%EOF", True),
        (b"%%EOF\r\n", True),
        (b"%%EOF \t\r\n", True),
        (b"%%EOF\n\n\n\n\n", False),
        (b"%%EOF\n.", False),
        (b"%%EO", False),
        (b"%EOF\n", False),
        (b"%%eof\n", False),
        (b"%%EOF" + b" " * 64, False),
    ],
)
def test_a_revision_ends_with_the_mark(tail: bytes, *, ends: bool) -> None:
    for before in (b"", b"x" * 100):
        file = before + tail

        assert ends_a_revision(BytesIO(file + b"more"), len(file)) is ends


def test_a_signature_covers_to_the_end_of_a_revision(signature: bytes) -> None:
    assert not lies(signature, tail=b" >>\nendobj\n").byte_range


# --- the container --------------------------------------------------------------------------


def remade(signature: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the container after a change, written as its library writes it: in DER."""
    info = cms.ContentInfo.load(signature)
    change(info["content"])
    return bytes(info.dump(force=True))


def with_two_signers(signed: Any) -> None:
    signed["signer_infos"].append(signed["signer_infos"][0].copy())


def without_signers(signed: Any) -> None:
    signed["signer_infos"] = cms.SignerInfos([])


def with_another_digest(signed: Any) -> None:
    signed["digest_algorithms"] = [algos.DigestAlgorithm({"algorithm": "sha512"})]


def with_two_digests(signed: Any) -> None:
    signed["digest_algorithms"].append(algos.DigestAlgorithm({"algorithm": "sha512"}))


def without_digests(signed: Any) -> None:
    signed["digest_algorithms"] = cms.DigestAlgorithms([])


def with_parameters(signed: Any) -> None:
    told = {"algorithm": "shake256_len", "parameters": core.Integer(512)}
    signed["digest_algorithms"] = [algos.DigestAlgorithm(told)]
    signed["signer_infos"][0]["digest_algorithm"] = algos.DigestAlgorithm(told)


def named_by(signed: Any, issuer: Any) -> None:
    number = signed["signer_infos"][0]["sid"].chosen["serial_number"]
    told = cms.IssuerAndSerialNumber({"issuer": issuer, "serial_number": number})
    signed["signer_infos"][0]["sid"] = cms.SignerIdentifier("issuer_and_serial_number", told)


def with_a_stranger_s_name(signed: Any) -> None:
    named_by(signed, x509.Name.build({"common_name": "Ai do"}))


def with_another_number(signed: Any) -> None:
    said = signed["signer_infos"][0]["sid"].chosen
    said["serial_number"] = said["serial_number"].native + 1


def without_certificates(signed: Any) -> None:
    signed["certificates"] = cms.CertificateSet([])


def with_the_last_version(signed: Any) -> None:
    signed["version"] = "v3"


def with_the_signer_s_last_version(signed: Any) -> None:
    signed["signer_infos"][0]["version"] = "v3"


def with_other_content(signed: Any) -> None:
    signed["encap_content_info"] = {"content_type": "tst_info"}


@pytest.mark.parametrize(
    "change",
    [
        with_two_signers,
        without_signers,
        with_another_digest,
        with_two_digests,
        without_digests,
        with_parameters,
        with_a_stranger_s_name,
        with_another_number,
        without_certificates,
        with_the_last_version,
        with_the_signer_s_last_version,
        with_other_content,
    ],
)
def test_what_no_signature_covers_must_repeat_what_it_does_cover(
    signature: bytes, change: Callable[[Any], None]
) -> None:
    said = lies(remade(signature, change))

    assert (said.byte_range, said.zero_padding, said.canonical) == (True, True, False)


def by_key(signed: Any) -> None:
    told = cms.SignerIdentifier("subject_key_identifier", core.OctetString(b"a key"))
    signed["signer_infos"][0]["sid"] = told


def by_key_in_its_version(signed: Any) -> None:
    by_key(signed)
    signed["version"] = signed["signer_infos"][0]["version"] = "v3"


def other_content_in_its_version(signed: Any) -> None:
    with_other_content(signed)
    signed["version"] = "v3"


@pytest.mark.parametrize(
    ("change", "canonical"),
    [
        (by_key, False),
        (by_key_in_its_version, True),
        (other_content_in_its_version, True),
    ],
)
def test_the_version_says_how_the_signer_is_named_and_what_is_signed(
    signature: bytes, change: Callable[[Any], None], *, canonical: bool
) -> None:
    assert lies(remade(signature, change)).canonical is canonical


def test_names_are_compared_letter_by_letter(leader: SignerCertificate, signature: bytes) -> None:
    name = x509.Certificate.load(leader.der).issuer

    capitals = x509.Name.build(name.native | {"common_name": name.native["common_name"].upper()})

    def shouted(signed: Any) -> None:
        named_by(signed, capitals)

    assert capitals == name, "X.509 compares them in any case"
    assert not lies(remade(signature, shouted)).canonical


@pytest.mark.parametrize(
    "contents",
    [b"", b"\x00", bytes(20), b"garbage that is none", b"\x30", b"\x30\x80\x00\x00",
     b"\x30\x03\x02\x01\x01", b"\x04\x02ab"],
)  # fmt: skip
def test_what_is_no_container_is_not_canonical(contents: bytes) -> None:
    assert not lies(contents).canonical


@given(st.binary(max_size=60))
def test_no_bytes_break_it(contents: bytes) -> None:
    assert not lies(contents).canonical


# --- DER ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (b"", True),
        (b"\x05\x00", True),
        (b"\x04\x01a", True),
        (b"\x05\x00\x05\x00", True),
        (b"\x30\x02\x05\x00", True),
        (b"\x30\x04\x05\x00\x05\x00", True),
        (b"\x30\x04\x30\x02\x05\x00", True),
        (b"\x04\x7f" + bytes(127), True),
        (b"\x04\x81\x80" + bytes(128), True),
        (b"\x04\x82\x01\x00" + bytes(256), True),
        (b"\x05", False),
        (b"\x04\x02a", False),
        (b"\x00\x00", False),
        (b"\x05\x00\x00", False),
        (b"\x1f\x01a", False),
        (b"\x3f\x01\x00", False),
        (b"\x30\x80\x05\x00\x00\x00", False),
        (b"\x04\x80", False),
        (b"\x04\x80" + bytes(128), False),
        (b"\x04\x81\x7f" + bytes(127), False),
        (b"\x04\x82\x00\x80" + bytes(128), False),
        (b"\x04\x81", False),
        (b"\x04\x82\x01", False),
        (b"\x30\x03\x05\x00\x05", False),
        (b"\x30\x02\x04\x01a", False),
        (b"\x30\x03\x04\x02ab", False),
        (b"\x05\x00\x30\x02\x04\x01", False),
        (b"\x30\x02\x04\x01\x05\x00", False),
    ],
)
def test_der_is_nested_exactly_and_every_length_is_short(data: bytes, *, good: bool) -> None:
    assert is_der(data) is good


ELEMENTS = st.recursive(
    st.binary(max_size=300).map(core.OctetString),
    lambda inner: st.lists(inner, max_size=4).map(
        lambda parts: core.SequenceOf(parts, spec=core.Any)
    ),
    max_leaves=12,
)


@given(ELEMENTS)
def test_whatever_is_written_in_der_is_known_for_it(element: Any) -> None:
    assert is_der(element.dump())


@given(ELEMENTS, st.integers(1, 5))
def test_a_cut_element_is_none(element: Any, less: int) -> None:
    whole = element.dump()

    assert not is_der(whole[: max(1, len(whole) - less)]) or len(whole) <= less
