"""The bus between processes: what happens while its server is dead, hangs, or comes back."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from core.bus import nats
from core.bus.local import LocalBus
from core.bus.nats import NatsBus, NatsServers
from core.bus.port import LOST, Wake
from tests.support.brokers import Broker, broker
from tests.support.buses import running, take, take_until, until_they_hear_each_other
from tests.support.tls import self_signed
from tests.support.waiting import until

ONE, TWO = (Wake("room:1", n, b"{}") for n in (1, 2))


@pytest.fixture
def server() -> Iterator[Broker]:
    with broker() as running_server:
        yield running_server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats, "PATIENCE", 1)
    monkeypatch.setattr(nats, "BEAT", 0.2)
    monkeypatch.setattr(nats, "PAUSE", 0.05)


async def test_without_a_server_a_process_still_hears_itself(server: Broker) -> None:
    server.kill()
    async with running(server.url) as (here, _), here.subscribe() as messages:
        here.publish(ONE)

        assert await take(messages, 1) == [ONE]
        assert not here.is_connected


async def test_processes_that_were_parted_are_told_so_when_the_server_is_back(
    server: Broker,
) -> None:
    async with running(server.url) as (here, there):
        await until_they_hear_each_other([here, there])
        async with there.subscribe() as messages:
            server.kill()
            await until(lambda: not here.is_connected)
            here.publish(ONE)
            server.start()

            assert await take(messages, 1) == [LOST]
            await until(lambda: here.is_connected and there.is_connected)
            here.publish(TWO)
            assert (await take_until(messages, TWO)).count(ONE) == 0


async def test_the_others_learn_that_one_was_away(server: Broker) -> None:
    """They were connected all the time, and know of no loss of their own."""
    async with running(server.url) as (here, there):
        await until_they_hear_each_other([here, there])
        async with there.subscribe() as messages, running(server.url, 1) as (late,):
            await until(lambda: late.is_connected)

            assert await take(messages, 1) == [LOST]


async def test_a_server_that_hangs_holds_nobody_up_and_takes_no_memory(
    server: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats, "BATCH", 100_000)
    large = Wake("room:1", 1, b"x" * 200_000)
    async with running(server.url) as (here, there):
        await until_they_hear_each_other([here, there])
        server.stall()
        since = time.monotonic()
        for _ in range(500):  # far more than the system buffers for it
            here.publish(large)
        assert time.monotonic() - since < 0.5
        await until(lambda: not here.is_connected)
        assert here._outbox._bytes < 40_000_000
        server.go_on()

        await until_they_hear_each_other([here, there])


async def test_a_frame_too_large_for_the_server_wakes_without_its_bytes(server: Broker) -> None:
    async with running(server.url) as (here, there):
        await until_they_hear_each_other([here, there])
        async with there.subscribe() as messages:
            here.publish(Wake("room:1", 1, b"x" * 2_000_000))
            here.publish(Wake("room:1", None, b"x" * 2_000_000))
            here.publish(TWO)

            assert await take(messages, 2) == [Wake("room:1", 1, b""), TWO]


@pytest.mark.parametrize("nonsense", [b"\xff\xfe", b"room:1", b"room:1 x\n{}", b"a b c\n"])
async def test_what_no_process_of_ours_would_send_is_passed_over(
    server: Broker, nonsense: bytes
) -> None:
    async with running(server.url) as (here, there):
        await until_they_hear_each_other([here, there])
        stranger = Client()
        await stranger.connect(server.url)
        async with there.subscribe() as messages:
            await stranger.publish(NatsServers("").subject, nonsense)
            await stranger.flush()
            here.publish(ONE)

            assert await take(messages, 1) == [ONE]
        await stranger.close()


async def test_it_says_once_that_the_server_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    tries: list[object] = []

    async def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tries.append(writer)
        writer.close()

    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as deaf:
        port = deaf.sockets[0].getsockname()[1]
        async with running(f"nats://127.0.0.1:{port}", 1):
            await until(lambda: len(tries) > 3)

    assert capsys.readouterr().out.count("bus.away") == 1


async def test_over_tls_the_servers_certificate_is_checked(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path)
    config = tmp_path / "nats.conf"
    names = f'cert_file: "{certificate}", key_file: "{key}", handshake_first: true'
    config.write_text(f"tls {{ {names} }}")
    with broker("-c", str(config)) as server:
        trusting = NatsBus(NatsServers(server.url, ca=certificate), LocalBus())
        (tmp_path / "other").mkdir()
        _, stranger = self_signed(tmp_path / "other")
        doubting = NatsBus(NatsServers(server.url, ca=stranger), LocalBus())
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(bus.run()) for bus in (trusting, doubting)]
            await until(lambda: trusting.is_connected and doubting._complained)
            for task in tasks:
                task.cancel()

        assert not doubting.is_connected


async def test_with_an_authority_nobody_talks_it_out_of_tls(server: Broker, tmp_path: Path) -> None:
    _, certificate = self_signed(tmp_path)
    bus = NatsBus(NatsServers(server.url, ca=certificate), LocalBus())
    trying = asyncio.create_task(bus.run())

    await until(lambda: bus._complained)

    assert not bus.is_connected
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
