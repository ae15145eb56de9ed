"""What could end a message early, at a real Postfix: one message goes in, and one arrives."""

import pytest

from mailrith.smtp.submit import submit
from tests.support.mailhost import PEOPLE

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
