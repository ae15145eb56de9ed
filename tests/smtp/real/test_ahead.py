"""Envelopes behind dots at a real Postfix and a real Exim: each message arrives once."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from mailrith.smtp.connecting import connect
from mailrith.smtp.session import Session
from tests.support.mailhost import PEOPLE
from tests.support.mta import exim as mta
from tests.support.mta import foreign

HANNAH = "hannah@rig.test"
MESSAGE = b"From: <hannah@rig.test>\r\nSubject: Hello\r\n\r\nHello\r\n"
MANY = 30


@pytest.fixture(params=["Postfix", "Exim"])
def place(request, mailhost, server_for):
    """The client's settings for a door without chunks, the server, and what its log says of an arrival."""

    class Door:
        host = "127.0.0.1"

    if request.param == "Postfix":
        Door.port = mailhost.port("data")
        signed_in = {"username": HANNAH, "password": PEOPLE[HANNAH], "ca_certificates": mailhost.ca}
        yield (
            server_for(Door, security="starttls", **signed_in),
            mailhost,
            "to=<{}>.*status=sent",
        )
        return
    foreign.skip_unless_there()
    with tempfile.TemporaryDirectory(prefix="exim-") as folder:
        Path(folder).chmod(0o755)  # it has a user of its own
        running = mta.Exim(Path(folder), remote=9).start()
        Door.port = running.ports["pipelines"]
        yield server_for(Door), running, "=> :blackhole: <{}>"
        running.stop()


@pytest.fixture
def talk_to():
    """Connect to this server and give what the conversation gives."""

    def run(server, conversation):
        async def main():
            session = await connect(server)
            assert isinstance(session, Session), session
            try:
                return await conversation(session)
            finally:
                await session.quit()

        return asyncio.run(main())

    return run


async def chain(session, names):
    """All of them, the next one's envelope behind each dot."""
    outcomes, ahead = [], []
    for number, name in enumerate(names):
        following = names[number + 1 : number + 2]

        def after_dot(following=following):
            ahead.extend(session.send_ahead(HANNAH, one, MESSAGE) for one in following)

        outcomes.append(await session.send(HANNAH, name, MESSAGE, after_dot=after_dot))
    return outcomes, ahead


def test_every_message_of_a_chain_arrives_once(place, talk_to):
    server, host, arrived = place
    names = [f"chain-{number}@list.test" for number in range(MANY)]

    outcomes, ahead = talk_to(server, lambda session: chain(session, names))

    assert [outcome.kind for outcome in outcomes] == ["sent"] * MANY
    assert ahead == [True] * (MANY - 1)
    for name in names:
        host.wait_for(arrived.format(name))
    assert host.log().count(f"<{names[0]}>") == host.log().count(f"<{names[-1]}>")
