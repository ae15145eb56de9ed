"""The mail services that Mailrith knows: one Preset for each Provider, in the order of their tiles.

A service's module names its sources. Nothing here speaks to a network or a database.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.amazon_ses import AMAZON_SES
from mailrith.connections.presets.brevo import BREVO
from mailrith.connections.presets.elastic_email import ELASTIC_EMAIL
from mailrith.connections.presets.fastmail import FASTMAIL
from mailrith.connections.presets.gmail import GMAIL
from mailrith.connections.presets.mailersend import MAILERSEND
from mailrith.connections.presets.mailgun import MAILGUN
from mailrith.connections.presets.mailjet import MAILJET
from mailrith.connections.presets.mailtrap import MAILTRAP
from mailrith.connections.presets.microsoft_365 import MICROSOFT_365
from mailrith.connections.presets.own_servers import CUSTOM_SMTP, INSTALLATION, LOCAL_CATCHER
from mailrith.connections.presets.postal import POSTAL
from mailrith.connections.presets.postmark import POSTMARK
from mailrith.connections.presets.preset import (
    Access,
    Choice,
    Endpoint,
    Group,
    Known,
    OAuth,
    Option,
    Preset,
    Trace,
)
from mailrith.connections.presets.resend import RESEND
from mailrith.connections.presets.scaleway import SCALEWAY
from mailrith.connections.presets.sendgrid import SENDGRID
from mailrith.connections.presets.smtp2go import SMTP2GO
from mailrith.connections.presets.sparkpost import SPARKPOST
from mailrith.connections.presets.zoho import ZOHO

__all__ = [
    "PRESETS",
    "Access",
    "Choice",
    "Endpoint",
    "Group",
    "Known",
    "OAuth",
    "Option",
    "Preset",
    "Trace",
    "of",
    "tiles",
]

PRESETS: dict[Provider, Preset] = {
    preset.provider: preset
    for preset in (
        AMAZON_SES,
        POSTMARK,
        SENDGRID,
        MAILGUN,
        RESEND,
        BREVO,
        MAILJET,
        SPARKPOST,
        SMTP2GO,
        MAILERSEND,
        ELASTIC_EMAIL,
        SCALEWAY,
        GMAIL,
        MICROSOFT_365,
        ZOHO,
        FASTMAIL,
        CUSTOM_SMTP,
        POSTAL,
        LOCAL_CATCHER,
        MAILTRAP,
        INSTALLATION,
    )
}


def of(provider: Provider) -> Preset:
    """What is known of this service."""
    return PRESETS[provider]


def tiles() -> list[tuple[Group, list[Preset]]]:
    """Every service that somebody may pick, by group. The installation's own server is offered apart."""
    return [
        (
            group,
            [
                preset
                for preset in PRESETS.values()
                if preset.group == group and preset.provider != Provider.INSTALLATION
            ],
        )
        for group in Group
    ]
