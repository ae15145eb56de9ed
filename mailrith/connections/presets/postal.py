"""Postal, a mail server of one's own.

SMTP credentials and X-Postal-Tag: docs.postalserver.io/developer/client-libraries and its source, app/models (github.com/postalserver/postal).
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
    page="https://docs.postalserver.io/",
)
