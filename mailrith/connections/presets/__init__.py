"""The mail services that Mailrith knows: one Preset for each Provider, in the order of their tiles.

A service's module names its sources. Nothing here speaks to a network or a database.
"""

from collections.abc import Mapping

from mailrith.connections import offered
from mailrith.connections.models import Connection, Provider
from mailrith.connections.presets.amazon_ses import AMAZON_SES
from mailrith.connections.presets.brevo import BREVO
from mailrith.connections.presets.carrying import (
    NOTHING,
    Carried,
    carried,
    provider_message_id,
)
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
from mailrith.core.errors import Invalid

__all__ = [
    "NOTHING",
    "PRESETS",
    "Access",
    "Carried",
    "Choice",
    "Endpoint",
    "Group",
    "Known",
    "OAuth",
    "Option",
    "Preset",
    "Trace",
    "at_host",
    "carried",
    "carried_by",
    "check_options",
    "of",
    "provider_message_id",
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


def at_host(host: str) -> Preset | None:
    """The service whose server this is, by its exact name."""
    return next((preset for preset in PRESETS.values() if host in preset.hosts.values()), None)


def carried_by(connection: Connection) -> Carried:
    """The header fields that messages through this connection carry.

    The operator's server may be one of a known service: then it gets what that service wants.
    """
    preset = of(connection.provider)
    if connection.provider == Provider.INSTALLATION and offered.offer():
        preset = at_host(offered.server().host) or preset
    return carried(preset, connection.provider_options or {})


def check_options(provider: Provider, typed: Mapping[str, str]) -> dict[str, str]:
    """What somebody chose of the service's options, ready for Connection.provider_options; others are dropped.

    An option that is absent takes its default; one that is empty stays empty. Raises Invalid for the field of that name.
    """
    chosen = {}
    for option in of(provider).options:
        value = typed.get(option.name, option.default).strip()
        if not option.accepts(value):
            sentence = "Choose one of the list." if option.choices else option.refusal
            raise Invalid(sentence, field=option.name)
        if value or option.default:
            chosen[option.name] = value
    return chosen


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
