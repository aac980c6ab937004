"""What the CSC API takes and refuses in both its dialects, decided on plain values."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from asn1crypto import algos
from hypothesis import given
from hypothesis import strategies as st

from api.signing.csc.errors import CscError
from api.signing.csc.rules import (
    ALGORITHMS,
    CODE_LIFETIME,
    SAD_LIFETIME,
    SHA256,
    TOKEN_LIFETIME,
    Dialect,
    Order,
    Scope,
    Wish,
    digests_in,
    must_be_mine,
    must_be_sha256,
    must_count,
    must_sign_so,
    on_the_phone,
    order_in,
    subject_of,
    text,
)
from api.signing.lists.rules import subject_of as subject_of_a_list
from api.signing.pdf.certificate import Mechanism
from api.signing.pdf.cms import signature_algorithm
from api.signing.rules import SIM_TEXT_LENGTH
from api.signing.rules import subject_of as subject_of_one

HASHES = {Dialect.V1: "hash", Dialect.V2: "hashes"}
HASH_ALGORITHM = {Dialect.V1: "hashAlgo", Dialect.V2: "hashAlgorithmOID"}
RSA, SHA256_RSA = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"
PSS, ECDSA_SHA256 = "1.2.840.113549.1.1.10", "1.2.840.10045.4.3.2"
DIGEST, OTHER = bytes(range(32)), bytes(32)
each_dialect = pytest.mark.parametrize("dialect", Dialect)


def base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def asks(dialect: Dialect, **changed: Any) -> dict[str, Any]:
    """Return a body of `signatures/signHash`; what is None is left out."""
    body: dict[str, Any] = {
        "SAD": "a-sad", HASHES[dialect]: [base64(DIGEST)], "signAlgo": SHA256_RSA,
    } | changed  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


def refused(judge: Any) -> str:
    with pytest.raises(CscError) as refusal:
        judge()
    assert (refusal.value.error, refusal.value.status) == ("invalid_request", 400)
    return refusal.value.description


def test_how_long_what_is_given_to_applications_lives() -> None:
    lives = (CODE_LIFETIME, SAD_LIFETIME, TOKEN_LIFETIME)

    assert lives == (timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1))


@each_dialect
def test_each_dialect_has_its_names(dialect: Dialect) -> None:
    assert (dialect.hashes, dialect.hash_algorithm) == (HASHES[dialect], HASH_ALGORITHM[dialect])


@pytest.mark.parametrize("value", [None, "", 7, ["a"], True])
def test_a_parameter_that_must_be_a_text_is_one(value: Any) -> None:
    body = {} if value is None else {"credentialID": value}

    assert text({"credentialID": "a"}, "credentialID") == "a"
    said = refused(lambda: text(body, "credentialID"))
    assert said == "Missing (or invalid type) string parameter credentialID"


def test_a_credential_is_its_owners() -> None:
    must_be_mine({"credentialID": str(UUID(int=1))}, UUID(int=1))

    for body in ({"credentialID": str(UUID(int=2))}, {"credentialID": UUID(int=1).hex}):
        assert refused(lambda body=body: must_be_mine(body, UUID(int=1))) == (
            "Invalid parameter credentialID"
        )
    assert "string parameter credentialID" in refused(lambda: must_be_mine({}, UUID(int=1)))


@each_dialect
def test_hashes_are_read_in_their_order(dialect: Dialect) -> None:
    body = {HASHES[dialect]: [base64(DIGEST), base64(OTHER)]}

    assert digests_in(body, dialect) == (DIGEST, OTHER)


@each_dialect
@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (None, "Missing (or invalid type) array parameter {}"),
        ("text", "Missing (or invalid type) array parameter {}"),
        ({}, "Missing (or invalid type) array parameter {}"),
        ([7], "Missing (or invalid type) array parameter {}"),
        ([], "Empty {} array"),
        (["not base64!"], "Invalid Base64 {} string parameter"),
        ([base64(DIGEST)[:-1]], "Invalid Base64 {} string parameter"),
        ([base64(DIGEST) + "\n"], "Invalid Base64 {} string parameter"),
        (["ồ"], "Invalid Base64 {} string parameter"),
        ([base64(DIGEST[1:])], "Invalid digest value length"),
        ([base64(DIGEST + b"\0")], "Invalid digest value length"),
        ([base64(DIGEST), ""], "Invalid digest value length"),
    ],
)
def test_what_is_no_list_of_hashes_is_refused(dialect: Dialect, given_: Any, said: str) -> None:
    name = HASHES[dialect]

    assert refused(lambda: digests_in({name: given_}, dialect)) == said.format(name)


@each_dialect
def test_hashes_under_the_other_dialects_name_are_not_seen(dialect: Dialect) -> None:
    (other,) = set(Dialect) - {dialect}

    assert "array parameter" in refused(lambda: digests_in(asks(other), dialect))


@each_dialect
@pytest.mark.parametrize("needed", [True, False])
def test_only_sha_256_is_known(dialect: Dialect, *, needed: bool) -> None:
    name = HASH_ALGORITHM[dialect]

    must_be_sha256({name: SHA256}, dialect, needed=needed)
    for other in ("2.16.840.1.101.3.4.2.3", ""):
        said = refused(lambda other=other: must_be_sha256({name: other}, dialect, needed=needed))
        assert said == f"Invalid parameter {name}"
    said = refused(lambda: must_be_sha256({name: [SHA256]}, dialect, needed=needed))
    assert said == f"Missing (or invalid type) string parameter {name}"


@each_dialect
def test_the_hash_algorithm_may_be_left_out_where_another_one_implies_it(dialect: Dialect) -> None:
    must_be_sha256({}, dialect, needed=False)

    said = refused(lambda: must_be_sha256({}, dialect, needed=True))
    assert said == f"Missing (or invalid type) string parameter {HASH_ALGORITHM[dialect]}"


def test_as_many_signatures_as_hashes_and_no_more_than_the_credential_makes() -> None:
    must_count({"numSignatures": 1}, (DIGEST,), 1)
    must_count({"numSignatures": 2}, (DIGEST, OTHER), 2)


@pytest.mark.parametrize(
    ("number", "hashes", "said"),
    [
        (None, 1, "Missing (or invalid type) integer parameter numSignatures"),
        ("1", 1, "Missing (or invalid type) integer parameter numSignatures"),
        (1.0, 1, "Missing (or invalid type) integer parameter numSignatures"),
        (True, 1, "Missing (or invalid type) integer parameter numSignatures"),
        (3, 3, "Numbers of signatures is too high"),
        (3, 1, "Numbers of signatures is too high"),
        (1, 3, "Numbers of signatures is too high"),
        (1, 2, "Invalid parameter numSignatures"),
        (2, 1, "Invalid parameter numSignatures"),
        (0, 1, "Invalid parameter numSignatures"),
        (-1, 1, "Invalid parameter numSignatures"),
    ],
)
def test_another_number_of_signatures_is_refused(number: Any, hashes: int, said: str) -> None:
    body = {} if number is None else {"numSignatures": number}

    assert refused(lambda: must_count(body, (DIGEST,) * hashes, 2)) == said


@each_dialect
def test_an_order_is_read(dialect: Dialect) -> None:
    assert order_in(asks(dialect), dialect) == Order("a-sad", (DIGEST,), SHA256_RSA, None, False)


@each_dialect
@pytest.mark.parametrize("missing", ["SAD", "signAlgo"])
def test_an_order_names_its_authorisation_and_its_algorithm(dialect: Dialect, missing: str) -> None:
    said = refused(lambda: order_in(asks(dialect, **{missing: None}), dialect))

    assert said == f"Missing (or invalid type) string parameter {missing}"


@each_dialect
@pytest.mark.parametrize(
    ("algorithm", "needed"), [(RSA, True), (PSS, True), (SHA256_RSA, False), (ECDSA_SHA256, False)]
)
def test_the_hash_algorithm_is_named_where_the_signatures_does_not(
    dialect: Dialect, algorithm: str, *, needed: bool
) -> None:
    body = asks(dialect, signAlgo=algorithm)
    named = body | {HASH_ALGORITHM[dialect]: SHA256}

    assert order_in(named, dialect).algorithm == algorithm
    if needed:
        assert HASH_ALGORITHM[dialect] in refused(lambda: order_in(body, dialect))
    else:
        assert order_in(body, dialect).algorithm == algorithm


@pytest.mark.parametrize(
    ("mode", "later"), [(None, False), ("S", False), ("A", True)]
)  # fmt: skip
def test_only_the_second_dialect_knows_answers_that_come_later(
    mode: str | None, *, later: bool
) -> None:
    assert order_in(asks(Dialect.V2, operationMode=mode), Dialect.V2).asynchronous is later
    assert order_in(asks(Dialect.V1, operationMode=mode), Dialect.V1).asynchronous is False


@pytest.mark.parametrize("mode", ["X", "a", "", 7, ["A"]])
def test_another_mode_is_refused_where_modes_are_known(mode: Any) -> None:
    said = refused(lambda: order_in(asks(Dialect.V2, operationMode=mode), Dialect.V2))

    assert said == "Invalid parameter operationMode"
    assert not order_in(asks(Dialect.V1, operationMode=mode), Dialect.V1).asynchronous


@each_dialect
@pytest.mark.parametrize(
    ("said", "read"), [(None, None), ("BQA=", b"\x05\x00"), (7, b""), ([], b""), ("", b"")]
)
def test_parameters_are_read_or_fit_nothing(
    dialect: Dialect, said: Any, read: bytes | None
) -> None:
    assert order_in(asks(dialect, signAlgoParams=said), dialect).parameters == read


@pytest.mark.parametrize("said", ["no base64!", "BQA", "BQA=\n"])
def test_parameters_in_no_base64_are_refused(said: str) -> None:
    body = asks(Dialect.V2, signAlgoParams=said)

    assert refused(lambda: order_in(body, Dialect.V2)) == "Invalid parameter signAlgoParams"


# --- how a credential signs -----------------------------------------------------------------


def signs_so(mechanism: Mechanism, algorithm: str, parameters: bytes | None = None) -> None:
    must_sign_so(Order("sad", (DIGEST,), algorithm, parameters, asynchronous=False), mechanism)


def pss(**changed: Any) -> bytes:
    said: dict[str, Any] = {
        "hash_algorithm": {"algorithm": "sha256"},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
        "salt_length": 32,
    }
    return bytes(algos.RSASSAPSSParams(said | changed).dump())


KNOWN = {
    Mechanism.RSA_PKCS1_SHA256: {RSA, SHA256_RSA},
    Mechanism.RSA_PSS_SHA256: {PSS},
    Mechanism.ECDSA_P256_SHA256: {ECDSA_SHA256},
    Mechanism.ECDSA_P384_SHA256: {ECDSA_SHA256},
}


@pytest.mark.parametrize("mechanism", Mechanism)
@pytest.mark.parametrize("algorithm", [RSA, SHA256_RSA, PSS, ECDSA_SHA256, SHA256, ""])
def test_a_credential_signs_in_its_own_way_only(mechanism: Mechanism, algorithm: str) -> None:
    parameters = pss() if mechanism is Mechanism.RSA_PSS_SHA256 else None

    if algorithm in KNOWN[mechanism]:
        signs_so(mechanism, algorithm, parameters)
    else:
        said = refused(lambda: signs_so(mechanism, algorithm, parameters))
        assert said == "Invalid parameter signAlgo"


@pytest.mark.parametrize("mechanism", Mechanism)
def test_what_a_credential_says_of_itself_begins_with_what_stands_in_its_signatures(
    mechanism: Mechanism,
) -> None:
    assert ALGORITHMS[mechanism][0] == signature_algorithm(mechanism)["algorithm"].dotted


@pytest.mark.parametrize("mechanism", sorted(set(Mechanism) - {Mechanism.RSA_PSS_SHA256}))
def test_parameters_of_other_ways_say_nothing_or_null(mechanism: Mechanism) -> None:
    algorithm = next(iter(KNOWN[mechanism]))

    signs_so(mechanism, algorithm, b"\x05\x00")
    for parameters in (b"", b"\x05", pss()):
        said = refused(lambda it=parameters: signs_so(mechanism, algorithm, it))
        assert said == "Invalid parameter signAlgoParams"


def test_pss_has_parameters_and_they_are_ours() -> None:
    signs_so(Mechanism.RSA_PSS_SHA256, PSS, pss())

    said = refused(lambda: signs_so(Mechanism.RSA_PSS_SHA256, PSS))
    assert said == "Missing (or invalid type) string parameter signAlgoParams"


@pytest.mark.parametrize(
    "parameters",
    [
        b"", b"\x05\x00", b"garbage", pss()[:-1], pss() + b"\x00",
        b"\x30\x00",  # all defaults: SHA-1
        pss(hash_algorithm={"algorithm": "sha512"}),
        pss(mask_gen_algorithm={"algorithm": "mgf1", "parameters": {"algorithm": "sha1"}}),
        pss(salt_length=20), pss(salt_length=33),
        pss(trailer_field=2),
    ],
)  # fmt: skip
def test_other_parameters_of_pss_are_refused(parameters: bytes) -> None:
    said = refused(lambda: signs_so(Mechanism.RSA_PSS_SHA256, PSS, parameters))

    assert said == "Invalid parameter signAlgoParams"


@given(st.binary(max_size=80))
def test_no_parameters_break_it(parameters: bytes) -> None:
    with pytest.raises(CscError):
        signs_so(Mechanism.RSA_PSS_SHA256, PSS, parameters)


# --- what an official sees and steps up for -------------------------------------------------


def test_the_phone_shows_who_asks_and_the_code() -> None:
    room = SIM_TEXT_LENGTH - len(" Mã 0042")

    assert on_the_phone("Một cửa", "0042") == "Một cửa Mã 0042"
    assert on_the_phone("a" * room, "0042") == f"{'a' * room} Mã 0042"
    assert on_the_phone("a" * (room + 1), "0042") == f"{'a' * (room - 1)}… Mã 0042"
    assert on_the_phone("a" * (room - 2) + " bc", "0042") == f"{'a' * (room - 2)}… Mã 0042"


@given(st.text(max_size=99))
def test_what_the_phone_shows_fits_it(client: str) -> None:
    assert len(on_the_phone(client, "0042")) <= SIM_TEXT_LENGTH


def test_a_yes_to_an_application_is_none_to_a_paper_or_a_list() -> None:
    said = subject_of(UUID(int=7), DIGEST)

    assert said == b"csc" + UUID(int=7).bytes + DIGEST
    others = (subject_of_one(UUID(int=7), DIGEST.hex()), subject_of_a_list(UUID(int=7), []))
    assert len(said) not in {len(other) for other in others}


def wish(**changed: Any) -> Wish:
    values: dict[str, Any] = {
        "client_id": UUID(int=7), "redirect_uri": "https://a.example/", "scope": Scope.CREDENTIAL,
        "code_challenge": "challenge", "hashes": (DIGEST, OTHER),
    }  # fmt: skip
    return Wish(**(values | changed))


def test_what_is_stepped_up_for_is_the_whole_wish() -> None:
    lines = ["https://a.example/", "credential", "challenge", DIGEST.hex(), OTHER.hex()]

    assert wish().subject == subject_of(UUID(int=7), sha256("\n".join(lines).encode()).digest())
    for changed in (
        {"client_id": UUID(int=8)}, {"redirect_uri": "https://b.example/"},
        {"scope": Scope.SERVICE}, {"code_challenge": "another"}, {"hashes": (DIGEST,)},
        {"hashes": (OTHER, DIGEST)}, {"hashes": ()},
    ):  # fmt: skip
        assert wish(**changed).subject != wish().subject
