import asyncio
import socket
import threading
from ipaddress import ip_network

import pytest

from mailrith.core.network import (
    MAX_ADDRESSES,
    Policy,
    Refused,
    Resolved,
    is_loopback_host,
    resolve,
    resolve_now,
)

PUBLIC = Policy()
LOOPBACK = Policy(allowed_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


def answering(*addresses):
    async def lookup(name, port):
        return list(addresses)

    return lookup


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "2130706433",
        "0.0.0.0",
        "0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "[::1]",
        "::",
        "::ffff:10.0.0.1",
        "::ffff:a00:1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "fd00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "①②⑦.⓪.⓪.①",
        "",
        "   ",
        "a..b",
        "-a.example",
        "a b.example",
        "x\r\ny.example",
        "1.2.3.4.5",
        "a" * 300,
    ],
)
def test_a_host_that_is_not_public_is_refused_without_asking_a_name_server(host):
    async def lookup(name, port):
        raise AssertionError(f"asked for {name}")

    assert isinstance(resolve_now(host, 587, PUBLIC, lookup=lookup), Refused)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_may_be_reached(address):
    found = resolve_now(address, 587, PUBLIC)

    assert isinstance(found, Resolved)
    assert found.addresses
    assert not found.loopback


@pytest.mark.parametrize("inner", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_one_private_address_among_public_ones_refuses_the_name(inner):
    found = resolve_now("mail.example", 587, PUBLIC, lookup=answering("8.8.8.8", inner))

    assert isinstance(found, Refused)


def test_unknown_private_and_slow_names_get_the_same_sentence(monkeypatch):
    async def unknown(name, port):
        raise OSError("Name or service not known")

    async def slow(name, port):
        await asyncio.Event().wait()

    monkeypatch.setattr("mailrith.core.network.LOOKUP_SECONDS", 0.01)
    answers = {
        resolve_now("mail.example", 587, PUBLIC, lookup=lookup)
        for lookup in (unknown, slow, answering(), answering("10.0.0.1"))
    }

    assert len(answers) == 1


def test_an_allowed_network_may_be_reached_on_any_port():
    found = resolve_now("localhost", 1025, LOOPBACK, lookup=answering("127.0.0.1", "::1"))

    assert isinstance(found, Resolved)
    assert found.loopback


def test_an_allow_list_for_loopback_opens_nothing_else():
    assert isinstance(resolve_now("10.0.0.1", 587, LOOPBACK), Refused)


def test_a_mapped_loopback_address_counts_as_loopback():
    found = resolve_now("::ffff:127.0.0.1", 25, LOOPBACK)

    assert isinstance(found, Resolved)
    assert found.loopback


@pytest.mark.parametrize("port", [25, 80, 22, 6379, 0, -1, 70000])
def test_public_hosts_are_reached_on_mail_ports_only(port):
    found = resolve_now("8.8.8.8", port, PUBLIC)

    assert isinstance(found, Refused)
    assert found.field == "port"


def test_the_operator_can_open_a_port():
    assert isinstance(resolve_now("8.8.8.8", 25, Policy(allowed_ports=(25,))), Resolved)


def test_the_name_is_looked_up_once_and_its_addresses_are_what_is_used():
    asked = []

    async def flip_flop(name, port):
        asked.append(name)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    found = asyncio.run(resolve("Mail.Example.", 587, PUBLIC, lookup=flip_flop))

    assert isinstance(found, Resolved)
    assert asked == ["mail.example"]
    assert [str(address) for address in found.addresses] == ["8.8.8.8"]


def test_a_name_in_another_script_is_looked_up_in_ascii():
    asked = []

    async def lookup(name, port):
        asked.append(name)
        return ["8.8.8.8"]

    resolve_now("Pošta.example", 587, PUBLIC, lookup=lookup)

    assert asked == ["xn--pota-3va.example"] or asked[0].startswith("xn--")


def test_a_name_with_hundreds_of_addresses_is_cut():
    many = [f"8.8.{n // 250}.{n % 250 + 1}" for n in range(500)]
    found = resolve_now("mail.example", 587, PUBLIC, lookup=answering(*many))

    assert isinstance(found, Resolved)
    assert len(found.addresses) == MAX_ADDRESSES


def test_a_refusal_repeats_only_printable_characters():
    found = resolve_now("ev\x1bil\r\n host" + "x" * 500, 587, PUBLIC)

    assert isinstance(found, Refused)
    assert found.sentence.isprintable()
    assert len(found.sentence) < 400


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "127.0.0.9", "::1", "0x7f.1", "app.localhost"]
)
def test_this_machine_is_known_by_its_spelling(host):
    assert is_loopback_host(host)


@pytest.mark.parametrize("host", ["localhost.example", "127.0.0.1.example", "10.0.0.1", "", "::2"])
def test_other_machines_are_not_this_one(host):
    assert not is_loopback_host(host)


def test_a_name_server_that_hangs_is_not_waited_for(monkeypatch):
    ends = threading.Event()

    def hang(*args, **options):
        assert ends.wait(30)
        return []

    monkeypatch.setattr("mailrith.core.network.LOOKUP_SECONDS", 0.05)
    monkeypatch.setattr("mailrith.core.network.socket.getaddrinfo", hang)
    found = resolve_now("mail.example", 587, Policy())
    still_hanging = not ends.is_set() and any(t.name == "lookup" for t in threading.enumerate())
    ends.set()

    assert isinstance(found, Refused)
    assert still_hanging


def test_a_name_that_is_unknown_to_the_system_is_refused(monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("mailrith.core.network.socket.getaddrinfo", unknown)

    assert isinstance(resolve_now("mail.example", 587, Policy()), Refused)
