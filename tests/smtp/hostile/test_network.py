import asyncio
import socket
from dataclasses import replace
from ipaddress import ip_network

import pytest

from mailrith.core.network import Policy
from mailrith.smtp.connecting import connect
from mailrith.smtp.server import Server, Timeouts
from mailrith.smtp.trouble import Trouble
from mailrith.smtp.verify import verify
from tests.support.certificates import ca_pem, server_context

ONE_ADDRESS = Policy(allowed_networks=(ip_network("127.0.0.1/32"),))
QUICK = Timeouts(connect=2, greeting=2, command=2, data=2, block=2, dot=2)
PRIVATE = "127.0.0.2"  # no less private than 10.0.0.1, and a test can listen there


def test_a_name_server_that_changes_its_mind_never_leads_to_a_private_address(start_smtpd):
    public, private = start_smtpd(), start_smtpd(host=PRIVATE)
    public.answer("greeting", "554 5.7.1 Enough")
    answers = []

    async def flip(name, port):
        answers.append(["127.0.0.1"] if len(answers) % 2 == 0 else [PRIVATE])
        return answers[-1]

    async def try_often(port):
        server = Server("mail.example", port, "none", policy=ONE_ADDRESS, timeouts=QUICK)
        return [(await connect(server, lookup=flip)).cause for _ in range(1000)]

    causes = asyncio.run(try_often(public.port)) + asyncio.run(try_often(private.port))

    assert len(answers) == 2000, "each connect asks once"
    assert causes[:1000] == ["greeting_refused", "host_refused"] * 500
    assert set(causes[1000:]) == {"connection_refused", "host_refused"}
    assert public.connections == 500
    assert private.connections == 0


def test_an_answer_with_one_private_address_among_public_ones_is_refused(start_smtpd):
    public, private = start_smtpd(), start_smtpd(host=PRIVATE)

    async def mixed(name, port):
        return ["127.0.0.1", PRIVATE]

    server = Server("mail.example", public.port, "none", policy=ONE_ADDRESS, timeouts=QUICK)

    assert asyncio.run(connect(server, lookup=mixed)).cause == "host_refused"
    assert (public.connections, private.connections) == (0, 0)


def test_the_certificate_is_asked_of_the_name_at_the_judged_address(start_smtpd):
    smtpd = start_smtpd(tls=server_context(), users={"ada": "correct horse"})

    async def here(name, port):
        return ["127.0.0.1"]

    server = Server(
        "localhost", smtpd.port, "tls", "ada", "correct horse",
        ca_certificates=ca_pem(), policy=ONE_ADDRESS, timeouts=QUICK,
    )  # fmt: skip
    elsewhere = replace(server, host="mail.example")

    assert verify(server, lookup=here).ok
    assert verify(elsewhere, lookup=here).failed.cause == "certificate_name"
    assert smtpd.logins == [("ada", "correct horse")]


def closed_port():
    with socket.create_server((PRIVATE, 0)) as free:
        return free.getsockname()[1]


def test_nobody_learns_what_is_inside(start_smtpd):
    """Open, closed, unknown, by name or by number, at a mail port or not: one answer, by one way."""
    inside = start_smtpd(host=PRIVATE)
    names = {"open.internal": [PRIVATE], "gone.internal": [], "meta.internal": ["169.254.169.254"]}
    asked = []

    async def lookup(name, port):
        asked.append(name)
        if not names[name]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return names[name]

    def told(host, port):
        server = Server(host, port, "none", policy=Policy(), timeouts=QUICK)
        found = asyncio.run(connect(server, lookup=lookup))
        assert isinstance(found, Trouble)
        return replace(found, words=found.words.replace(host, "HOST"))

    hosts = [PRIVATE, "10.0.0.1", "2130706434", "::1", "not a name", *names]
    answers = {told(host, port) for host in hosts for port in (inside.port, closed_port(), 587, 25)}

    assert len(answers) == 1
    assert answers.pop().cause == "host_refused"
    assert set(asked) == set(names), "every name is looked up, whether it exists or not"
    assert inside.connections == 0


@pytest.mark.parametrize(("port", "cause"), [(25, "port_25"), (110, "port_refused")])
def test_a_port_that_is_not_for_senders_is_told(port, cause):
    async def far(name, port):
        return ["8.8.8.8"]

    report = verify(Server("mail.example", port, timeouts=QUICK), lookup=far)

    assert (report.failed.name, report.failed.cause) == ("resolve", cause)


@pytest.fixture
def black_hole():
    """A port whose queue is full: the system drops what else knocks, as a firewall does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for line in waiting:
            line.close()


def test_a_black_hole_ends_within_the_budget(black_hole, monkeypatch):
    monkeypatch.setattr("mailrith.smtp.verify.TALK_SECONDS", 0.3)
    seen = []
    server = Server("127.0.0.1", black_hole, policy=ONE_ADDRESS)  # would wait for 30 s by itself
    report = verify(server, "a@example.org", observe=seen.append)

    assert (report.failed.name, report.failed.cause) == ("connect", "connect_timeout")
    assert [(step.name, step.ok) for step in seen] == [("resolve", True), ("connect", False)]


def test_a_black_hole_ends_with_the_time_for_connecting(black_hole):
    timeouts = Timeouts(connect=0.2)
    server = Server("127.0.0.1", black_hole, policy=ONE_ADDRESS, timeouts=timeouts)

    assert asyncio.run(connect(server)).cause == "connect_timeout"
