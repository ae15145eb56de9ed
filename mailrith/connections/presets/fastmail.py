"""Fastmail.

Host, ports, app passwords: fastmail.com/help/technical/servernamesandports.html. Limits depend on plan and age of the account.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    TLS_465,
    Access,
    Group,
    Known,
    Preset,
)

FASTMAIL = Preset(
    provider=Provider.FASTMAIL,
    label="Fastmail",
    tagline="App password",
    group=Group.MAILBOX,
    endpoints=(TLS_465, STARTTLS_587),
    hosts={"": "smtp.fastmail.com"},
    username=Access("Fastmail address", "The address you sign in with, its domain included."),
    password=Access(
        "App password",
        "In Fastmail, open Settings, Privacy & Security, Manage app passwords. Your own password does not work.",
    ),
    limits=Known(
        words="Fastmail limits each account by plan and age; its help pages have the numbers."
    ),
    notes=(
        "Made for letters between people: bounces come to the mailbox, and nothing is reported back.",
    ),
    page="https://www.fastmail.com/help/technical/servernamesandports.html",
)
