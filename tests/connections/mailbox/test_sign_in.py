"""Where the sign-in for sending may go along to: to servers of the same service."""

import pytest

from mailrith.connections.mailbox.sign_in import may_share
from mailrith.connections.models import AuthMechanism


def sends_by(host, mechanism=AuthMechanism.XOAUTH2):
    class Sending:
        auth_mechanism, sealed_oauth_refresh = mechanism, None

    Sending.host = host
    return Sending


@pytest.mark.parametrize(
    ("own", "mailbox", "allowed"),
    [
        ("smtp.gmail.com", "imap.gmail.com", True),
        ("smtp.office365.com", "outlook.office365.com", True),
        ("mail.example.co.uk", "imap.example.co.uk", True),
        ("mail.example.co.uk", "imap.another.co.uk", False),
        ("smtp.gmail.com", "imap.gmail.com.evil.example", False),
        ("smtp.gmail.com", "gmail.example", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "20.0.0.1", False),
        ("", "", False),  # its key is lost
    ],
)
def test_tokens_go_to_the_service_that_they_are_for(own, mailbox, allowed):
    assert may_share(sends_by(own), mailbox) == allowed


def test_without_tokens_there_is_nothing_to_share():
    assert not may_share(sends_by("smtp.gmail.com", AuthMechanism.PLAIN), "imap.gmail.com")
