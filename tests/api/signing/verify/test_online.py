"""Verification may ask trust services; one that is dead costs certainty, and nothing else."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from typing_extensions import override

from api.demo.phone import Phone
from api.signing.evidence.asking import Inquiry
from api.signing.evidence.needs import needs_of
from api.signing.trust.port import Kind, Question, TrustServices
from api.signing.trust.simulated import Behaviour, SimulatedTrustServices
from api.signing.verify import command
from api.signing.verify.judging import judged
from api.signing.verify.rules import Policy
from api.wiring import Engines
from core.bounds import SandboxLimits
from core.clock import utc_now
from core.sandbox.pool import Sandbox
from tests.support.clock import Clock
from tests.support.forgers import put_into_the_bag
from tests.support.lasting import Archivist
from tests.support.ministry import Ministry, Person
from tests.support.signed_papers import Desk

As = Callable[[Person], Awaitable[Phone]]


class Calendar:
    """A clock of the present that can be set ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class OneNeverAnswers(TrustServices):
    """Services of which one lets everybody wait."""

    @override
    async def ask(self, question: Question) -> bytes:
        if "never" in question.url:
            await asyncio.Event().wait()
        return b"said"

    @override
    async def close(self) -> None:
        """Keep nothing."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Archivist:
    """A desk of its own: what is revoked here is revoked nowhere else."""
    return Archivist(Desk(tmp_path_factory.mktemp("online")))


@pytest.fixture(scope="module")
def paper(own: Archivist) -> Path:
    """A finished paper without any evidence inside."""
    return own.desk.issued()


def asked(
    own: Archivist, path: Path, policy: Policy = Policy.ISSUED, **manner: Behaviour
) -> dict[str, Any]:
    services = SimulatedTrustServices(own.desk.ca)
    services.behaviour.update({Kind(name): how for name, how in manner.items()})
    inquiry = Inquiry(services, own.desk.clock, [])

    async def judge() -> dict[str, Any]:
        sandbox = Sandbox(SandboxLimits(workers=1))
        try:
            return await judged(sandbox, path, own.trust, policy, own.desk.clock(), inquiry)
        finally:
            await sandbox.close()

    return asyncio.run(judge())


def test_offline_nothing_is_known_of_revocation(own: Archivist, paper: Path) -> None:
    said = own.desk.verify(paper).as_json()

    assert (said["verdict"], said["revocation"]) == ("valid", "not_checked")


def test_online_the_status_is_known_and_the_level_is_still_that_of_the_file(
    own: Archivist, paper: Path
) -> None:
    said = asked(own, paper)

    assert (said["verdict"], said["revocation"]) == ("valid", "good")
    shown = [(one["revocation_source"], one["level"]) for one in said["signatures"]]
    assert shown == [("online", "B-B")] * 2
    assert said["online"] == {"asked": 3, "answered": 3}


@pytest.mark.parametrize("manner", [Behaviour.DEAD, Behaviour.GARBAGE, Behaviour.WRONG_NONCE])
def test_a_service_that_fails_costs_certainty_alone(
    own: Archivist, paper: Path, manner: Behaviour
) -> None:
    crl = Behaviour.DEAD if manner is Behaviour.WRONG_NONCE else manner

    said = asked(own, paper, ocsp=manner, crl=crl)

    assert (said["verdict"], said["revocation"]) == ("valid", "not_checked")
    assert all(one["revocation_source"] is None for one in said["signatures"])


def test_the_list_stands_in_for_a_dead_responder(own: Archivist, paper: Path) -> None:
    said = asked(own, paper, ocsp=Behaviour.DEAD)

    assert (said["verdict"], said["revocation"]) == ("valid", "good")


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def late(tmp_path: Path, calendar: Calendar) -> Archivist:
    """A desk of its own, whose clock may be set."""
    return Archivist(Desk(tmp_path, clock=calendar))


def revoke_and_wait(late: Archivist, calendar: Calendar) -> None:
    calendar.ahead = timedelta(days=1)
    late.desk.ca.revoke(late.desk.leader.parsed.serial_number)
    calendar.ahead = timedelta(days=2)


async def test_who_waits_long_enough_gets_what_was_answered_until_then(own: Archivist) -> None:
    quick, never = ({"kind": "crl", "url": f"http://{one}.example"} for one in ("quick", "never"))
    inquiry = Inquiry(OneNeverAnswers(), own.desk.clock, [])
    needs = [{"about": each["url"], "ways": [each | {"body": b""}]} for each in (never, quick)]

    answers = await inquiry.answers(needs, [], within=0.05)

    assert [each["about"] for each in answers] == [quick["url"]]


def test_a_revoked_certificate_is_found_out(late: Archivist, calendar: Calendar) -> None:
    path = late.desk.certified()
    revoke_and_wait(late, calendar)

    said = asked(late, path, Policy.ANY)

    assert (said["verdict"], said["reason"]) == ("invalid", "certificate_revoked")
    assert [one["revocation_source"] for one in said["signatures"]] == ["online"]
    assert late.desk.verify(path).as_json()["verdict"] == "valid", "offline nobody knows"


def unreadable(der: bytes) -> bytes:
    """Return a certificate of version 5, which one library reads and the other refuses."""
    return der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04", 1)


def same_key_other_extensions(der: bytes) -> bytes:
    """Return an issuer that anybody can make of the true one: its signature says nothing more."""
    forged = x509.Certificate.load(der)
    extensions = forged["tbs_certificate"]["extensions"]
    extensions.append(extensions[0])
    return bytes(forged.dump(force=True))


def test_no_certificate_put_beside_keeps_the_signer_from_being_asked_about(
    late: Archivist, calendar: Calendar
) -> None:
    path = late.desk.certified()
    put_into_the_bag(path, *map(unreadable, late.desk.leader.chain))
    revoke_and_wait(late, calendar)

    said = asked(late, path, Policy.ANY)

    assert (said["verdict"], said["reason"]) == ("invalid", "certificate_revoked")
    assert said["online"] == {"asked": 2, "answered": 2}


def test_an_issuer_that_anybody_can_make_raises_no_error(own: Archivist) -> None:
    signer = x509.Certificate.load(own.desk.leader.der)
    forged = [x509.Certificate.load(same_key_other_extensions(e)) for e in own.desk.leader.chain]

    needs = needs_of([signer], forged)

    assert [need["about"] for need in needs] == [signer.sha256.hex()]


def test_what_was_stamped_before_it_was_revoked_stays_valid(
    late: Archivist, calendar: Calendar
) -> None:
    path = late.stamp(late.desk.certified())
    revoke_and_wait(late, calendar)

    said = asked(late, path, Policy.ANY)

    assert (said["verdict"], said["reason"]) == ("valid", "trusted")


def test_strangers_and_broken_files_raise_no_question(
    own: Archivist, paper: Path, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = Desk(tmp_path / "stranger", root_name="Another root").issued()
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(paper.read_bytes()[:-2000])

    assert asked(own, stranger)["online"] == {"asked": 0, "answered": 0}
    said = asked(own, broken)
    assert said["verdict"] != "valid"


def test_the_command_line_asks_when_it_is_told_to(
    own: Archivist, paper: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inquiry = Inquiry(SimulatedTrustServices(own.desk.ca), own.desk.clock, [])

    assert command.run(paper, own.trust, "issued", inquiry) == 0

    assert json.loads(capsys.readouterr().out)["revocation"] == "good"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_official_asks_by_a_word_in_the_address(
    engines: Engines, ministry: Ministry, clock: Clock, as_: As, own: Archivist, paper: Path
) -> None:
    clock.tick(utc_now() - clock())
    own.desk.ca.export_trust(engines.settings.trust)
    engines.verification.inquiry.services = SimulatedTrustServices(own.desk.ca)
    officer = await as_(ministry.officer)
    file = {"file": ("a.pdf", paper.read_bytes(), "application/pdf")}

    silent = await officer.send("POST", "/signatures/verifications", files=file)
    said = await officer.send("POST", "/signatures/verifications?online=true", files=file)

    assert (silent.json()["revocation"], silent.json()["online"]) == ("not_checked", None)
    assert (said.json()["revocation"], said.json()["online"]["answered"]) == ("good", 3)
