"""The URLs of an uploaded certificate lead nowhere but to listed trust services."""

import socket
from collections.abc import AsyncGenerator
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.signing.trust.addresses import AllowList
from api.signing.trust.errors import AddressRefused, TrustServiceSilent
from api.signing.trust.http import GuardedResolver, HttpTrustServices
from api.signing.trust.port import WIRES, Kind, Question
from tests.support.serving import Served, served

LISTED = AllowList(["ocsp.ca.gov.vn", "tsa.ca.gov.vn:8443", ".ncca.vn", "10.1.2.3", "8.8.8.8"])


@pytest.mark.parametrize(
    "url",
    [
        "http://ocsp.ca.gov.vn/",
        "http://OCSP.ca.gov.vn./x",
        "https://ocsp.ca.gov.vn:443/",
        "https://tsa.ca.gov.vn:8443/tsa",
        "http://crl.ncca.vn/root.crl",
        "http://8.8.8.8/",
    ],
)
def test_what_is_listed_may_be_asked(url: str) -> None:
    assert LISTED.must_allow(url).hostname


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "http://ocsp.ca.gov.vn@evil.example/",
        "http://user:word@ocsp.ca.gov.vn/",
        "http://ocsp.ca.gov.vn:22/",
        "http://tsa.ca.gov.vn/",
        "http://ocsp.ca.gov.vn.evil.example/",
        "http://evilncca.vn/",
        "http://ncca.vn/",
        "ldap://ocsp.ca.gov.vn/cn=x",
        "file:///etc/passwd",
        "gopher://ocsp.ca.gov.vn/",
        "//ocsp.ca.gov.vn/",
        "http:///nobody",
        "http://[::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://ocsp.ca.gov.vn:99999/",
        "http://[not an address/",
        "http://10.1.2.3/",  # listed, but inside a private network that is not
        "http://2130706433/",
        "http://0x7f.1/",
    ],
)
def test_nothing_else_is_asked(url: str) -> None:
    with pytest.raises(AddressRefused):
        LISTED.must_allow(url)


@given(st.ip_addresses())
def test_only_public_addresses_are_connected_to(address: object) -> None:
    found = ip_address(str(address))
    refused = False
    try:
        AllowList().must_allow_address(found)
    except AddressRefused:
        refused = True

    assert refused or (found.is_global and not found.is_private)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1",
     "224.0.0.1", "ff02::1"],
)  # fmt: skip
def test_no_inner_address_passes_in_any_dress(address: str) -> None:
    with pytest.raises(AddressRefused):
        AllowList().must_allow_address(ip_address(address))


def test_a_ministry_lists_its_own_network() -> None:
    own = AllowList(["10.1.2.3"], ["10.1.0.0/16"])

    assert own.must_allow("http://10.1.2.3/ocsp").hostname == "10.1.2.3"
    with pytest.raises(AddressRefused):
        own.must_allow_address(ip_address("10.2.0.1"))


async def test_a_listed_name_that_leads_inside_is_refused() -> None:
    resolver = GuardedResolver(AllowList(["localhost"]))

    with pytest.raises(AddressRefused):
        await resolver.resolve("localhost", 80, socket.AF_UNSPEC)
    way = HttpTrustServices(AllowList(["localhost:9"]))
    with pytest.raises(AddressRefused):
        await way.ask(Question(Kind.CRL, "http://localhost:9/x.crl"))
    await way.close()


# --- a host that is listed, and hostile ------------------------------------------------------


async def _redirect(_: Request) -> Response:
    return RedirectResponse("/secret", status_code=302)


async def _too_large(_: Request) -> Response:
    return Response(b"x" * (WIRES[Kind.CERTIFICATE].most_bytes + 1))


async def _never(request: Request) -> Response:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response(b"late")


@pytest.fixture
async def hostile() -> AsyncGenerator[tuple[Served, list[str], HttpTrustServices]]:
    seen: list[str] = []

    async def secret(request: Request) -> Response:
        seen.append(request.url.path)
        return Response(b"secret")

    routes = [Route("/redirect", _redirect), Route("/too-large", _too_large),
              Route("/never", _never), Route("/secret", secret)]  # fmt: skip
    async with served(Starlette(routes=routes), timeout_graceful_shutdown=0) as there:
        allowed = AllowList([f"127.0.0.1:{there.port}"], ["127.0.0.0/8"])
        way = HttpTrustServices(allowed, seconds=0.5)
        yield there, seen, way
        await way.close()


@pytest.mark.parametrize("path", ["redirect", "too-large", "never"])
async def test_a_hostile_answer_is_given_up(
    path: str, hostile: tuple[Served, list[str], HttpTrustServices]
) -> None:
    there, seen, way = hostile

    with pytest.raises(TrustServiceSilent):
        await way.ask(Question(Kind.CERTIFICATE, f"{there.url}/{path}"))
    assert seen == []
