"""Which header fields people may name themselves, and which are ours, the relay's or somebody's trap."""

import re
import unicodedata

from mailrith.core.errors import Invalid

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,60}")

RESERVED = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "received",
        "return-path",
        "mime-version",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "received-spf",
        "delivered-to",
        "errors-to",
        "precedence",
        "feedback-id",
        "auto-submitted",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "list-id",
        "list-help",
        "list-subscribe",
        "list-post",
        "list-owner",
        "list-archive",
        "disposition-notification-to",
        "return-receipt-to",
        "x-original-to",
        "bimi-location",
        "bimi-indicator",
        "x-smtpapi",
    ]
)
"""Whole names."""

RESERVED_BEGINNINGS = (
    "content-",
    "resent-",
    "arc-",
    # ours
    "x-mailrith-",
    # what mail services obey: tracking, streams, templates, other recipients (connections.presets)
    "x-ses-",
    "x-pm-",
    "x-sg-",
    "x-sendgrid-",
    "x-mailgun-",
    "resend-",
    "x-mailin-",
    "x-sib-",
    "x-msys-",
    "x-mj-",
    "x-mailjet-",
    "x-smtp2go-",
    "x-mailersend-",
    "x-elasticemail-",
    "x-postal-",
    "x-mt-",
    "x-mc-",
    # what mailboxes and their filters believe
    "x-google-",
    "x-gm-",
    "x-ms-",
    "x-microsoft-",
    "x-forefront-",
    "x-spam-",
)

# Case and punctuation are no difference: there are programs that read X_SMTPAPI as X-SMTPAPI.
_BARE = frozenset(name.replace("-", "") for name in RESERVED)


def refuse_reserved(name: str) -> str:
    """The name of a field that somebody wants to add, as given.

    Raises Invalid where it is no field name (RFC 5322, 3.6.8, ASCII, 60 characters at the most) and where it is not for others.
    """
    if _is_reserved(name):
        raise Invalid(f"The header {name.strip()[:60]} is set by Mailrith itself.", field="headers")
    if not _TOKEN.fullmatch(name):
        raise Invalid(f"“{name[:60]}” can't be the name of a header.", field="headers")
    return name


def check_own(name: str) -> str:
    """The name of a field that we set ourselves for a mail service. Raises Invalid for what stands in every letter."""
    known = name.lower() in RESERVED - {"x-smtpapi"} or name.lower().startswith("content-")
    if known or not _TOKEN.fullmatch(name):
        raise Invalid(f"“{name[:60]}” can't be a header of a mail service.", field="headers")
    return name


def _is_reserved(name: str) -> bool:
    # Wide letters and the like become plain ones, so that the sentence names what was meant.
    plain = unicodedata.normalize("NFKC", name).casefold()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return dashed.replace("-", "") in _BARE or f"{dashed}-".startswith(RESERVED_BEGINNINGS)
