"""Which URLs a subscription may name, and which addresses are public."""

import pytest

from services.notify.subscription.urls import UrlNotAllowedError, check_url, is_public

BAD = [
    "http://hooks.partner.example/", "HTTP://hooks.partner.example/", "https://127.0.0.1/", "https://[::1]/",
    "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00::]/", "https://0x7f000001/",
    "https://2130706433/", "https://0177.0.0.1/", "https://127.1/", "https://0/", "https://169.254.169.254/latest",
    "https://100.64.0.1/", "https://93.184.216.34/", "https://localhost/", "https://localhost./", "https://LOCALHOST/",
    "https://hooks.partner.example./", "https://inner/", "https://printer.local/", "https://db.internal/",
    "https://1.0.0.127.in-addr.arpa/", "https://me@hooks.partner.example/", "https://me:secret@hooks.partner.example/",
    "https://hooks.partner.example@127.0.0.1/", "https://hooks.partner.example:22/", "https://hooks.partner.example:80/",
    "https://hooks.partner.example:5432/", "https://hooks.partner.example:9092/", "https://hooks.partner.example:0/",
    "https://hooks.partner.example:99999/", "https://hooks.partner.example:x/", "file:///etc/passwd",
    "gopher://hooks.partner.example/", "ftp://hooks.partner.example/", "javascript:alert(1)",
    "//hooks.partner.example/",
    "hooks.partner.example", "https://", "https:///path", "https://hooks。partner。example/", "https://\uff4cocalhost/",
    "https://xn--80ak6aa92e.com/", "https://hooks.partner.example/#part", "https://hooks.partner.example/#",
    "https://hooks.partner.example/a b", "https://hooks.partner.example/\r\nHost: inner", "https://hooks.partner.example\\@inner/",
    "https://hooks_partner.example/", "https://-hooks.partner.example/", "https://hooks..example/", "https://[::1",
    "https://[fe80::1%25eth0]/", "https://hooks.partner.123/", "https://" + "a" * 64 + ".example/",
    "https://hooks.partner.example/" + "a" * 2000, "",
]  # fmt: skip
GOOD = [
    "https://hooks.partner.example/",
    "https://hooks.partner.example:443/alongside?from=us&x=%20",
    "https://Hooks.Partner.Example/in",
    "https://a.b.c.d-e.nhs.uk/hook",
]


@pytest.mark.parametrize("url", BAD)
def test_a_url_that_could_lead_inside_is_turned_down_with_its_reasons(url: str) -> None:
    with pytest.raises(UrlNotAllowedError) as caught:
        check_url(url, loopback=False)
    assert caught.value.reasons
    assert caught.value.fields == ("url",)


@pytest.mark.parametrize("url", GOOD)
def test_a_public_https_name_is_taken(url: str) -> None:
    assert check_url(url, loopback=False) == url


@pytest.mark.parametrize("url", ["http://127.0.0.1:8123/hook", "http://localhost:80/", "https://[::1]:8443/"])
def test_only_a_demo_may_send_to_itself(url: str) -> None:
    assert check_url(url, loopback=True) == url
    with pytest.raises(UrlNotAllowedError):
        check_url(url, loopback=False)


def test_a_demo_may_send_to_the_one_address_it_was_told_and_another_instance_may_not() -> None:
    url = "http://10.0.0.1:2527/peers"
    assert check_url(url, loopback=True, besides="10.0.0.1") == url
    for loopback, besides in ((True, "10.0.0.2"), (False, "10.0.0.1")):
        with pytest.raises(UrlNotAllowedError):
            check_url(url, loopback=loopback, besides=besides)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://hooks.partner.example/", "http://me@127.0.0.1/"])
def test_a_demo_may_send_to_nothing_else_that_is_barred(url: str) -> None:
    with pytest.raises(UrlNotAllowedError):
        check_url(url, loopback=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)
