"""What every service that keeps officials' keys must do; an adapter is done when it passes."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.pdf.certificate import Mechanism
from api.signing.pdf.raw import check_digest
from api.signing.remote.port import Authorisation, NoRemoteKey, NotAuthorised, RemoteKeys
from api.signing.remote.simulated import SimulatedRemote
from tests.support import operators

PHONE, OTHER = "84900000001", "84900000002"
DIGESTS = [bytes([number]) * 32 for number in range(3)]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> SimulatedCa:
    return SimulatedCa(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=["simulated", "csc"])
async def remote(
    ca: SimulatedCa, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncGenerator[RemoteKeys]:
    operator = SimulatedMssp(tmp_path / "prompts", ca)
    keys = SimulatedRemote(tmp_path, ca, operator)
    if request.param == "simulated":
        yield keys
        return
    async with operators.remote_keys(tmp_path, keys, operator) as client:
        yield client


@pytest.fixture(params=Mechanism)
async def granted(ca: SimulatedCa, tmp_path: Path, request: pytest.FixtureRequest) -> Authorisation:
    return await authorised(ca, tmp_path, PHONE, request.param)


async def authorised(
    ca: SimulatedCa, folder: Path, phone: str, mechanism: Mechanism
) -> Authorisation:
    """Let a SIM sign a list of three digests."""
    number = f"{phone}{list(Mechanism).index(mechanism)}"
    operator = SimulatedMssp(folder / "prompts", ca)
    sim = await operator.enrol(number, name="Người ký", organization="Bộ", mechanism=mechanism)
    manifest = json.dumps({"list": [{"to_sign": each.hex()} for each in DIGESTS]}).encode()
    asked = Authorisation(uuid4(), number, manifest, sim, b"")
    return replace(asked, raw=ca.sign(f"sim-{number}", asked.digest, mechanism))


async def test_it_signs_each_digest_with_the_holders_key(
    remote: RemoteKeys, granted: Authorisation
) -> None:
    certificate = await remote.certificate(granted.phone_number)

    raws = await remote.sign(granted, DIGESTS)

    for digest, raw in zip(DIGESTS, raws, strict=True):
        check_digest(certificate, raw, digest)
    assert certificate.der != granted.sim.der
    assert certificate.name == granted.sim.name


async def test_asked_again_it_gives_the_same(remote: RemoteKeys, granted: Authorisation) -> None:
    assert await remote.sign(granted, DIGESTS) == await remote.sign(granted, DIGESTS)


async def test_an_authorisation_serves_one_list(
    remote: RemoteKeys, granted: Authorisation, ca: SimulatedCa
) -> None:
    await remote.sign(granted, DIGESTS)
    manifest = json.dumps({"list": [{"to_sign": "ff" * 32}]}).encode()
    other = replace(granted, manifest=manifest)
    label = f"sim-{granted.phone_number}"
    other = replace(other, raw=ca.sign(label, other.digest, granted.sim.mechanism))

    with pytest.raises(NotAuthorised):
        await remote.sign(other, other.digests)


async def test_a_longer_list_than_the_sim_signed_is_refused(
    remote: RemoteKeys, granted: Authorisation
) -> None:
    longer = json.loads(granted.manifest)
    longer["list"].append({"to_sign": "ff" * 32})

    with pytest.raises(NotAuthorised):
        await remote.sign(replace(granted, manifest=json.dumps(longer).encode()), DIGESTS)


async def test_it_signs_what_is_wanted_of_the_list_and_nothing_beside_it(
    remote: RemoteKeys, granted: Authorisation
) -> None:
    certificate = await remote.certificate(granted.phone_number)

    (raw,) = await remote.sign(granted, DIGESTS[1:2])

    check_digest(certificate, raw, DIGESTS[1])
    assert (await remote.sign(granted, DIGESTS))[1] == raw
    with pytest.raises(NotAuthorised):
        await remote.sign(granted, [DIGESTS[0], b"\xff" * 32])


async def test_another_sim_authorises_nothing(
    remote: RemoteKeys, granted: Authorisation, ca: SimulatedCa, tmp_path: Path
) -> None:
    theirs = await authorised(ca, tmp_path, OTHER, granted.sim.mechanism)

    for stolen in (
        replace(theirs, phone_number=granted.phone_number),
        replace(theirs, phone_number=granted.phone_number, sim=granted.sim),
    ):
        with pytest.raises(NotAuthorised):
            await remote.sign(stolen, DIGESTS)


@pytest.mark.parametrize("phone", ["84999999999", "../etc", "", "８４９"])
async def test_who_has_no_key_is_told_so(remote: RemoteKeys, phone: str) -> None:
    with pytest.raises(NoRemoteKey):
        await remote.certificate(phone)
