"""An application gets from an official what they allowed, and nothing else."""

import asyncio
import base64
import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.demo.phone import Phone
from api.signing.csc.rules import Scope
from api.signing.models import LivePrompt
from api.signing.pdf.raw import check_digest
from api.signing.rules import verification_code
from api.wiring import Engines
from core.ids import new_id
from core.sessions import Principal
from core.streams import Fact
from tests.api.signing.csc.conftest import As
from tests.support.clock import Clock
from tests.support.csc import APPLICATION, DIGESTS, HASHES, PHONE, REDIRECT, Application, code_in
from tests.support.ministry import Ministry
from tests.support.signing import operator
from tests.support.waiting import until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_hash_is_signed_by_the_officials_phone(
    third: Application, engines: Engines
) -> None:
    sad = await third.sad()

    answer = await third.call("v2/signatures/signHash", third.order(sad))

    (signature,) = answer.json()["signatures"]
    signer = await operator(engines).certificate(PHONE)
    check_digest(signer, raw(signature), DIGESTS[0])
    assert operator(engines).prompts() == 1


def raw(signature: str) -> bytes:
    return base64.b64decode(signature)


async def test_several_hashes_are_as_many_prompts(third: Application, engines: Engines) -> None:
    sad = await third.sad(HASHES[:3])

    answer = await third.call("v2/signatures/signHash", third.order(sad, HASHES[:3]))

    signer = await operator(engines).certificate(PHONE)
    for signature, digest in zip(answer.json()["signatures"], DIGESTS, strict=False):
        check_digest(signer, raw(signature), digest)
    assert operator(engines).prompts() == 3


async def test_the_phone_shows_who_asks_and_the_code_of_the_hash(
    third: Application, engines: Engines
) -> None:
    await third.sad()

    (prompt,) = [operator(engines).kept.find(each) for each in await transactions(engines)]
    assert prompt is not None
    assert prompt.asked.text == f"{APPLICATION} Mã {verification_code(DIGESTS[0])}"
    async with engines.db.read() as view:
        told = (await view.session.exec(select(Fact).order_by(col(Fact.position).desc()))).first()
    assert told is not None
    assert told.name == "csc.prompted"
    assert told.body["verification_codes"] == [verification_code(DIGESTS[0])]


async def transactions(engines: Engines) -> list[Any]:
    folder = operator(engines).folder
    return [UUID(path.stem) for path in folder.glob("*.asked")]


async def test_the_old_dialect_says_the_same_in_its_own_words(third: Application) -> None:
    body = {"credentialID": third.credential, "numSignatures": 1, "hash": list(HASHES[:1])}
    sad = (await third.call("v1/credentials/authorize", body)).json()["SAD"]

    answer = await third.call(
        "v1/signatures/signHash",
        {
            "credentialID": third.credential,
            "SAD": sad,
            "hash": list(HASHES[:1]),
            "hashAlgo": "2.16.840.1.101.3.4.2.1",
            "signAlgo": "1.2.840.10045.4.3.2",
        },
    )

    assert len(answer.json()["signatures"]) == 1


async def test_an_asynchronous_request_is_polled(third: Application) -> None:
    order = third.order(await third.sad(), operationMode="A")

    response = (await third.call("v2/signatures/signHash", order)).json()
    polled = await third.call("v2/signatures/signPolling", response)

    assert set(response) == {"responseID"}
    assert len(polled.json()["signatures"]) == 1


V1_CREDENTIAL = {
    "description",
    "key",
    "cert",
    "SCAL",
    "multisign",
    "lang",
    "authMode",
    "PIN",
    "OTP",
}
V2_CREDENTIAL = {"description", "key", "cert", "SCAL", "multisign", "lang", "auth"}


async def test_a_credential_is_described_in_both_dialects(third: Application) -> None:
    asked = {"credentialID": third.credential, "certificates": "chain", "certInfo": True}

    old, new = [
        (await third.call(f"{version}/credentials/info", asked)).json() for version in ("v1", "v2")
    ]

    assert (set(old), set(new)) == (V1_CREDENTIAL, V2_CREDENTIAL)
    assert new["key"] == {
        "status": "enabled", "algo": ["1.2.840.10045.4.3.2"], "len": 256,
        "curve": "1.2.840.10045.3.1.7",
    }  # fmt: skip
    assert new["cert"]["status"] == "valid"
    assert len(new["cert"]["certificates"]) == 2
    assert new["SCAL"] == "2"
    assert "CN=Máy thử" in new["cert"]["subjectDN"]


V2_INFO = {
    "specs", "name", "logo", "region", "lang", "description", "authType", "oauth2", "methods",
    "asynchronousOperationMode", "signAlgorithms", "signature_formats", "conformance_levels",
    "supportedHashTypes",
}  # fmt: skip


