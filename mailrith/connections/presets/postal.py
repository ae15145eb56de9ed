"""Postal, a mail server of one's own.

Tracking is on only for domains that have a tracking domain (lib/postal/message_parser.rb in github.com/postalserver/postal). Its
webhooks name the Message-ID that it was given; X-Postal-Tag would come back too, but is meant for kinds of mail and not for
each one.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Group,
    Preset,
)

POSTAL = Preset(
    provider=Provider.POSTAL,
    label="Postal",
    tagline="Credential of a server",
    group=Group.OWN,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    host_hint="The name of your Postal server, such as postal.example.com.",
    username=Access(
        "SMTP username",
        "In Postal, open the mail server, Credentials. It is shown as organisation/server.",
    ),
    password=Access("Key", "The key of a credential of the kind SMTP."),
    keeps_message_id=True,
    notes=("Give the mail server no tracking domain, or switch its click and open tracking off.",),
    page="https://docs.postalserver.io/",
)
