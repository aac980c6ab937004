"""A provider that lies, errs or is impersonated gains nothing, and nobody asks it too often."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.people.sso.errors import BadLogoutToken, ProviderRefused, ProviderUnreachable
from api.people.sso.provider import FIRST_SPACING, LIFETIME, SPACING, Provider
from core.access import SingleSignOn
from core.errors import AppError
from tests.support.clock import Clock
from tests.support.jws import by_hand, es256, hs256, rs256
from tests.support.oidc.claims import CLAIMS, ISSUER, LOGOUT, NONCE
from tests.support.oidc.liar import (
    KEY,
    OTHER,
    SETTINGS,
    WEAK,
    Liar,
    ec_jwk_of,
    jwk_of,
    signed,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def liar() -> Liar:
    return Liar()


@pytest.fixture
def provider(liar: Liar, clock: Clock) -> Provider:
    return Provider(SETTINGS, clock, liar.transport)


async def exchanged(provider: Provider, liar: Liar, token: Any) -> dict[str, Any]:
    liar.token = {"id_token": token}
    return await provider.exchange("code", "verifier", None)


# --- what signs


async def test_a_genuine_token_is_read(provider: Provider, liar: Liar) -> None:
    assert await exchanged(provider, liar, signed(CLAIMS)) == CLAIMS
    assert await exchanged(provider, liar, signed(CLAIMS, typ=None)) == CLAIMS


def public(encoding: serialization.Encoding) -> bytes:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(encoding, kind)


FORGED: dict[str, Callable[[], Any]] = {
    "unsigned": lambda: by_hand({"alg": "none", "kid": "one"}, CLAIMS, lambda _: b""),
    "unsigned but called signed": lambda: by_hand(
        {"alg": "RS256", "kid": "one"}, CLAIMS, lambda _: b""
    ),
    "with our key as a secret, PEM": lambda: by_hand(
        {"alg": "HS256", "kid": "one"}, CLAIMS, hs256(public(serialization.Encoding.PEM))
    ),
    "with our key as a secret, DER": lambda: by_hand(
        {"alg": "HS256", "kid": "one"}, CLAIMS, hs256(public(serialization.Encoding.DER))
    ),
    "RS256 in name, the key as a secret": lambda: by_hand(
        {"alg": "RS256", "kid": "one"}, CLAIMS, hs256(public(serialization.Encoding.PEM))
    ),
    "another algorithm": lambda: signed(CLAIMS, alg="RS512"),
    "the algorithm as a list": lambda: signed(CLAIMS, alg=["RS256"]),
    "another key": lambda: signed(CLAIMS, key=OTHER),
    "another key, brought along": lambda: signed(CLAIMS, key=OTHER, jwk=jwk_of(OTHER)),
    "a key at an address": lambda: signed(CLAIMS, key=OTHER, jku="https://evil.example/keys"),
    "an unknown name of a key": lambda: signed(CLAIMS, kid="two"),
    "a path as the name": lambda: signed(CLAIMS, kid="../../../dev/null"),
    "a query as the name": lambda: signed(CLAIMS, kid="' OR 1=1 --"),
    "no name": lambda: signed(CLAIMS, kid=None),
    "a list as the name": lambda: signed(CLAIMS, kid=["one"]),
    "a blank behind the name": lambda: signed(CLAIMS, kid="one "),
    "a critical header": lambda: signed(CLAIMS, crit=["exp"]),
    "an access token": lambda: signed(CLAIMS, typ="at+jwt"),
    "a logout token": lambda: signed(LOGOUT | {"nonce": NONCE}, typ="logout+jwt"),
    "the type as a list": lambda: signed(CLAIMS, typ=["JWT"]),
    "too large": lambda: signed(CLAIMS | {"padding": "x" * 8192}),
    "no object": lambda: signed(["claims"]),
    "a trailing line": lambda: signed(CLAIMS) + "\n",
    "padding": lambda: signed(CLAIMS) + "=",
    "four parts": lambda: signed(CLAIMS) + ".e30",
    "no text": lambda: {"not": "a token"},
    "nothing": lambda: None,
}


@pytest.mark.parametrize("how", list(FORGED))
async def test_a_forged_token_is_refused(provider: Provider, liar: Liar, how: str) -> None:
    with pytest.raises(ProviderRefused):
        await exchanged(provider, liar, FORGED[how]())


async def test_the_algorithm_is_the_settings_not_the_keys(liar: Liar, clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    liar.keys = {"keys": [ec_jwk_of(key, "one"), jwk_of(KEY, "two")]}
    token = by_hand({"alg": "ES256", "kid": "one"}, CLAIMS, es256(key))
    strict = Provider(SETTINGS, clock, liar.transport)
    other = SETTINGS.model_copy(update={"algorithm": "ES256"})

    assert await exchanged(Provider(other, clock, liar.transport), liar, token) == CLAIMS
    with pytest.raises(ProviderRefused):
        await exchanged(strict, liar, token)
    with pytest.raises(ProviderRefused):
        await exchanged(strict, liar, by_hand({"alg": "RS256", "kid": "one"}, CLAIMS, rs256(KEY)))


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": [jwk_of(KEY) | {"d": "c2VjcmV0"}]},
        {"keys": [jwk_of(KEY, use="enc")]},
        {"keys": [jwk_of(KEY, alg="RS512")]},
        {"keys": [jwk_of(WEAK)]},
        {"keys": [jwk_of(KEY), jwk_of(OTHER)]},
        {"keys": [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}]},
        {"keys": [{"kty": "RSA", "kid": "one", "n": "AQAB"}]},
        {"keys": [{"kty": "RSA", "kid": "one", "n": 7, "e": "AQAB"}]},
        {"keys": ["text", None, []]},
        {"keys": {}},
        {},
        [],
    ],
)
async def test_a_set_of_unsound_keys_checks_nothing(
    provider: Provider, liar: Liar, keys: Any
) -> None:
    liar.keys = keys
    token = signed(CLAIMS, key=WEAK) if keys == {"keys": [jwk_of(WEAK)]} else signed(CLAIMS)

    with pytest.raises(ProviderRefused):
        await exchanged(provider, liar, token)


# --- logging out


async def test_an_id_token_logs_nobody_out(provider: Provider) -> None:
    with pytest.raises(BadLogoutToken):
        await provider.logout_claims(signed(LOGOUT), BadLogoutToken)

    assert await provider.logout_claims(signed(LOGOUT, typ="logout+jwt"), BadLogoutToken) == LOGOUT


# --- the provider itself


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://id.example/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"jwks_uri": None},
        {"authorization_endpoint": "https:///nowhere"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
async def test_a_discovery_that_is_not_what_was_configured_is_refused(
    provider: Provider, liar: Liar, changes: dict[str, Any]
) -> None:
    liar.discovery |= changes

    with pytest.raises(ProviderRefused):
        await provider.authorization_url(state="s", nonce="n", verifier="v")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (httpx.Response(500), ProviderUnreachable),
        (httpx.Response(302, headers={"location": "https://evil.example"}), ProviderRefused),
        (httpx.Response(400, json={"error": "invalid_grant"}), ProviderRefused),
        (httpx.Response(200, text="<html>"), ProviderRefused),
        (httpx.Response(200, json=["id_token"]), ProviderRefused),
        (httpx.Response(200, content=b"x" * (256 * 1024 + 1)), ProviderRefused),
    ],
)
async def test_an_odd_answer_is_refused(
    provider: Provider, liar: Liar, answer: httpx.Response, refusal: type[AppError]
) -> None:
    liar.token = answer

    with pytest.raises(refusal):
        await provider.exchange("code", "verifier", None)


async def test_a_provider_that_is_away_is_told_apart_and_asked_again_soon(
    provider: Provider, liar: Liar, clock: Clock
) -> None:
    liar.away = True
    for _ in range(3):
        with pytest.raises(ProviderUnreachable):
            await provider.authorization_url(state="s", nonce="n", verifier="v")
    assert len(liar.asked) == 1

    liar.away = False
    clock.tick(FIRST_SPACING)

    assert await provider.authorization_url(state="s", nonce="n", verifier="v")


async def test_unknown_names_of_keys_ask_for_the_set_once_a_minute(
    provider: Provider, liar: Liar, clock: Clock
) -> None:
    await exchanged(provider, liar, signed(CLAIMS))
    for number in range(5):
        with pytest.raises(ProviderRefused):
            await exchanged(provider, liar, signed(CLAIMS, kid=f"unknown-{number}"))
    assert liar.asked.count("/keys") == 1

    clock.tick(SPACING)
    with pytest.raises(ProviderRefused):
        await exchanged(provider, liar, signed(CLAIMS, kid="unknown"))

    assert liar.asked.count("/keys") == 2


async def test_a_new_key_is_found_and_an_old_one_forgotten(
    provider: Provider, liar: Liar, clock: Clock
) -> None:
    await exchanged(provider, liar, signed(CLAIMS))
    liar.keys = {"keys": [jwk_of(OTHER, "two")]}
    clock.tick(SPACING)

    assert await exchanged(provider, liar, signed(CLAIMS, key=OTHER, kid="two")) == CLAIMS
    with pytest.raises(ProviderRefused):
        await exchanged(provider, liar, signed(CLAIMS))


async def test_a_withdrawn_key_is_not_believed_for_ever(
    provider: Provider, liar: Liar, clock: Clock
) -> None:
    await exchanged(provider, liar, signed(CLAIMS))
    liar.keys = {"keys": []}
    clock.tick(LIFETIME)

    with pytest.raises(ProviderRefused):
        await exchanged(provider, liar, signed(CLAIMS))


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": "http://id.example", "client_id": "c", "redirect_uri": "app:/in"},
        {"issuer": ISSUER, "client_id": "c"},
        {"issuer": ISSUER, "redirect_uri": "app:/in"},
        {"issuer": ISSUER, "client_id": "c", "redirect_uri": "app:/in", "algorithm": "HS256"},
        {"issuer": ISSUER, "client_id": "c", "redirect_uri": "app:/in", "algorithm": "none"},
    ],
)
def test_settings_that_would_be_unsafe_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SingleSignOn.model_validate(settings)
