"""Which words of a service say that the address is on its own suppression list."""

import pytest

from mailrith.events import listed


@pytest.mark.parametrize(
    "words",
    [
        "Amazon SES has suppressed sending to this address because it has a recent history of bouncing",
        "Amazon SES did not send the message to this address because it is on the suppression list for your account",
        "OnAccountSuppressionList",
        "UnsubscribedRecipient",
        "Suppressed",
        "Bounced Address",
        "Spam Reporting Address",
        "Unsubscribed Address",
        "Not delivering to previously bounced address",
        "Not delivering to a user who marked your messages as spam",
        "hard-bounce",
        "unsub",
        "preblocked",
        "blocked : due to blacklist user",
    ],
)
def test_words_about_a_list_of_the_service(words):
    assert listed.says_so(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Bad content",
        "Spam Content",
        "Invalid SMTPAPI header",
        "Sandbox subdomains are for test purposes only",
        "Attribute 'name' is not present in the rendering data",
        "Message contained a virus",
        "duplicate in campaign",
        "Your IP is on the blocklist of Spamhaus",
        "550 5.7.1 sender domain is on a blacklist",
        "daily quota reached",
    ],
)
def test_words_about_anything_else(words):
    assert not listed.says_so(words)
