"""No forged, foreign, stale or stolen token is believed, and no garbage is an error."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AppError
from core.tokens import (
    ACCESS_LIFETIME,
    AUDIENCE,
    ISSUER,
    BadProof,
    BadToken,
    TokenKeys,
    check_proof,
    hash_of,
    make_proof,
    public_jwk,
    thumbprint_of,
)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
URL = "https://office.example/documents/7"
TOKEN = "header.claims.signature"
PHONE = ec.generate_private_key(ec.SECP256R1())
JWK = public_jwk(PHONE.public_key())
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6767",
    "dev": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6768",
    "sid": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6769",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + ACCESS_LIFETIME).timestamp()),
    "jti": "a-token-of-its-own",
    "cnf": {"jkt": thumbprint_of(JWK)},
}
Sign = Callable[[bytes], bytes]


def part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header: Any, claims: Any, sign: Sign) -> str:
    """A compact JWS that no library had a say in."""
    body = f"{part(header)}.{part(claims)}"
    return f"{body}.{part(sign(body.encode()))}"


def rs256(key: rsa.RSAPrivateKey) -> Sign:
    return lambda body: key.sign(body, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Sign:
    return lambda body: hmac.new(secret, body, hashlib.sha256).digest()


def es256(key: ec.EllipticCurvePrivateKey) -> Sign:
    def sign(body: bytes) -> bytes:
        size = (key.curve.key_size + 7) // 8
        pair = decode_dss_signature(key.sign(body, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(size) for number in pair)

    return sign


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def ours(folder: Path) -> TokenKeys:
    return TokenKeys(folder)


@pytest.fixture(scope="module")
def private(folder: Path, ours: TokenKeys) -> rsa.RSAPrivateKey:
    """Our own signing key: with it only the claims and the header can be wrong."""
    pem = (folder / "access-token.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "RS256", "typ": "at+jwt"} | changes


# --- access tokens


def test_a_token_of_ours_says_who_and_which_key(ours: TokenKeys) -> None:
    token = ours.issue(official_id="7", device_id="8", session_id="6", thumbprint="9", now=NOW)

    said = ours.check(token, NOW)

    assert (said.official_id, said.device_id, said.thumbprint) == ("7", "8", "9")
    assert said.expires_at == NOW + timedelta(minutes=5)


def test_a_token_made_by_hand_with_our_key_is_believed(
    ours: TokenKeys, private: rsa.RSAPrivateKey
) -> None:
    assert ours.check(by_hand(header(), CLAIMS, rs256(private)), NOW).token_id == CLAIMS["jti"]


def test_a_token_outlives_a_restart(ours: TokenKeys, folder: Path) -> None:
    token = ours.issue(official_id="7", device_id="8", session_id="6", thumbprint="9", now=NOW)

    assert TokenKeys(folder).check(token, NOW).official_id == "7"


def test_a_token_ends_after_five_minutes_to_the_second(ours: TokenKeys) -> None:
    token = ours.issue(official_id="7", device_id="8", session_id="6", thumbprint="9", now=NOW)
    ours.check(token, NOW + timedelta(minutes=5) - timedelta(seconds=1))

    with pytest.raises(BadToken):
        ours.check(token, NOW + timedelta(minutes=5))


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "iat", "exp", "jti"])
def test_a_token_without_a_required_claim_is_refused(
    ours: TokenKeys, private: rsa.RSAPrivateKey, missing: str
) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != missing}

    with pytest.raises(BadToken):
        ours.check(by_hand(header(), claims, rs256(private)), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody-else"},
        {"aud": [AUDIENCE, "somebody-else"]},
        {"iss": "https://idp.example"},
        {"exp": int(NOW.timestamp())},
        {"exp": "never"},
        {"exp": None},
        {"exp": 10**400},
        {"exp": float("inf")},
        {"iat": int(NOW.timestamp()) + 120},
        {"iat": {}},
        {"cnf": "no object"},
        {"cnf": {}},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    ours: TokenKeys, private: rsa.RSAPrivateKey, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadToken):
        ours.check(by_hand(header(), CLAIMS | changes, rs256(private)), NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        header(crit=["exp"]),
        header(crit=[]),
        header(typ="JWT"),
        header(typ="dpop+jwt"),
        {"alg": "RS256"},
        header(alg="RS384"),
        header(alg=["RS256"]),
        [],
        "text",
        None,
    ],
)
def test_a_token_with_a_wrong_header_is_refused(
    ours: TokenKeys, private: rsa.RSAPrivateKey, wrong: Any
) -> None:
    with pytest.raises(BadToken):
        ours.check(by_hand(wrong, CLAIMS, rs256(private)), NOW)


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(ours: TokenKeys, name: str) -> None:
    with pytest.raises(BadToken):
        ours.check(by_hand(header(alg=name), CLAIMS, lambda _: b""), NOW)


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_our_public_key_is_no_secret_to_sign_with(
    ours: TokenKeys,
    private: rsa.RSAPrivateKey,
    encoding: serialization.Encoding,
    algorithm: str,
) -> None:
    public = private.public_key().public_bytes(
        encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    with pytest.raises(BadToken):
        ours.check(by_hand(header(alg=algorithm), CLAIMS, hs256(public)), NOW)


def test_a_token_of_another_key_is_refused_even_when_it_brings_the_key(ours: TokenKeys) -> None:
    theirs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = theirs.public_key().public_numbers()
    brought = {"kty": "RSA", "e": "AQAB", "n": part(numbers.n.to_bytes(256))}

    with pytest.raises(BadToken):
        ours.check(by_hand(header(jwk=brought), CLAIMS, rs256(theirs)), NOW)


def test_a_changed_claim_breaks_the_signature(ours: TokenKeys) -> None:
    token = ours.issue(official_id="7", device_id="8", session_id="6", thumbprint="9", now=NOW)
    head, _, signature = token.split(".")

    with pytest.raises(BadToken):
        ours.check(f"{head}.{part(CLAIMS | {'sub': 'someone'})}.{signature}", NOW)


def test_a_huge_token_is_refused_before_it_is_read(
    ours: TokenKeys, private: rsa.RSAPrivateKey
) -> None:
    claims = CLAIMS | {"padding": "x" * 8192}

    with pytest.raises(BadToken):
        ours.check(by_hand(header(), claims, rs256(private)), NOW)


# --- proofs


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
        {"iat": int(NOW.timestamp()) - 61},
        {"iat": int(NOW.timestamp()) + 61},
        {"iat": 10**400},
        {"iat": float("nan")},
        {"iat": "soon"},
        {"iat": None},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": None},
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


# --- whatever they send


@given(st.text(max_size=300) | st.from_regex(r"\A[\w-]{0,80}(\.[\w-]{0,80}){0,4}\Z"))
def test_any_text_is_refused_and_never_an_error(folder_free_text: str) -> None:
    with pytest.raises(BadProof):
        judged(folder_free_text)


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
