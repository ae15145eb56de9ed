"""Servers that are nobody's service: any SMTP server, the one that the operator offers, and catchers on this machine.

Ports of the catchers: mailpit.axllent.org/docs/configuration/smtp/, github.com/mailhog/MailHog, mailcatcher.me (all 1025),
github.com/rnwood/smtp4dev (25, often published as 2525). Mailpit offers STARTTLS only where it has a certificate.
"""

from mailrith.connections.models import AuthMechanism, Provider, SecureMode
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Endpoint,
    Group,
    Preset,
)

CUSTOM_SMTP = Preset(
    provider=Provider.CUSTOM_SMTP,
    label="Custom SMTP",
    tagline="Your own server, your host, or any other service",
    group=Group.OWN,
    endpoints=(STARTTLS_587, TLS_465, STARTTLS_2525),
    host_hint="Where your mail goes out, such as smtp.example.com.",
    username=Access(
        "Username", "Often the whole mail address. Leave it empty where the server asks for none."
    ),
    password=Access(
        "Password", "Some services want an app password instead of the one you read mail with."
    ),
    keeps_message_id=True,
)

INSTALLATION = Preset(
    provider=Provider.INSTALLATION,
    label="This installation's server",
    tagline="Offered by the operator of this Mailrith",
    group=Group.OWN,
    endpoints=(STARTTLS_587, TLS_465),
)

LOCAL_CATCHER = Preset(
    provider=Provider.LOCAL_CATCHER,
    label="Local catcher",
    tagline="Mailpit, MailHog, MailCatcher or smtp4dev",
    group=Group.TRIAL,
    endpoints=(Endpoint(1025, SecureMode.NONE), Endpoint(2525, SecureMode.NONE)),
    hosts={"": "localhost"},
    host_hint="Where the catcher listens. The operator has to allow this machine as a target.",
    username=Access("Username", "Catchers take any, or none. Leave it empty."),
    password=Access("Password", "Leave it empty."),
    mechanism=AuthMechanism.AUTOMATIC,
    keeps_message_id=True,
    notes=("A catcher keeps every mail and delivers nothing to anybody.",),
)
