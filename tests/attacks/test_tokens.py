"""Attacks on tokens and proofs over HTTP: on a read, on the short lane of hot reads, on a change.

What is forged here is right but for the one thing named, and each test first shows that its way of
forging is believed when nothing is wrong.
"""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.wiring import Engines
from core.nonces import SLOT, SLOTS_KEPT
from core.sessions import RealtimeTicket
from core.tokens import public_jwk, thumbprint_of
from tests.attacks.world import TARGETS, Attacker
from tests.support.answers import kind, rows
from tests.support.clock import Clock
from tests.support.jws import Sign, hs256, part, rs256
from tests.support.ministry import BASE_URL, PASSWORD, Ministry

#: What is believed does not depend on the engine; what is kept is tested on both elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


async def believed(attacker: Attacker, token: str, **proof: Any) -> AsyncIterator[str]:
    """Try a token with a right proof on every target; name those that let it in."""
    for method, path in TARGETS:
        shown = attacker.proof(method, path, token, **proof)
        answer = await attacker.send(method, path, f"DPoP {token}", shown)
        if answer.status_code != HTTPStatus.UNAUTHORIZED:
            yield f"{method} {path} {answer.status_code}"
        else:
            assert kind(answer) in {"identity.bad_token", "identity.bad_proof"}
            assert answer.headers["www-authenticate"].startswith("DPoP")


async def survivors(attacker: Attacker, forged: dict[str, str], **proof: Any) -> list[str]:
    return [
        f"{name}: {where}"
        for name, token in forged.items()
        async for where in believed(attacker, token, **proof)
    ]


async def test_the_forge_works(attacker: Attacker) -> None:
    """Otherwise nothing below would prove anything."""
    found = [where async for where in believed(attacker, attacker.token())]

    assert found == ["GET /me 200", "GET /inbox 200", "POST /realtime/tickets 200"]


def unsigned(_: bytes) -> bytes:
    return b""


async def test_who_signs_and_how_is_not_the_tokens_to_say(
    attacker: Attacker, engines: Engines
) -> None:
    other = rs256(attacker.other)
    numbers = attacker.other.public_key().public_numbers()
    jwk = {"kty": "RSA", "e": "AQAB", "n": part(numbers.n.to_bytes(256))}
    confused: list[tuple[str, Sign]] = [
        ("PEM", hs256(attacker.public(PEM))),
        ("PEM without its last line end", hs256(attacker.public(PEM).rstrip())),
        ("DER", hs256(attacker.public(DER))),
        ("an empty secret", hs256(b"")),
        ("the refresh secret", hs256(engines.door.refresh_secret)),
    ]
    forged = {
        **{f"unsigned {n!r}": attacker.token({"alg": n}, sign=unsigned)
           for n in ("none", "None", "NONE", "nOnE", "", None)},
        "unsigned, called RS256": attacker.token(sign=unsigned),
        "signature of another token": ".".join(
            (*attacker.token(claims={"sub": "someone"}).split(".")[:2],
             attacker.victim.access_token.split(".")[2])),
        **{f"{a} with {n}": attacker.token({"alg": a}, sign=s)
           for n, s in confused for a in ("HS256", "HS512", "RS256")},
        **{f"alg {a!r}": attacker.token({"alg": a}) for a in
           ("RS384", "rs256", "RS256 ", ["RS256"], {"RS256": 1}, 7, True)},
        "another key": attacker.token(sign=other),
        "another key, brought": attacker.token({"jwk": jwk}, sign=other),
        "another key, at an address": attacker.token(
            {"jku": "https://evil.example/keys", "x5u": "https://evil.example/c"}, sign=other),
        "another key, as a certificate": attacker.token({"x5c": ["MIIB"]}, sign=other),
        **{f"kid {kid!r}": attacker.token({"kid": kid}, sign=hs256(b""))
           for kid in ("../../../../dev/null", "/dev/null", "file:///dev/null", "' OR 1=1 --")},
    }  # fmt: skip

    assert await survivors(attacker, forged) == []