async def test_the_service_says_what_it_can_do(third: Application) -> None:
    old, new = [
        (await third.call(f"{version}/info", {}, token="")).json() for version in ("v1", "v2")
    ]

    assert (old["specs"], new["specs"]) == ("1.0.4.0", "2.0.0.2")
    assert set(new) == V2_INFO
    assert "signatures/signPolling" in new["methods"]
    assert "signatures/signPolling" not in old["methods"]


async def test_an_official_without_a_sim_has_no_credential(third: Application, has: Any) -> None:
    await has("84999999999")

    answer = await third.call("v2/credentials/info", {"credentialID": third.credential})

    assert answer.json()["error_description"] == "Invalid parameter credentialID"


# --- OAuth 2.0 ------------------------------------------------------------------------------


async def test_a_code_with_its_hashes_becomes_a_sad(third: Application, leader: Phone) -> None:
    verifier = secrets.token_urlsafe(32)
    allowed = await third.link(leader, verifier, scope=Scope.CREDENTIAL, digests=DIGESTS[:2])

    token = (await third.exchange(code_in(allowed), verifier)).json()
    answer = await third.call(
        "v2/signatures/signHash", third.order(token["access_token"], HASHES[:2])
    )

    assert token["token_type"] == "SAD"
    assert len(answer.json()["signatures"]) == 2


async def test_a_sad_is_no_token(third: Application, leader: Phone) -> None:
    verifier = secrets.token_urlsafe(32)
    allowed = await third.link(leader, verifier, scope=Scope.CREDENTIAL, digests=DIGESTS[:1])
    sad = (await third.exchange(code_in(allowed), verifier)).json()["access_token"]

    answer = await third.call("v2/credentials/list", {}, token=sad)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code": "invented"}, "invalid_grant"),
        ({"redirect_uri": "https://other.example/"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
    ],
)
async def test_a_code_is_worth_nothing_in_the_wrong_hands(
    third: Application, leader: Phone, wrong: dict[str, str], error: str
) -> None:
    verifier = secrets.token_urlsafe(32)
    code = code_in(await third.link(leader, verifier))

    refused = await third.exchange(code, verifier, **wrong)
    then = await third.exchange(code, verifier)

    assert refused.json()["error"] == error
    assert then.status_code == HTTPStatus.OK


async def test_a_code_that_comes_again_takes_its_token_back(
    third: Application, leader: Phone
) -> None:
    verifier = secrets.token_urlsafe(32)
    code = code_in(await third.link(leader, verifier))
    token = (await third.exchange(code, verifier)).json()["access_token"]

    again = await third.exchange(code, verifier)
    answer = await third.call("v1/credentials/list", {}, token=token)

    assert again.json()["error"] == "invalid_grant"
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_code_is_good_for_a_minute(third: Application, leader: Phone, clock: Clock) -> None:
    verifier = secrets.token_urlsafe(32)
    code = code_in(await third.link(leader, verifier))
    clock.tick(timedelta(minutes=1))

    assert (await third.exchange(code, verifier)).json()["error"] == "invalid_grant"


async def test_a_token_is_good_for_an_hour(third: Application, clock: Clock) -> None:
    clock.tick(timedelta(hours=1))

    answer = await third.call("v1/credentials/list", {})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_token_can_be_given_back(third: Application) -> None:
    await third.http.post("/csc/oauth2/revoke", data={"token": third.token})

    answer = await third.call("v1/credentials/list", {})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_the_application_may_say_who_it_is_by_http_basic(
    third: Application, leader: Phone
) -> None:
    verifier = secrets.token_urlsafe(32)
    code = code_in(await third.link(leader, verifier))
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }  # fmt: skip

    answer = await third.http.post(
        "/csc/oauth2/token", data=form, auth=(str(third.client_id), third.secret)
    )

    assert answer.json()["token_type"] == "Bearer"


# --- what the official decides --------------------------------------------------------------


async def test_an_official_sees_and_withdraws_what_they_allowed(
    third: Application, leader: Phone
) -> None:
    (grant,) = (await leader.get("/csc-grants")).json()

    await leader.post(f"/csc-grants/{grant['id']}/withdraw")

    assert (grant["application"], grant["scope"]) == (APPLICATION, "service")
    assert (await leader.get("/csc-grants")).json() == []
    assert (await third.call("v1/credentials/list", {})).status_code == HTTPStatus.UNAUTHORIZED


async def test_nobody_withdraws_what_another_allowed(
    third: Application, leader: Phone, ministry: Ministry, as_: As
) -> None:
    (grant,) = (await leader.get("/csc-grants")).json()
    officer = await as_(ministry.officer)

    refusal = await officer.send("POST", f"/csc-grants/{grant['id']}/withdraw")

    assert refusal.status_code == HTTPStatus.NOT_FOUND
    assert (await third.call("v1/credentials/list", {})).status_code == HTTPStatus.OK


