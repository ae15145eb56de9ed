"""Elastic Email.

Host, ports, SMTP credentials: elasticemail.com/support/settings/smtp-api/. Its notifications name its own message id and a
postback value: help.elasticemail.com/en/articles/4804685-notification-settings. The postback and switches for tracking are
documented for its HTTP interface only (elasticemail.com/resources/api/custom-headers/), so there is no header for either here.
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

ELASTIC_EMAIL = Preset(
    provider=Provider.ELASTIC_EMAIL,
    label="Elastic Email",
    tagline="SMTP credentials",
    group=Group.SERVICE,
    endpoints=(STARTTLS_2525, STARTTLS_587, TLS_465),
    hosts={"": "smtp.elasticemail.com"},
    username=Access(
        "Username", "In Elastic Email, open Settings, SMTP, and create SMTP credentials."
    ),
    password=Access("Password", "Shown once beside the username."),
    notes=(
        "Turn open and click tracking off under Settings, Sending: no documented header of a message can do it.",
    ),
    page="https://elasticemail.com/support/settings/smtp-api/",
)
