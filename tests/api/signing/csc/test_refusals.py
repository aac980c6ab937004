"""What the CSC server refuses, each with the error code that the specification gives it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asn1crypto import algos

from api.wiring import Engines
from core.messages import say
from tests.support.clock import Clock
from tests.support.csc import HASHES, Application, b64
from tests.support.ministry import Ministry
from tests.support.signing import give_sim, operator

# ruff: noqa: E501 - a table, a case a line

INVALID, DENIED, NO_TOKEN = "invalid_request", "access_denied", "invalid_token"
SHA1, SHA512 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.3"
NONE = object()
Case = tuple[dict[str, Any], str, str]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def without(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = body | changes
    return {key: value for key, value in merged.items() if value is not NONE}


async def refusals(
    third: Application, path: str, body: dict[str, Any], cases: Mapping[str, Case]
) -> dict[str, tuple[str, str]]:
    found = {}
    for name, (changes, _, _) in cases.items():
        answer = (await third.call(path, without(body, changes))).json()
        found[name] = answer.get("error", ""), answer.get("error_description", str(answer))
    return found


def expected(cases: Mapping[str, Case]) -> dict[str, tuple[str, str]]:
    return {name: (error, description) for name, (_, error, description) in cases.items()}


CREDENTIAL: dict[str, Case] = {
    "no credential": (
        {"credentialID": NONE}, INVALID, "Missing (or invalid type) string parameter credentialID",
    ),
    "a credential that is a number": (
        {"credentialID": 7}, INVALID, "Missing (or invalid type) string parameter credentialID",
    ),
    "an empty credential": (
        {"credentialID": ""}, INVALID, "Missing (or invalid type) string parameter credentialID",
    ),
    "a foreign credential": (
        {"credentialID": str(uuid4())}, INVALID, "Invalid parameter credentialID",
    ),
    "a credential that is none": ({"credentialID": "x"}, INVALID, "Invalid parameter credentialID"),
}  # fmt: skip

INFO: dict[str, Case] = CREDENTIAL | {
    "certificates of no kind": ({"certificates": "all"}, INVALID, "Invalid parameter certificates"),
    "certificates that are a list": ({"certificates": []}, INVALID, "Invalid parameter certificates"),
    "certInfo that is a text": ({"certInfo": "yes"}, INVALID, "Invalid parameter certInfo"),
}  # fmt: skip


async def test_credentials_info_refuses(third: Application) -> None:
    found = await refusals(third, "v1/credentials/info", {"credentialID": third.credential}, INFO)

    assert found == expected(INFO)


AUTHORIZE: dict[str, Case] = CREDENTIAL | {
    "no hashes": ({"hashes": NONE}, INVALID, "Missing (or invalid type) array parameter hashes"),
    "one hash that is no list": (
        {"hashes": HASHES[0]}, INVALID, "Missing (or invalid type) array parameter hashes",
    ),
    "an empty list": ({"hashes": []}, INVALID, "Empty hashes array"),
    "a number as hash": ({"hashes": [1]}, INVALID, "Missing (or invalid type) array parameter hashes"),
    "no Base64": ({"hashes": ["%%%"]}, INVALID, "Invalid Base64 hashes string parameter"),
    "Base64 beyond ASCII": ({"hashes": ["Ắ" * 44]}, INVALID, "Invalid Base64 hashes string parameter"),
    "a digest of SHA-1's length": ({"hashes": [b64(bytes(20))]}, INVALID, "Invalid digest value length"),
    "a digest of SHA-512's length": ({"hashes": [b64(bytes(64))]}, INVALID, "Invalid digest value length"),
    "SHA-1": ({"hashAlgorithmOID": SHA1}, INVALID, "Invalid parameter hashAlgorithmOID"),
    "SHA-512": ({"hashAlgorithmOID": SHA512}, INVALID, "Invalid parameter hashAlgorithmOID"),
    "an algorithm that is a number": (
        {"hashAlgorithmOID": 1}, INVALID, "Missing (or invalid type) string parameter hashAlgorithmOID",
    ),
    "no number of signatures": (
        {"numSignatures": NONE}, INVALID, "Missing (or invalid type) integer parameter numSignatures",
    ),
    "a text as number": (
        {"numSignatures": "1"}, INVALID, "Missing (or invalid type) integer parameter numSignatures",
    ),
    "a truth as number": (
        {"numSignatures": True}, INVALID, "Missing (or invalid type) integer parameter numSignatures",
    ),
    "a number that is not that of the hashes": (
        {"numSignatures": 2}, INVALID, "Invalid parameter numSignatures",
    ),
    "no signatures": ({"numSignatures": 0}, INVALID, "Invalid parameter numSignatures"),
    "more signatures than the credential allows": (
        {"numSignatures": 4, "hashes": list(HASHES[:4])}, INVALID, "Numbers of signatures is too high",
    ),
    "more hashes than are said": (
        {"numSignatures": 1, "hashes": list(HASHES[:4])}, INVALID, "Numbers of signatures is too high",
    ),
}  # fmt: skip


async def test_credentials_authorize_refuses_before_any_phone_rings(
    third: Application, prompts: Callable[[], int]
) -> None:
    found = await refusals(third, "v2/credentials/authorize", third.authorization(), AUTHORIZE)

    assert found == expected(AUTHORIZE)
    assert prompts() == 0


SIGN: dict[str, Case] = CREDENTIAL | {
    "no SAD": ({"SAD": NONE}, INVALID, "Missing (or invalid type) string parameter SAD"),
    "an invented SAD": ({"SAD": "x" * 43}, INVALID, "Invalid parameter SAD"),
    "no hashes": ({"hashes": NONE}, INVALID, "Missing (or invalid type) array parameter hashes"),
    "another hash": ({"hashes": [HASHES[1]]}, INVALID, "Hash is not authorized by the SAD"),
    "more hashes than authorised": (
        {"hashes": list(HASHES[:2])}, INVALID, "Hash is not authorized by the SAD",
    ),
    "SHA-1": ({"hashAlgorithmOID": SHA1}, INVALID, "Invalid parameter hashAlgorithmOID"),
    "no signature algorithm": (
        {"signAlgo": NONE}, INVALID, "Missing (or invalid type) string parameter signAlgo",
    ),
    "ECDSA with SHA-1": ({"signAlgo": "1.2.840.10045.4.1"}, INVALID, "Invalid parameter signAlgo"),
    "RSA with an elliptic key": (
        {"signAlgo": "1.2.840.113549.1.1.11"}, INVALID, "Invalid parameter signAlgo",
    ),
    "RSA with SHA-1": ({"signAlgo": "1.2.840.113549.1.1.5"}, INVALID, "Invalid parameter signAlgo"),
    "RSA without a hash algorithm": (
        {"signAlgo": "1.2.840.113549.1.1.1", "hashAlgorithmOID": NONE}, INVALID,
        "Missing (or invalid type) string parameter hashAlgorithmOID",
    ),
    "parameters for an algorithm that has none": (
        {"signAlgoParams": b64(b"\x30\x00")}, INVALID, "Invalid parameter signAlgoParams",
    ),
    "parameters that are no Base64": (
        {"signAlgoParams": "%"}, INVALID, "Invalid parameter signAlgoParams",
    ),
    "a mode of no kind": ({"operationMode": "B"}, INVALID, "Invalid parameter operationMode"),
}  # fmt: skip


async def test_sign_hash_refuses_and_does_not_use_up_the_sad(third: Application) -> None:
    sad = await third.sad()

    found = await refusals(third, "v2/signatures/signHash", third.order(sad), SIGN)
    then = await third.call("v2/signatures/signHash", third.order(sad))

    assert found == expected(SIGN)
    assert len(then.json()["signatures"]) == 1


def pss(**parameters: Any) -> str:
    sha = {"algorithm": parameters.pop("hash", "sha256")}
    said = {
        "hash_algorithm": sha,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": sha},
        "salt_length": 32,
    } | parameters
    return b64(algos.RSASSAPSSParams(said).dump())


PSS: dict[str, Case] = {
    "no parameters": (
        {"signAlgoParams": NONE}, INVALID, "Missing (or invalid type) string parameter signAlgoParams",
    ),
    "another salt": ({"signAlgoParams": pss(salt_length=20)}, INVALID, "Invalid parameter signAlgoParams"),
    "the largest salt": (
        {"signAlgoParams": pss(salt_length=222)}, INVALID, "Invalid parameter signAlgoParams",
    ),
    "another hash": ({"signAlgoParams": pss(hash="sha512")}, INVALID, "Invalid parameter signAlgoParams"),
    "SHA-1 by default": ({"signAlgoParams": b64(b"\x30\x00")}, INVALID, "Invalid parameter signAlgoParams"),
    "no DER": ({"signAlgoParams": b64(b"salt")}, INVALID, "Invalid parameter signAlgoParams"),
    "more behind it": (
        {"signAlgoParams": pss() + b64(b"more")}, INVALID, "Invalid parameter signAlgoParams",
    ),
    "PKCS #1 instead": ({"signAlgo": "1.2.840.113549.1.1.11"}, INVALID, "Invalid parameter signAlgo"),
}  # fmt: skip


async def test_pss_parameters_are_honoured_or_refused(third: Application, has: Any) -> None:
    await has("84900004002")
    sad = await third.sad()
    order = third.order(sad, signAlgo="1.2.840.113549.1.1.10", signAlgoParams=pss())

    found = await refusals(third, "v2/signatures/signHash", order, PSS)
    then = await third.call("v2/signatures/signHash", order)

    assert found == expected(PSS)
    assert len(then.json()["signatures"]) == 1


async def test_a_sad_fetches_its_signatures_once(third: Application) -> None:
    sad = await third.sad()
    await third.call("v2/signatures/signHash", third.order(sad))

    again = await third.call("v2/signatures/signHash", third.order(sad))

    assert again.json() == {"error": INVALID, "error_description": "Invalid parameter SAD"}


async def test_a_sad_is_good_for_five_minutes(third: Application, clock: Clock) -> None:
    sad = await third.sad()
    clock.tick(timedelta(minutes=5))

    late = await third.call("v2/signatures/signHash", third.order(sad))

    assert late.json() == {"error": INVALID, "error_description": "SAD expired"}


@pytest.mark.parametrize(
    ("phone", "error", "says"),
    [
        ("84900000401", DENIED, "The signer refused"),
        ("84900000402", DENIED, "PIN"),
        ("84900000208", DENIED, "again"),
        ("84900000900", "server_error", "operator"),
        ("84900000503", "server_error", "operator"),
    ],
)
async def test_a_phone_that_does_not_sign_has_its_reason(
    third: Application, has: Any, phone: str, error: str, says: str
) -> None:
    await has(phone)

    answer = await third.call("v2/credentials/authorize", third.authorization())

    assert answer.json()["error"] == error
    assert says.lower() in answer.json()["error_description"].lower()


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b"null", b'"x"', b"\xff"])
async def test_what_is_no_json_object_is_refused(third: Application, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {third.token}", "Content-Type": "application/json"}
    answer = await third.http.post("/csc/v1/credentials/list", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, INVALID)


async def test_a_version_that_nobody_speaks_is_refused(third: Application) -> None:
    answer = await third.call("v3/credentials/list", {})

    assert (answer.status_code, answer.json()["error"]) == (400, INVALID)


@pytest.mark.parametrize("token", ["", "x", "ü", " "])
@pytest.mark.parametrize(
    "path",
    [
        "v1/credentials/list", "v1/credentials/info", "v2/credentials/authorize",
        "v1/signatures/signHash", "v2/signatures/signPolling",
    ],
)  # fmt: skip
async def test_nobody_calls_without_a_token(third: Application, path: str, token: str) -> None:
    headers = [(b"Authorization", f"Bearer {token}".encode())] if token else []
    answer = await third.http.post(f"/csc/{path}", json={}, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (401, NO_TOKEN)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_list_is_of_oneself(third: Application) -> None:
    answer = await third.call("v1/credentials/list", {"userID": "84912345678"})

    assert answer.json() == {"error": INVALID, "error_description": "Invalid parameter userID"}


async def test_an_invented_response_is_unknown(third: Application) -> None:
    answer = await third.call("v2/signatures/signPolling", {"responseID": "x"})

    assert answer.json() == {"error": INVALID, "error_description": "Invalid parameter responseID"}


async def test_a_certificate_that_signs_none_of_our_papers_signs_for_nobody_else(
    third: Application, engines: Engines, ministry: Ministry
) -> None:
    mine, new, of_another = "84911111112", "84911111113", "84911111114"
    asked = third.authorization()
    await give_sim(engines, ministry.leader, mine)
    assert "SAD" in (await third.call("v2/credentials/authorize", asked)).json()
    await give_sim(engines, replace(ministry.leader, full_name="Người Khác"), of_another)
    anothers = await third.call("v2/credentials/authorize", asked)
    await give_sim(engines, ministry.leader, new)

    changed = await third.call("v2/credentials/authorize", asked)

    assert [one.json()["error"] for one in (anothers, changed)] == [DENIED, DENIED]
    assert changed.json()["error_description"] == say("certificate.changed", "en")
    assert operator(engines).prompts() == 1, "nobody was prompted again"
