import asyncio
from dataclasses import replace
from ipaddress import ip_network

import pytest

from mailrith.core.network import Policy
from mailrith.smtp.connecting import connect
from mailrith.smtp.server import Server, Timeouts
from mailrith.smtp.session import Session

LOOPBACK = Policy(allowed_networks=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
QUICK = Timeouts(connect=2, greeting=2, command=2, data=2, block=2, dot=2)


@pytest.fixture
def server_for():
    """The client's side of a test server: `server_for(smtpd, security="tls", ...)`."""

    def make(smtpd, **changes):
        values = {"security": "none", "policy": LOOPBACK, "timeouts": QUICK}
        return Server(host=smtpd.host, port=smtpd.port, **values | changes)

    return make


@pytest.fixture
def talk(server_for):
    """Connect, run `conversation(session)` and give what it gives. Fails on trouble."""

    def run(smtpd, conversation, **changes):
        async def main():
            session = await connect(server_for(smtpd, **changes))
            assert isinstance(session, Session), session
            try:
                return await conversation(session)
            finally:
                session.abort()

        return asyncio.run(main())

    return run


@pytest.fixture
def try_to_connect(server_for):
    """Connect and give the Session (already closed) or the Trouble."""

    def run(smtpd, *, timeouts=None, **changes):
        async def main():
            server = server_for(smtpd, **changes)
            found = await connect(replace(server, timeouts=timeouts or QUICK))
            if isinstance(found, Session):
                await found.quit()
            return found

        return asyncio.run(main())

    return run
