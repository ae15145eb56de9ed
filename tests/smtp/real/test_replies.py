"""Many messages over one session of a real Postfix, some of them refused: every reply is that of its message."""

import asyncio

import pytest

from mailrith.smtp.connecting import connect
from tests.support.mailhost import LATER_SENDER, PEOPLE, REFUSED_SENDER

HANNAH = "hannah@rig.test"
COUNT = 60
WAYS = {"submission": "chunking", "data": "pipelining", "bare": None}  # door -> how it is spoken to


@pytest.fixture
def carry(mailhost, server_for):
    """Carry (sender, recipient, message) after (sender, recipient, message) over one session of a door."""

    def run(door, letters):
        class Door:
            host, port = mailhost.host, mailhost.port(door)

        server = server_for(
            Door,
            security="starttls",
            username=HANNAH,
            password=PEOPLE[HANNAH],
            ca_certificates=mailhost.ca,
        )

        async def main():
            session = await connect(server)
            assert WAYS[door] is None or WAYS[door] in session.features
            outcomes = [await session.send(*letter) for letter in letters]
            assert session.usable
            await session.quit()
            return outcomes

        return asyncio.run(main())

    return run


def message(number, size=0):
    head = (
        f"From: <{HANNAH}>\r\nSubject: {number}\r\nMessage-ID: <{number}@rig.test>\r\n\r\nHello\r\n"
    )
    return head.encode() + b"another line of it\r\n" * size


@pytest.mark.parametrize("door", WAYS)
def test_every_reply_is_that_of_its_message(mailhost, carry, door):
    senders = {3: REFUSED_SENDER, 4: LATER_SENDER}  # of each seven
    letters = [
        (senders.get(n % 7, HANNAH), f"{door}-{n}@list.test", message(n, size=n * 10))
        for n in range(COUNT)
    ]

    outcomes = carry(door, letters)

    expected = [{3: "refused", 4: "deferred"}.get(n % 7, "sent") for n in range(COUNT)]
    assert [outcome.kind for outcome in outcomes] == expected
    for (_, recipient, _), outcome in zip(letters, outcomes, strict=True):
        if outcome.kind == "sent":
            # Postfix names its queue file in the reply, and whom the file is for in its log.
            queue_id = outcome.reply.text.rpartition(" ")[2]
            assert mailhost.wait_for(rf"{queue_id}: to=<{recipient}>.*status=sent")
        else:
            assert f"to=<{recipient}>, relay" not in mailhost.log()


def test_a_small_message_takes_a_chunk_and_a_large_one_data(mailhost, carry):
    """Both over one session, in turn."""
    letters = [(HANNAH, f"turn-{n}@list.test", message(n, size=10_000 * (n % 2))) for n in range(6)]

    assert {outcome.kind for outcome in carry("submission", letters)} == {"sent"}
    for _, recipient, content in letters:
        (queue_id,) = set(mailhost.wait_for(rf"(\S+): to=<{recipient}>.*status=sent"))
        (size,) = set(mailhost.wait_for(rf"{queue_id}: from=<{HANNAH}>, size=(\d+)"))
        assert int(size) > len(content) - content.count(
            b"\n"
        )  # stored with line feeds, and a Received line
