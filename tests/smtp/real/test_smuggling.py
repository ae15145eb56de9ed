"""What could end a message early, at a real Postfix and a real Exim: one message goes in, and one arrives."""

import tempfile
from pathlib import Path

import pytest

from mailrith.smtp.submit import submit
from tests.support.mailhost import PEOPLE
from tests.support.mta import exim as mta
from tests.support.mta import foreign

HANNAH = "hannah@rig.test"
HEAD = b"From: <hannah@rig.test>\r\nSubject: Hello\r\nMessage-ID: <1@rig.test>\r\n\r\nHello"
SMUGGLED = (
    b"MAIL FROM:<hannah@rig.test>\r\nRCPT TO:<smuggled@list.test>\r\nDATA\r\n"
    b"Subject: Smuggled\r\n\r\nowned\r\n.\r\n"
)
# Each has ended a message at some server.
ENDINGS = (
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\n.\r\n",
)


GOOD_BYE = "closed by QUIT"  # the end of a session in Exim's log


@pytest.fixture
def send(mailhost, server_for):
    def one(door, recipient, message):
        class Door:
            host, port = mailhost.host, mailhost.port(door)

        server = server_for(
            Door,
            security="starttls",
            username=HANNAH,
            password=PEOPLE[HANNAH],
            ca_certificates=mailhost.ca,
        )
        return submit(server, HANNAH, recipient, message)

    return one


@pytest.mark.parametrize("door", ["submission", "data", "bare"])
@pytest.mark.parametrize("ending", ENDINGS, ids=repr)
def test_no_spelling_of_the_end_makes_two_messages_of_one(mailhost, send, door, ending):
    name = f"one-{door}-{ENDINGS.index(ending)}@list.test"
    outcome = send(door, name, HEAD + ending + SMUGGLED)
    after = send(door, f"after-{name}", HEAD)

    assert (outcome.kind, after.kind) == ("sent", "sent")
    mailhost.wait_for(rf"to=<after-{name}>.*status=sent")
    assert mailhost.wait_for(rf"to=<{name}>.*status=sent")
    assert "smuggled@list.test" not in mailhost.log()


def test_a_zero_byte_before_the_dot_never_reaches_the_server(mailhost, send):
    outcome = send("submission", "zero@list.test", HEAD + b"\r\n\0.\r\n" + SMUGGLED)

    assert (outcome.kind, outcome.stage) == ("refused", "local")
    assert "zero@list.test" not in mailhost.log()


@pytest.fixture(scope="module")
def exim():
    foreign.skip_unless_there()
    with tempfile.TemporaryDirectory(prefix="exim-") as folder:
        Path(folder).chmod(0o755)  # it has a user of its own
        running = mta.Exim(Path(folder), remote=9).start()
        yield running
        running.stop()


@pytest.mark.parametrize("door", mta.DOORS)
@pytest.mark.parametrize("ending", ENDINGS, ids=repr)
def test_exim_too_finds_one_message_in_one(exim, server_for, door, ending):
    class Door:
        host, port = exim.host, exim.ports[door]

    server, name = server_for(Door), f"one-{door}-{ENDINGS.index(ending)}@list.test"
    before = exim.log().count(GOOD_BYE)
    outcome = submit(server, HANNAH, name, HEAD + ending + SMUGGLED)

    assert outcome.kind == "sent"
    exim.wait_for(GOOD_BYE, count=before + 1)  # a smuggled message would stand before it
    exim.wait_for(rf"=> :blackhole: <{name}>")
    assert "smuggled@list.test" not in exim.log()
