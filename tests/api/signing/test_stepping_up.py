"""A signer says yes to just the paper they read, with what they have, just now; and it is kept."""

import base64
import json
from collections.abc import Awaitable, Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey

from api.demo.phone import Phone
from api.documents.models import Revision
from api.signing.models import SignatureRequest
from api.signing.rules import State
from api.wiring import Engines
from core.nonces import SLOT, SLOTS_KEPT
from tests.support.answers import kind
from tests.support.clock import Clock
from tests.support.factors import add_app, add_passkey
from tests.support.ministry import Ministry, Person
from tests.support.signing import enrol, submitted, the_request

As = Callable[[Person], Awaitable[Phone]]
NEEDED = "identity.insufficient_user_authentication"
OTHER_PAPER = sha256(b"another paper").hexdigest()

#: The rules are the same on both engines; the factors themselves are tested on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def request_(engines: Engines, ministry: Ministry) -> SignatureRequest:
    await enrol(engines, ministry)
    return await submitted(engines, ministry)


@pytest.fixture
async def digest(engines: Engines, request_: SignatureRequest) -> str:
    """What the phone computes from the file that it shows."""
    async with engines.db.read() as view:
        return (await view.session.get_one(Revision, request_.revision_id)).sha256


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_the_refusal_says_what_to_show(
    ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    phone = await as_(ministry.leader)

    refusal = await phone.send("POST", f"/signature-requests/{request_.id}/sign")

    facts = refusal.json()["facts"]
    asked = sha256(request_.id.bytes + bytes.fromhex(digest) + facts["nonce"].encode())
    assert (refusal.status_code, kind(refusal)) == (HTTPStatus.UNAUTHORIZED, NEEDED)
    assert raw(facts["challenge"]) == asked.digest()
    assert (facts["acr_values"], facts["max_age"], facts["rp_id"]) == ("device", 120, "localhost")
    assert refusal.headers["www-authenticate"] == (
        'DPoP error="insufficient_user_authentication", acr_values="device", max_age="120"'
    )


async def test_without_second_factors_the_devices_own_proof_vouches_for_the_paper(
    engines: Engines, ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    phone = await as_(ministry.leader)

    answer = await phone.sign(str(request_.id), digest)

    assert answer.status_code == HTTPStatus.ACCEPTED
    kept = (await the_request(engines)).consent_evidence or {}
    assert (kept["factor"], kept["passkey"]) == ("device", None)
    assert (
        vouched(kept)
        == sha256(request_.id.bytes + bytes.fromhex(digest) + kept["nonce"].encode()).digest()
    )


async def test_a_proof_for_another_paper_signs_nothing(
    engines: Engines, ministry: Ministry, as_: As, request_: SignatureRequest
) -> None:
    phone = await as_(ministry.leader)

    refusal = await phone.sign(str(request_.id), OTHER_PAPER)

    assert kind(refusal) == NEEDED
    assert (await the_request(engines)).state is State.REQUESTED


async def test_whoever_has_a_passkey_signs_with_it_and_the_evidence_stands_alone(
    engines: Engines, ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)
    assert kind(await phone.sign(str(request_.id), digest)) == NEEDED

    answer = await phone.sign(str(request_.id), digest, show=passkey.show)

    assert answer.status_code == HTTPStatus.ACCEPTED
    kept = (await the_request(engines)).consent_evidence or {}
    asked = sha256(request_.id.bytes + bytes.fromhex(digest) + kept["nonce"].encode()).digest()
    assert vouched(kept) == asked
    assert asserted(kept["passkey"]) == asked


async def test_an_assertion_over_another_paper_signs_nothing(
    engines: Engines, ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)
    wrong = sha256(b"what somebody slipped in").digest()

    refusal = await phone.sign(str(request_.id), digest, show=lambda _: passkey.show(wrong))

    assert kind(refusal) == "identity.wrong_factor"
    assert (await the_request(engines)).state is State.REQUESTED


async def test_an_old_proof_signs_nothing(
    ministry: Ministry, as_: As, request_: SignatureRequest, digest: str, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    passkey, _ = await add_passkey(phone, ministry.leader.id)
    made = passkey.show(
        sha256(request_.id.bytes + bytes.fromhex(digest) + phone.nonce.encode()).digest()
    )
    clock.tick(SLOTS_KEPT * SLOT)

    refusal = await phone.sign(str(request_.id), digest, show=lambda _: made)

    assert kind(refusal) in {"identity.use_dpop_nonce", "identity.wrong_factor"}


async def test_whoever_has_only_an_app_types_a_code(
    engines: Engines, ministry: Ministry, as_: As, request_: SignatureRequest, digest: str,
    clock: Clock,
) -> None:  # fmt: skip
    phone = await as_(ministry.leader)
    app, codes = await add_app(phone, clock, ministry.leader.id)

    refused = [
        await phone.sign(str(request_.id), digest, show=show)
        for show in (None, lambda _: "totp 000000", lambda _: f"recovery-code {codes[0]}")
    ]
    answer = await phone.sign(str(request_.id), digest, show=app.show)

    assert [kind(a) for a in refused] == [NEEDED, "identity.wrong_factor", NEEDED]
    assert answer.status_code == HTTPStatus.ACCEPTED
    kept = (await the_request(engines)).consent_evidence or {}
    assert kept["factor"] == "totp"
    assert vouched(kept) == raw(kept["challenge"])


async def test_a_code_does_not_stand_in_for_a_passkey(
    ministry: Ministry, as_: As, request_: SignatureRequest, digest: str, clock: Clock
) -> None:
    phone = await as_(ministry.leader)
    app, _ = await add_app(phone, clock, ministry.leader.id)
    await add_passkey(phone, ministry.leader.id, show=app.show)

    refusal = await phone.sign(str(request_.id), digest, show=app.show)

    assert kind(refusal) == NEEDED
    assert refusal.json()["facts"]["acr_values"] == "passkey"


async def test_a_second_yes_changes_nothing_and_the_same_key_gets_the_same_answer(
    ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    phone = await as_(ministry.leader)
    key = {"Idempotency-Key": "the-leaders-yes"}

    first = await phone.sign(str(request_.id), digest, headers=dict(key))
    again = await phone.sign(str(request_.id), digest, headers=dict(key))
    other = await phone.sign(str(request_.id), digest)

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert kind(other) == "signing.wrong_state"


async def test_a_colleague_signs_nothing(
    ministry: Ministry, as_: As, request_: SignatureRequest, digest: str
) -> None:
    drafter, stranger = await as_(ministry.officer), await as_(ministry.stranger)

    assert kind(await drafter.sign(str(request_.id), digest)) == "signing.not_the_signer"
    assert kind(await stranger.sign(str(request_.id), digest)) == "not_found"


# --- a judge of the evidence who knows nothing of our code


def vouched(kept: dict[str, Any]) -> bytes:
    """Return what the device's key signed, if it really did."""
    head, body, signature = kept["proof"].split(".")
    jwk = json.loads(raw(head))["jwk"]
    assert jwk == kept["public_jwk"]
    x, y = (int.from_bytes(raw(jwk[name])) for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    pair = raw(signature)
    der = encode_dss_signature(int.from_bytes(pair[:32]), int.from_bytes(pair[32:]))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(raw(body))
    assert claims["nonce"] == kept["nonce"]
    return raw(claims["challenge"])


def asserted(kept: dict[str, Any]) -> bytes:
    """Return what the passkey signed, if it really did."""
    answer = kept["assertion"]["response"]
    client, data = raw(answer["clientDataJSON"]), raw(answer["authenticatorData"])
    point = decode_credential_public_key(raw(kept["public_key"]))
    assert isinstance(point, DecodedEC2PublicKey)
    x, y = int.from_bytes(point.x), int.from_bytes(point.y)
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    key.verify(raw(answer["signature"]), data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
    return raw(json.loads(client)["challenge"])