async def test_an_application_of_another_agency_is_unknown(
    third: Application, ministry: Ministry, as_: As
) -> None:
    stranger = await as_(ministry.stranger)

    refusal = await third.link(stranger, "a verifier")

    assert refusal.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"redirect_uri": "https://evil.example/"}, "csc.wrong_redirect"),
        ({"scope": "credential"}, "csc.hashes_needed"),
        ({"code_challenge_method": "plain"}, "malformed"),
        ({"code_challenge": "short"}, "malformed"),
        ({"hashes": ["AAAA"]}, "malformed"),
    ],
)
async def test_a_link_that_is_not_in_order_is_refused(
    third: Application, leader: Phone, changed: dict[str, Any], kind: str
) -> None:
    refusal = await third.link(leader, "a verifier", **changed)

    assert (refusal.status_code, refusal.json()["type"]) == (422, kind)


async def test_what_was_confirmed_is_what_is_allowed(third: Application, leader: Phone) -> None:
    other = [HASHES[1].replace("+", "-").replace("/", "_").rstrip("=")]

    refusal = await third.link(
        leader, "a verifier", scope=Scope.CREDENTIAL, digests=DIGESTS[:1], hashes=other
    )

    assert refusal.status_code == HTTPStatus.UNAUTHORIZED


# --- the agency's applications --------------------------------------------------------------


async def test_an_administrator_lets_applications_in_and_shuts_them_out(
    third: Application, ministry: Ministry, as_: As
) -> None:
    administrator = await as_(ministry.administrator)
    body = {"name": "Kho bạc", "redirect_uri": "https://kb.example/back"}

    made = (await administrator.post("/csc-clients", json=body)).json()
    known = (await administrator.get("/csc-clients")).json()
    await administrator.post(f"/csc-clients/{third.client_id}/close")

    assert made["client_secret"]
    assert {each["name"] for each in known} == {"Kho bạc", APPLICATION}
    assert all("client_secret" not in each for each in known)
    assert (await third.call("v1/credentials/list", {})).status_code == HTTPStatus.UNAUTHORIZED


async def test_only_an_administrator_does(third: Application, leader: Phone) -> None:
    body = {"name": "Kho bạc", "redirect_uri": "https://kb.example/back"}

    for answer in (
        await leader.send("POST", "/csc-clients", json=body),
        await leader.send("GET", "/csc-clients"),
        await leader.send("POST", f"/csc-clients/{third.client_id}/close"),
    ):
        assert answer.status_code == HTTPStatus.FORBIDDEN


async def test_an_address_that_others_can_read_is_refused(ministry: Ministry, as_: As) -> None:
    administrator = await as_(ministry.administrator)
    body = {"name": "Kho bạc", "redirect_uri": "http://kb.example/back"}

    refusal = await administrator.send("POST", "/csc-clients", json=body)

    assert refusal.json()["type"] == "malformed"


# --- one phone ------------------------------------------------------------------------------


async def test_a_phone_has_one_prompt_at_a_time(
    third: Application, engines: Engines, has: Any
) -> None:
    await has("84900003001")
    waiting = asyncio.create_task(third.call("v2/credentials/authorize", third.authorization()))
    await until(lambda: bool(operator(engines).shown_on("84900003001")))

    busy = await third.call("v2/credentials/authorize", third.authorization())
    (prompt,) = operator(engines).shown_on("84900003001")
    operator(engines).type_pin("84900003001", prompt.id, "123456")

    assert (busy.status_code, busy.json()["error"]) == (503, "temporarily_unavailable")
    assert "SAD" in (await waiting).json()
    assert operator(engines).prompts() == 1


async def test_a_closed_account_signs_no_more(
    third: Application, engines: Engines, ministry: Ministry
) -> None:
    async with engines.db.begin() as tx:
        principal = await tx.session.get_one(Principal, ministry.leader.id)
        principal.closed_at = tx.now
        tx.session.add(principal)

    assert (await third.call("v1/credentials/list", {})).status_code == HTTPStatus.UNAUTHORIZED


async def test_a_paper_of_ours_on_the_phone_keeps_third_parties_waiting(
    third: Application, engines: Engines, ministry: Ministry
) -> None:
    ours = LivePrompt(
        phone_number=PHONE,
        agency_id=ministry.leader.agency_id,
        transaction_id=new_id(),
        since=engines.db.clock(),
    )
    async with engines.db.begin() as tx:
        tx.session.add(ours)

    busy = await third.call("v2/credentials/authorize", third.authorization())

    assert busy.json()["error"] == "temporarily_unavailable"
    assert operator(engines).prompts() == 0
