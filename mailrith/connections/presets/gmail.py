"""Gmail and Google Workspace.

Host and ports: support.google.com/mail/answer/7126229. App passwords: support.google.com/accounts/answer/185833. XOAUTH2 and its scope:
developers.google.com/workspace/gmail/imap/xoauth2-protocol. Limits of 500 recipients a day (Gmail) and 2,000 (Workspace), over
24 hours that roll: support.google.com/a/answer/166852.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    TLS_465,
    Access,
    Group,
    Known,
    OAuth,
    Preset,
)

GMAIL = Preset(
    provider=Provider.GMAIL,
    label="Gmail",
    tagline="App password or OAuth",
    group=Group.MAILBOX,
    endpoints=(STARTTLS_587, TLS_465),
    hosts={"": "smtp.gmail.com"},
    username=Access(
        "Gmail address",
        "The whole address of the mailbox. From has to be the same address or one of its aliases.",
    ),
    password=Access(
        "App password",
        "Turn on 2-Step Verification, then create one at myaccount.google.com/apppasswords. Your own password does not work.",
    ),
    oauth=OAuth(
        token_url="https://oauth2.googleapis.com/token",
        scope="https://mail.google.com/",
        hint="Create an OAuth client in the Google Cloud console and let it ask for offline access once: that gives the refresh token.",
    ),
    limits=Known(
        per_day=500,
        words="500 people in 24 hours with Gmail, 2,000 with Google Workspace. Beyond that Google locks sending for a day.",
    ),
    keeps_message_id=True,
    notes=(
        "Made for letters between people: bounces come to the mailbox, and nothing is reported back.",
    ),
    page="https://support.google.com/mail/answer/7126229",
)
