"""A sign-in by token at a real mail host: Postfix asks Dovecot, and Dovecot asks whose the token is."""

import asyncio

import pytest

from mailrith.smtp.server import NoToken
from mailrith.smtp.submit import submit
from mailrith.smtp.verify import verify
from tests.support.mailhost import PEOPLE

HANNAH = "hannah@rig.test"
MESSAGE = b"From: <hannah@rig.test>\r\nSubject: Hello\r\nMessage-ID: <1@rig.test>\r\n\r\nHello\r\n"


class Tokens:
    """What a service would hand out, one after another."""

    def __init__(self, *handed_out):
        self.handed_out, self.refused = list(handed_out), []

    async def token(self, *, refused=""):
        await asyncio.sleep(0)
        if refused:
            self.refused.append(refused)
        return self.handed_out.pop(0) if self.handed_out else NoToken("token_refused")


@pytest.fixture
def at_submission(mailhost, server_for):
    """Settings with a token source in the place of a password."""

    class Door:
        host, port = mailhost.host, mailhost.port("submission")

    def make(tokens, **changes):
        values = {"security": "starttls", "username": HANNAH, "ca_certificates": mailhost.ca}
        return server_for(Door, auth="xoauth2", tokens=tokens, **values | changes)

    yield make
    mailhost.reset()


def test_a_token_signs_in_and_carries_mail(mailhost, at_submission):
    mailhost.tokens["fresh"] = HANNAH

    report = verify(at_submission(Tokens("fresh")), HANNAH)
    outcome = submit(at_submission(Tokens("fresh")), HANNAH, "token@list.test", MESSAGE)

    assert report.ok, report
    assert outcome.kind == "sent", outcome
    queue_id = outcome.reply.text.rpartition(" ")[2]
    assert mailhost.wait_for(rf"{queue_id}: client=.*sasl_method=XOAUTH2, sasl_username={HANNAH}")


def test_a_token_that_was_withdrawn_is_replaced_by_a_new_one(mailhost, at_submission):
    mailhost.tokens["fresh"] = HANNAH
    tokens = Tokens("withdrawn", "fresh")

    assert verify(at_submission(tokens), HANNAH).ok
    assert tokens.refused == ["withdrawn"]


def test_a_token_of_somebody_else_signs_nobody_in(mailhost, at_submission):
    mailhost.tokens["theirs"] = "other@rig.test"
    report = verify(at_submission(Tokens("theirs", "theirs")), HANNAH)

    assert (report.failed.name, report.failed.cause) == ("auth", "token_not_taken")
    assert "theirs" not in str(report.as_data())


def test_a_password_is_no_token(at_submission):
    report = verify(at_submission(Tokens(PEOPLE[HANNAH], PEOPLE[HANNAH])), HANNAH)

    assert (report.failed.name, report.failed.cause) == ("auth", "token_not_taken")