async def test_a_header_that_wants_more_or_means_something_else_is_refused(
    attacker: Attacker,
) -> None:
    headers: tuple[dict[str, Any], ...] = (
        {"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"typ": "JWT"},
        {"typ": "application/at+jwt"}, {"typ": None}, {"typ": "dpop+jwt"}, {"typ": "logout+jwt"},
        {"typ": "AT+JWT"}, {"typ": "at+jwt "}, {"typ": ["at+jwt"]}, {"typ": {"at+jwt": 1}},
    )  # fmt: skip
    forged = {repr(header): attacker.token(header) for header in headers}

    assert await survivors(attacker, forged) == []


async def test_a_token_for_others_or_of_others_or_of_another_time_is_refused(
    attacker: Attacker, clock: Clock
) -> None:
    now = int(clock.now.timestamp())
    mine = thumbprint_of(public_jwk(attacker.key.public_key()))
    changes: tuple[dict[str, Any], ...] = (
        {"aud": "somebody-else"}, {"aud": ["khonggiay", "somebody-else"]}, {"aud": None},
        {"aud": "KHONGGIAY"}, {"aud": "khonggiay "}, {"aud": "khоnggiay"},
        {"iss": "https://id.example"}, {"iss": None}, {"iss": ["khonggiay"]},
        {"exp": now}, {"exp": now - 1}, {"exp": None}, {"exp": "never"}, {"exp": 10**400},
        {"exp": -1}, {"exp": 2**62}, {"iat": now + 120}, {"iat": None}, {"iat": 2**62},
        {"jti": None}, {"sub": None}, {"sub": ""}, {"sub": "nobody"}, {"dev": None},
        {"dev": "nobody"}, {"sid": None}, {"cnf": {}}, {"cnf": []}, {"cnf": "x"},
        {"cnf": {"jkt": ""}}, {"cnf": {"jkt": None}}, {"cnf": {"jkt": "ü"}},
        {"cnf": {"x5t#S256": "x"}}, {"cnf": {"jkt": mine}},
    )  # fmt: skip
    forged = {repr(claims): attacker.token(claims=claims) for claims in changes}

    assert await survivors(attacker, forged) == []


async def test_a_token_that_names_somebody_else_is_no_good_even_with_our_key(
    attacker: Attacker, ministry: Ministry
) -> None:
    """The device's row decides whose it is, whatever a token says."""
    forged = {
        "another official": attacker.token(claims={"sub": str(ministry.administrator.id)}),
        "another device": attacker.token(claims={"dev": str(ministry.leader.id)}),
    }

    assert await survivors(attacker, forged) == []


async def test_a_stolen_token_is_worth_nothing_without_the_key(
    attacker: Attacker, clock: Clock
) -> None:
    token, mine = attacker.victim.access_token, attacker.key
    jwk = public_jwk(attacker.victim.key.public_key())

    assert await survivors(attacker, {"my own key": token}, key=mine) == []
    assert (
        await survivors(attacker, {"their key, my hand": token}, key=mine, header={"jwk": jwk})
        == []
    )


async def test_a_proof_that_is_not_for_just_this_request_is_refused(
    attacker: Attacker, clock: Clock
) -> None:
    token, now = attacker.victim.access_token, int(clock.now.timestamp())
    jwk = public_jwk(attacker.victim.key.public_key())
    secret = attacker.victim.key.private_numbers().private_value.to_bytes(32)
    heads: list[dict[str, Any]] = [
        {"typ": "JWT"}, {"typ": None}, {"typ": ["dpop+jwt"]}, {"alg": "none"}, {"alg": "HS256"},
        {"alg": ["ES256"]}, {"crit": ["nonce"]}, {"jwk": jwk | {"d": part(secret)}},
        {"jwk": {"kty": "oct", "k": part(b"secret")}}, {"jwk": None}, {"jwk": [jwk]},
        {"jwk": jwk | {"crv": "P-521"}}, {"jwk": jwk | {"x5u": "https://evil.example"}},
        {"jwk": {name.upper(): value for name, value in jwk.items()}},
    ]  # fmt: skip
    said: list[dict[str, Any]] = [
        {"htm": "PUT"}, {"htm": "get"}, {"htm": None}, {"htm": "GET "}, {"htm": ["GET", "POST"]},
        {"htu": f"{BASE_URL}/devices"}, {"htu": "http://evil.example/me"}, {"htu": None},
        {"htu": f"{BASE_URL}@evil.example/me"}, {"htu": f"{BASE_URL}:81/me"}, {"htu": "/me"},
        {"htu": f"{BASE_URL}/./me"}, {"htu": f"{BASE_URL}/%6de"}, {"htu": f"{BASE_URL}/me/"},
        {"htu": f"{BASE_URL}/ｍｅ"}, {"htu": f" {BASE_URL}/me"}, {"htu": f"{BASE_URL}/me\n"},
        {"htu": ""}, {"htu": "https://testserver/me"}, {"htu": "http://teſtserver/me"},
        {"iat": now - 61}, {"iat": now + 61}, {"iat": None}, {"iat": "now"}, {"iat": 1e400},
        {"jti": None}, {"jti": ""}, {"jti": "x" * 129}, {"jti": 7}, {"jti": "\ud800"},
        {"jti": "a b"},
        {"ath": None}, {"ath": ""}, {"ath": "x"}, {"ath": ["x"]}, {"ath": "\ud800"},
        {"nonce": 7}, {"nonce": "\x00"}, {"challenge": {}},
    ]  # fmt: skip

    for header in heads:
        assert await survivors(attacker, {repr(header): token}, header=header) == []
    for claims in said:
        assert await survivors(attacker, {repr(claims): token}, claims=claims) == []


async def test_a_proof_works_once_on_any_request(attacker: Attacker) -> None:
    token = attacker.victim.access_token
    for method, path in TARGETS:
        proof = attacker.proof(method, path, token)
        assert (await attacker.send(method, path, f"DPoP {token}", proof)).is_success

        again = await attacker.send(method, path, f"DPoP {token}", proof)

        assert kind(again) == "identity.bad_proof", path


async def test_no_two_requests_share_a_proof(attacker: Attacker, engines: Engines) -> None:
    token = attacker.victim.access_token
    proofs = [attacker.proof("POST", "/realtime/tickets", token) for _ in range(2)]
    before = len(await rows(engines.db, RealtimeTicket))

    both = await attacker.send("POST", "/realtime/tickets", f"DPoP {token}", *proofs)
    joined = await attacker.send("POST", "/realtime/tickets", f"DPoP {token}", ",".join(proofs))
    other = await attacker.send("POST", "/realtime/tickets", f"DPoP {token}",
                                attacker.proof("GET", "/me", token))  # fmt: skip

    assert {kind(answer) for answer in (both, joined, other)} == {"identity.bad_proof"}
    assert len(await rows(engines.db, RealtimeTicket)) == before


SCHEMES: list[Callable[[bytes], bytes]] = [
    lambda token: b"Bearer " + token,
    lambda token: b"DPoP" + token,
    lambda token: b"DPoP  " + token,
    lambda token: b"DPoP\t" + token,
    lambda token: b"DPoP " + token + b" x",
    lambda token: b"DPoP " + token + b"\xc2\xa0",
    lambda token: b"DPoP " + token + "\u200b".encode(),
    lambda token: b"DPoP \xef\xbb\xbf" + token,
    lambda token: "ＤＰｏＰ ".encode() + token,
    lambda token: b"DPoP " + token + b"=",
    lambda token: b"DPoP " + token + b".",
    lambda token: b"DPoP ." + token,
    lambda token: b"DPoP " + token.replace(b".", b"..", 1),
    lambda token: b"DPoP " + token.replace(b".", "．".encode(), 1),
    lambda token: b"DPoP " + token.replace(b"-", b"+").replace(b"_", b"/") + b"+",
    lambda token: b"DPoP " + token * 20,
    lambda _: b"DPoP " + b"x" * 9000,
    lambda _: b"DPoP \xff\xfe",
    lambda token: b"DPoP, DPoP " + token,
    lambda token: b"Basic " + token,
    lambda token: token,
    lambda _: b"",
    lambda _: b"DPoP",
    lambda _: b"DPoP null",
]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_no_spelling_of_the_header_lets_more_in(
    attacker: Attacker, scheme: Callable[[bytes], bytes]
) -> None:
    token = attacker.victim.access_token
    for method, path in TARGETS:
        proof = attacker.proof(method, path, token)

        answer = await attacker.send(method, path, scheme(token.encode()), proof)

        assert kind(answer) in {"identity.bad_token", "identity.bad_proof"}


async def test_oversized_tokens_and_proofs_are_refused_unread(attacker: Attacker) -> None:
    huge = attacker.token(claims={"padding": "x" * 8192})
    token = attacker.victim.access_token
    padded = {"claims": {"padding": "x" * 8192}}

    assert await survivors(attacker, {"token": huge}) == []
    assert await survivors(attacker, {"proof": token}, **padded) == []


async def test_tokens_of_one_kind_are_no_tokens_of_another(
    attacker: Attacker, ministry: Ministry
) -> None:
    victim = attacker.victim
    body = {"account": ministry.clerk.account, "password": PASSWORD}
    console = (await attacker.http.post("/sessions/console", json=body)).json()["access_token"]
    forged = {
        "the refresh token": victim.refresh_token,
        "a proof": attacker.proof("GET", "/me", victim.access_token),
        "a ticket": await victim.ticket(),
        "a console's token": console,
    }

    assert await survivors(attacker, forged) == []
    for path in ("/me", "/inbox"):
        bearer = await attacker.send("GET", path, f"Bearer {victim.access_token}")
        assert kind(bearer) == "identity.bad_token"


# --- the end of a session


async def test_an_expired_token_is_refused_to_the_second(attacker: Attacker, clock: Clock) -> None:
    token = attacker.victim.access_token
    clock.tick(timedelta(minutes=5))

    assert await survivors(attacker, {"expired": token}) == []


@pytest.mark.parametrize("how", ["revoked", "logged out", "logged in anew", "refresh reused"])
async def test_after_the_end_nothing_of_a_session_works(
    attacker: Attacker, clock: Clock, ministry: Ministry, how: str,
    as_: Callable[..., Any],
) -> None:  # fmt: skip
    victim = attacker.victim
    refreshes, token, key = victim.refresh_token, victim.access_token, victim.key
    if how == "revoked":
        await (await as_(ministry.administrator)).post(f"/devices/{victim.device_id}/revoke")
    elif how == "logged out":
        await victim.send("DELETE", "/sessions/current")
    elif how == "logged in anew":
        await victim.log_in(ministry.leader.account, PASSWORD)
    else:
        await victim.refresh()
        clock.tick(timedelta(seconds=11))
        victim.refresh_token = refreshes
        assert kind(await victim.refresh()) == "identity.refresh_refused"

    for method, path in TARGETS:
        proof = attacker.proof(method, path, token, key=key)
        answer = await attacker.send(method, path, f"DPoP {token}", proof)
        assert kind(answer) in {"identity.session_ended", "identity.device_revoked"}, path
    victim.refresh_token = refreshes
    assert kind(await victim.refresh()) in {"identity.refresh_refused", "identity.device_revoked"}


async def test_a_stolen_refresh_token_is_worth_nothing_without_the_key(
    attacker: Attacker,
) -> None:
    victim, owner = attacker.victim, attacker.victim.key
    await victim.refresh()
    stolen = victim.refresh_token
    victim.key = ec.generate_private_key(ec.SECP256R1())

    assert kind(await victim.refresh()) == "identity.refresh_refused"
    victim.key, victim.refresh_token = owner, stolen
    assert (await victim.refresh()).status_code == HTTPStatus.OK


async def test_a_recorded_refresh_is_worth_nothing_later(attacker: Attacker, clock: Clock) -> None:
    victim, path = attacker.victim, "/sessions/refresh"
    await victim.refresh()
    recorded = victim.proof("POST", f"{BASE_URL}{path}")
    body = {"refresh_token": victim.refresh_token}
    clock.tick(SLOTS_KEPT * SLOT - timedelta(seconds=61))
    assert (await attacker.http.post(path, json=body, headers={"DPoP": recorded})).is_success

    again = await attacker.http.post(path, json=body, headers={"DPoP": recorded})
    clock.tick(SLOTS_KEPT * SLOT)
    later = await attacker.http.post(path, json=body, headers={"DPoP": recorded})

    assert {kind(again), kind(later)} == {"identity.bad_proof"}
