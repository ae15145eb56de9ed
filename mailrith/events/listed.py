"""Whether a service did not send because the address is on its own suppression list. From its words: each row with an example.

What a service refuses for another reason (its content, a quota, a template) says nothing about the person.
"""

import re

_SAID = (
    r"suppress",  # SES: OnAccountSuppressionList. Azure: Suppressed
    r"(?:bounced|unsubscribed|spam reporting) address",  # SendGrid: Spam Reporting Address
    r"previously (?:bounced|unsubscribed|complained)",  # Mailgun: Not delivering to previously bounced address
    r"marked your messages as spam",  # Mailgun: Not delivering to a user who marked your messages as spam
    r"^(?:hard-bounce|soft-bounce|spam|unsub|custom)$",  # Mandrill: unsub
    r"inactive recipient|manually deactivated",  # Postmark: ManuallyDeactivated
    r"pre-?blocked|spam reporter",  # Mailjet: preblocked
    r"(?:black|block|deny|ignore) ?list",  # Scaleway: blocklisted. Brevo: blocked : due to blacklist user
    r"unsubscribed ?recipient",  # SES: UnsubscribedRecipient
)
_WORDS = re.compile("|".join(_SAID), re.IGNORECASE)
# Lists of networks and of domains: they are about the sender.
_OF_SENDERS = re.compile(
    r"spamhaus|spamcop|barracuda|[dr]bl\b|\bip\b|domain|client host", re.IGNORECASE
)


def says_so(words: str) -> bool:
    """Whether these words of a rejection are about a list of the service."""
    said = words[:1000].strip()
    return _WORDS.search(said) is not None and _OF_SENDERS.search(said) is None
