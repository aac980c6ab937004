"""A phone names the address of its push service; it must not lead us inside our own walls."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.errors import BadEndpoint
from push.gateway.guard import Guard, NotAllowed

INSIDE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
    "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "198.18.0.0/15",
)  # fmt: skip
INSIDE_6 = ("::1/128", "::/128", "fc00::/7", "fe80::/10", "ff00::/8", "fec0::/10", "2001:db8::/32")

inner = st.sampled_from(INSIDE).flatmap(lambda net: st.ip_addresses(v=4, network=net))
inner_6 = st.sampled_from(INSIDE_6).flatmap(lambda net: st.ip_addresses(v=6, network=net))


@given(inner | inner_6)
def test_nothing_inside_is_knocked_at(address: IPv4Address | IPv6Address) -> None:
    assert not Guard().allows(str(address))


@given(inner)
def test_no_disguise_of_it_helps(address: IPv4Address) -> None:
    number = int(address)
    disguises = (
        f"::ffff:{address}",
        str(IPv6Address((0x64FF9B << 96) | number)),
        str(IPv6Address((0x2002 << 112) | (number << 80))),
        f"fe80::1%{address}",
    )

    assert not any(Guard().allows(disguise) for disguise in disguises)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_the_rest_of_the_world_may_be_asked(address: str) -> None:
    assert Guard().allows(address)


def test_a_network_of_ones_own_may_be_allowed_and_only_it() -> None:
    guard = Guard([ip_network("10.20.0.0/16"), ip_network("fd00:1::/64")])

    assert guard.allows("10.20.3.4")
    assert guard.allows("::ffff:10.20.3.4")
    assert guard.allows("fd00:1::5")
    assert not guard.allows("10.21.0.1")
    assert not guard.allows("127.0.0.1")


@given(st.text(max_size=40))
def test_what_is_no_address_is_not_allowed(text: str) -> None:
    try:
        IPv4Address(text)
    except ValueError:
        assert ":" in text or not Guard().allows(text)


def test_a_name_is_judged_by_where_it_leads() -> None:
    found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))

    with pytest.raises(NotAllowed):
        Guard().open(found)
    Guard([ip_network("127.0.0.1/32")]).open(found).close()


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example.org/1", "https://", "https:///1", "ftp://push.example.org/1", "push",
        "https://127.0.0.1/1", "https://127.1/1", "https://2130706433/1", "https://10.0.0.1:8443/1",
        "https://[::1]/1", "https://user@push.example.org/1", "https://push.example.org:0/1",
        "https://push.example.org:99999/1", "https://[::1/1", "",
    ],
)  # fmt: skip
def test_only_https_outside_our_walls_is_an_endpoint(url: str) -> None:
    with pytest.raises(BadEndpoint):
        Guard().must_be_an_endpoint(url)


@pytest.mark.parametrize(
    "url", ["https://push.example.org/1", "https://8.8.8.8/1", "https://ntfy.bo.gov.vn:8443/up?1"]
)
def test_a_push_service_is_an_endpoint(url: str) -> None:
    assert Guard().must_be_an_endpoint(url).hostname
