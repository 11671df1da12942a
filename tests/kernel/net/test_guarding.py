"""No address inside the operator's network is called, however it is dressed up."""

from __future__ import annotations

import ipaddress

import pytest

from rapport.kernel.net.guarding import Forbidden, Unresolved, find_target, is_inside


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
    ],
)
def test_the_inside_is_known_by_all_its_names(ip: str) -> None:
    assert is_inside(ipaddress.ip_address(ip))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_the_outside_is_open(ip: str) -> None:
    assert not is_inside(ipaddress.ip_address(ip))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://127.1/",
        "https://[::ffff:10.0.0.1]/",
        "http://8.8.8.8/",
        "https://user:secret@8.8.8.8/",
        "https://user@8.8.8.8/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "//8.8.8.8/",
        "https://",
        "https://8.8.8.8:99999/",
        "https://[8.8.8.8/",
        "",
    ],
)
def test_a_call_inside_or_in_disguise_is_forbidden(url: str) -> None:
    with pytest.raises(Forbidden):
        find_target(url)


def test_what_was_checked_is_what_is_connected_to() -> None:
    target = find_target("https://8.8.8.8:8443/hook?a=b#part")
    assert target.pinned_url == "https://8.8.8.8:8443/hook?a=b"
    assert target.host_header == "8.8.8.8:8443"
    assert find_target("https://[2606:4700::1111]").pinned_url == "https://[2606:4700::1111]:443/"


@pytest.mark.parametrize("allowed", ["localhost", " LOCALHOST , x", "127.0.0.0/8, ::1"])
def test_what_the_operator_allows_may_be_called_without_tls(allowed: str) -> None:
    target = find_target("http://localhost:81/hook", allowed=allowed)
    assert target.host_header == "localhost:81"


def test_an_allowed_network_does_not_open_another() -> None:
    with pytest.raises(Forbidden):
        find_target("http://127.0.0.1/", allowed="10.0.0.0/8, other.example, nonsense/99")


def test_a_name_that_nobody_knows_is_said_so() -> None:
    with pytest.raises(Unresolved):
        find_target("https://nobody.invalid/")
