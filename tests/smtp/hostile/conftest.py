import pytest

from tests.smtp.hostile.between import Between
from tests.smtp.hostile.old import Old


@pytest.fixture
def start_between():
    """Stand between the client and `smtpd`: `start_between(smtpd, change=..., pieces=1)`."""
    started = []

    def start(smtpd, **options):
        started.append(Between(smtpd.port, **options).start())
        return started[-1]

    yield start
    for line in started:
        line.stop()


@pytest.fixture
def over_the_internet(monkeypatch):
    """As if the test server had a public address: what is allowed to private ones is not allowed now."""
    monkeypatch.setattr("mailrith.smtp.signing_in.is_public", lambda address: True)


@pytest.fixture
def start_old():
    """Start servers whose TLS is old, and that say so: `start_old(server_context("tls-1.0"), starttls=True)`."""
    started = []

    def start(context, *, starttls):
        started.append(Old(context, starttls=starttls).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()
