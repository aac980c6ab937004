"""No forged, foreign, stale or stolen proof is believed, and no garbage is an error."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.tokens import BadProof, check_proof, hash_of, make_proof, public_jwk, thumbprint_of
from tests.support.jws import by_hand, es256, hs256, part

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
BASE = "https://office.example"
URL = f"{BASE}/documents/7"
TOKEN = "header.claims.signature"
PHONE = ec.generate_private_key(ec.SECP256R1())
JWK = public_jwk(PHONE.public_key())


def proof(
    *,
    head: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
    key: ec.EllipticCurvePrivateKey = PHONE,
) -> str:
    """A proof made by hand, right but for the changes; a claim that is None is left out."""
    full = {
        "jti": "one-proof",
        "htm": "POST",
        "htu": URL,
        "iat": int(NOW.timestamp()),
        "ath": hash_of(TOKEN),
    } | (claims or {})
    full = {name: value for name, value in full.items() if value is not None}
    front = {"alg": "ES256", "typ": "dpop+jwt", "jwk": JWK} | (head or {})
    return by_hand(front, full, es256(key))


def judged(text: str, *, access_token: str | None = TOKEN) -> str:
    found = check_proof(text, method="POST", url=URL, now=NOW, access_token=access_token)
    return found.thumbprint


def test_a_right_proof_shows_its_key() -> None:
    assert judged(proof()) == thumbprint_of(JWK)


def test_a_head_that_was_believed_once_vouches_for_no_signature() -> None:
    judged(proof())
    thief = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(BadProof):
        judged(proof(key=thief))


def test_a_head_that_is_too_long_to_be_remembered_is_refused() -> None:
    assert judged(proof(head={"kid": "k" * 400}))
    with pytest.raises(BadProof):
        judged(proof(head={"kid": "k" * 1000}))


def test_a_proof_of_our_own_making_is_right() -> None:
    made = make_proof(PHONE, "POST", f"{URL}?page=2#top", now=NOW, access_token=TOKEN)

    assert judged(made) == thumbprint_of(JWK)


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    text = f'{{"crv":"P-256","kty":"EC","x":"{JWK["x"]}","y":"{JWK["y"]}"}}'

    assert thumbprint_of(JWK) == part(hashlib.sha256(text.encode()).digest())


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": "https://office.example/documents/8"},
        {"htu": "https://evil.example/documents/7"},
        {"htu": "http://office.example/documents/7"},
        {"htu": "https://office.example:444/documents/7"},
        {"htu": "https://[office.example"},
        {"htu": ["https://office.example/documents/7"]},
        {"htu": None},
        {"htu": "https://of\tfice.example/documents/7"},
        {"htu": " https://office.example/documents/7"},
        {"htu": "https://office.example/documents/7\n"},
        {"htu": "https://o\ufb03ce.example/documents/7"},
        {"htu": "https://someone@office.example/documents/7"},
        {"htu": "https://office.example/documents/../documents/7"},
        {"iat": int(NOW.timestamp()) - 61},
        {"iat": int(NOW.timestamp()) + 61},
        {"iat": 10**400},
        {"iat": float("nan")},
        {"iat": "soon"},
        {"iat": None},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": None},
        {"jti": 7},
        {"jti": "\ud800"},
        {"jti": "two words"},
        {"jti": "zero\x00"},
        {"nonce": 7},
        {"nonce": ["a nonce"]},
        {"nonce": "\ud800"},
        {"ath": hash_of("another token")},
        {"ath": "không"},
        {"ath": None},
    ],
)
def test_a_proof_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        judged(proof(claims=changes))


@pytest.mark.parametrize("skew", [-60, 60])
def test_a_clock_that_is_a_minute_off_is_forgiven(skew: int) -> None:
    assert judged(proof(claims={"iat": int(NOW.timestamp()) + skew})) == thumbprint_of(JWK)


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"crit": ["nonce"]},
        {"jwk": None},
        {"jwk": "text"},
        {"jwk": []},
        {"jwk": {}},
        {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
        {"jwk": JWK | {"d": "c2VjcmV0"}},
        {"jwk": JWK | {"crv": "P-384"}},
        {"jwk": JWK | {"kty": ["EC"]}},
        {"jwk": JWK | {"x": JWK["y"]}},
        {"jwk": JWK | {"x": ""}},
        {"jwk": JWK | {"x": "ü"}},
        {"jwk": JWK | {"x": 7}},
        {"jwk": {name: value for name, value in JWK.items() if name != "y"}},
        {"jwk": public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())},
    ],
)
def test_a_proof_with_a_wrong_header_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        judged(proof(head=changes))


def test_a_secret_both_sides_know_proves_nothing() -> None:
    secret = b"everybody knows"
    jwk = {"kty": "oct", "k": part(secret)}
    claims = {"jti": "1", "htm": "POST", "htu": URL, "iat": int(NOW.timestamp())}
    forged = by_hand({"alg": "HS256", "typ": "dpop+jwt", "jwk": jwk}, claims, hs256(secret))

    with pytest.raises(BadProof):
        judged(forged, access_token=None)


def test_a_proof_on_another_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    numbers = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-384"}
    jwk |= {"x": part(numbers.x.to_bytes(48)), "y": part(numbers.y.to_bytes(48))}

    with pytest.raises(BadProof):
        judged(proof(head={"jwk": jwk}, key=key))


@pytest.mark.parametrize(
    "same",
    [f"{URL}?a=1", f"{URL}#top", "HTTPS://Office.Example/documents/7",
     "https://office.example:443/documents/7"],
)  # fmt: skip
def test_spellings_of_the_same_address_are_one(same: str) -> None:
    assert judged(proof(claims={"htu": same})) == thumbprint_of(JWK)


@pytest.mark.parametrize("shown", [f"{BASE}/mutes/document%3A1", f"{BASE}/mutes/document:1"])
def test_a_phone_signs_a_path_as_it_sends_it_or_as_it_means_it(shown: str) -> None:
    made = proof(claims={"htu": shown})

    found = check_proof(
        made, method="POST", url=f"{BASE}/mutes/document:1", now=NOW, access_token=TOKEN,
        written=f"{BASE}/mutes/document%3A1",
    )  # fmt: skip

    assert found.thumbprint == thumbprint_of(JWK)


@pytest.mark.parametrize("written", [None, f"{BASE}/documents/%37"])
@pytest.mark.parametrize("shown", ["", "/", f"{BASE}/documents/%38", f"{BASE}/documents/%2537"])
def test_no_other_spelling_is_the_address(shown: str, written: str | None) -> None:
    made = proof(claims={"htu": shown})

    with pytest.raises(BadProof):
        check_proof(made, method="POST", url=URL, now=NOW, access_token=TOKEN, written=written)


@given(st.text(max_size=300) | st.from_regex(r"\A[\w-]{0,80}(\.[\w-]{0,80}){0,4}\Z"))
def test_any_text_is_refused_and_never_an_error(text: str) -> None:
    with pytest.raises(BadProof):
        judged(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    name=st.sampled_from(["jti", "htm", "htu", "iat", "ath"]),
    value=json_values.filter(lambda value: value is not None),
)
def test_any_value_in_any_claim_is_judged_and_never_an_error(name: str, value: Any) -> None:
    try:
        judged(proof(claims={name: value}))
    except AppError as refusal:
        assert isinstance(refusal, BadProof)  # noqa: PT017 - some values are right


@given(json_values)
def test_any_value_as_key_is_refused_and_never_an_error(value: Any) -> None:
    with pytest.raises(BadProof):
        judged(proof(head={"jwk": value}))
