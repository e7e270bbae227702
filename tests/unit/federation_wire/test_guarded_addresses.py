"""Which addresses this node connects to (P11): every class that is not plain global unicast is refused."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import FetchForbidden
from federation.fetch.guard import AddressRefused, check_url, is_global, socket_factory
from federation.receive.origins import origin_of

REFUSED = {
    "unspecified v4": "0.0.0.0",
    "this network": "0.1.2.3",
    "loopback": "127.0.0.1",
    "loopback elsewhere": "127.8.8.8",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 192": "192.168.1.1",
    "carrier-grade NAT": "100.64.0.1",
    "link-local": "169.254.1.1",
    "cloud metadata": "169.254.169.254",
    "protocol assignments": "192.0.0.1",
    "documentation": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "6to4 relay": "192.88.99.1",
    "benchmarking": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified v6": "::",
    "loopback v6": "::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped global": "::ffff:8.8.8.8",
    "compatible loopback": "::127.0.0.1",
    "compatible global": "::8.8.8.8",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::1",
    "discard": "100::1",
    "Teredo": "2001::1",
    "ORCHID": "2001:20::1",
    "documentation v6": "2001:db8::1",
    "documentation v6, new": "3fff::1",
    "6to4": "2002:7f00:1::1",
    "unique local": "fd00::1",
    "link-local v6": "fe80::1",
    "link-local with zone": "fe80::1%eth0",
    "site-local": "fec0::1",
    "multicast v6": "ff02::1",
    "segment routing": "5f00::1",
    "not an address": "example.org",
}
ACCEPTED = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"]


@pytest.mark.parametrize("name", REFUSED)
def test_special_addresses_are_refused(name: str) -> None:
    assert not is_global(REFUSED[name])


@pytest.mark.parametrize("address", ACCEPTED)
def test_global_unicast_is_accepted(address: str) -> None:
    assert is_global(address)


def info(address: str, port: int) -> tuple[object, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, 0, "", (address, port)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"])
def test_no_socket_is_made_for_a_refused_address(address: str) -> None:
    with pytest.raises(AddressRefused):
        socket_factory(allow_loopback=False)(info(address, 443))


def test_no_socket_is_made_for_another_port() -> None:
    with pytest.raises(AddressRefused):
        socket_factory(allow_loopback=False)(info("8.8.8.8", 22))


def test_the_development_setting_opens_this_machine_and_nothing_else() -> None:
    make = socket_factory(allow_loopback=True)

    make(info("127.0.0.1", 8101)).close()
    make(info("8.8.8.8", 443)).close()
    for address, port in (("10.0.0.1", 443), ("::ffff:127.0.0.1", 8101), ("8.8.8.8", 80)):
        with pytest.raises(AddressRefused):
            make(info(address, port))


@pytest.mark.parametrize(
    "url",
    [
        "http://coop.example/body",
        "http://127.0.0.1:8101/body",
        "https://coop.example:8443/body",
        "https://me:secret@coop.example/body",
        "https://me@coop.example/body",
        "ftp://coop.example/body",
        "file:" + "///secret",
        "javascript:alert(1)",
        "data:text/plain,x",
        "//coop.example/body",
        "/body",
        "",
        "https:///body",
        "https://coop.example/a b",
        "https://coop.example/\n",
        "https://coop.example:99999/",
        "https://[::1/",
        "https://coop.example;/",
        "https://coop.example%2e/",
        "https://coop\u3002example/",
        "https://me:@coop.example/",
        "https://coop.example\\@evil.example/",
        "https://coop.example/" + "a" * 3000,
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(FetchForbidden, match=r".") as refusal:
        check_url(url, allow_loopback=False)

    assert refusal.value.code == "url-forbidden"


def test_https_on_its_own_port_is_accepted_without_fragment() -> None:
    assert (
        str(check_url("https://coop.example/body?x=%2F#key", allow_loopback=False)) == "https://coop.example/body?x=%2F"
    )
    assert str(check_url("https://coop.example:443/body", allow_loopback=False)).startswith("https://coop.example")


def test_plain_http_reaches_only_this_machine_and_only_in_development() -> None:
    assert check_url("http://127.0.0.1:8101/body", allow_loopback=True).port == 8101
    for url in ("http://coop.example/body", "http://10.0.0.1/body", "http://[::ffff:127.0.0.1]/"):
        with pytest.raises(FetchForbidden):
            check_url(url, allow_loopback=True)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(("https://a.example", "https://", "http://127.0.0.1", "HTTPS://A.")),
    st.text(alphabet=st.sampled_from("/?#@:%[]\\.0aA;_-\u00e9\u202e\u3002 \t"), max_size=12),
)
def test_what_is_fetched_has_the_origin_that_is_compared(beginning: str, rest: str) -> None:
    url = beginning + rest
    for allow_loopback in (False, True):
        with suppress(FetchForbidden):
            asked = check_url(url, allow_loopback=allow_loopback)
            assert (asked.scheme, str(asked.raw_host).rstrip(".").lower(), asked.port) == origin_of(url)
