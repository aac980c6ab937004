"""No forged, foreign or stale access token is believed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.tokens import ACCESS_LIFETIME, AUDIENCE, ISSUER, BadToken, TokenKeys
from tests.support.jws import by_hand, hs256, part, rs256

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6767",
    "dev": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6768",
    "sid": "6f9b1f8e-0d3c-5a52-9c57-6b686f6e6769",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + ACCESS_LIFETIME).timestamp()),
    "jti": "a-token-of-its-own",
    "cnf": {"jkt": "of-the-device-key"},
}


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
