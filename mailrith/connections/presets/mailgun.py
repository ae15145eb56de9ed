"""Mailgun.

Ports: documentation.mailgun.com/docs/mailgun/user-manual/sending-messages. Headers:
documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/pass-sending-options. Variables come back as user-variables
of each event and stay in the mail: documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-attachments. Events name
the Message-ID: documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Choice,
    Group,
    Option,
    Preset,
    Trace,
)

MAILGUN = Preset(
    provider=Provider.MAILGUN,
    label="Mailgun",
    tagline="SMTP credentials of a domain",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    hosts={"us": "smtp.mailgun.org", "eu": "smtp.eu.mailgun.org"},
    host_option="region",
    username=Access(
        "SMTP login",
        "In Mailgun, open Sending, Domain settings, SMTP credentials. It looks like postmaster@mg.example.com.",
    ),
    password=Access(
        "SMTP password", "Reset it on the same page; Mailgun shows it once. It is not the API key."
    ),
    options=(
        Option(
            "region",
            "Region",
            hint="Where your domain was added.",
            choices=(Choice("us", "US"), Choice("eu", "EU")),
            default="us",
            required=True,
        ),
    ),
    headers=(
        ("X-Mailgun-Track", "no"),
        ("X-Mailgun-Track-Opens", "no"),
        ("X-Mailgun-Track-Clicks", "no"),
    ),
    trace=Trace("X-Mailgun-Variables", before='{"mailrith": "', after='"}'),
    keeps_message_id=True,
    notes=("Leave unsubscribe tracking off for the domain, or Mailgun adds a footer of its own.",),
    page="https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages",
)
