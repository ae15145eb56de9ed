"""Workers run on uvloop, whose transports are others than asyncio's."""

import asyncio

import pytest
import uvloop

from mailrith.smtp.connecting import connect
from mailrith.smtp.session import Session
from tests.support.certificates import ca_pem, server_context

USERS = {"ada": "correct horse"}
ADA = {"username": "ada", "password": "correct horse"}


def run(conversation):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(conversation())


@pytest.mark.parametrize("auth", ["plain", "login", "cram-md5"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_goes_through_and_everything_is_told(start_smtpd, server_for, security, auth):
    smtpd = start_smtpd(
        **{security: server_context()}, users=USERS, mechanisms="PLAIN LOGIN CRAM-MD5"
    )
    server = server_for(smtpd, security=security, ca_certificates=ca_pem(), auth=auth, **ADA)
    heard = {}

    async def conversation():
        session = await connect(server, observe=lambda passed: heard.update({passed.phase: passed}))
        assert isinstance(session, Session), session
        outcome = await session.send("a@example.org", "b@example.com", b"Subject: x\r\n\r\ny")
        await session.quit()
        return outcome

    assert run(conversation).kind == "sent"
    assert heard["certificate"].facts["chain"] == "localhost"
    assert heard["auth"].words == auth.upper()


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("expired", "certificate_expired"),
        ("self-signed", "certificate_self_signed"),
        ("wrong-name", "certificate_name"),
        ("unknown-authority", "certificate_untrusted"),
    ],
)
def test_a_bad_certificate_gets_no_password(start_smtpd, server_for, security, kind, cause):
    smtpd = start_smtpd(**{security: server_context(kind)}, users=USERS)
    server = server_for(smtpd, security=security, ca_certificates=ca_pem(), **ADA)

    async def conversation():
        return await connect(server)

    assert run(conversation).cause == cause
    assert smtpd.logins == []
