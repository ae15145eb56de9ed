"""SMTP2GO.

Hosts by place and ports: developers.smtp2go.com/docs/smtp-relay. Tracking and unsubscribe footer belong to the SMTP user:
developers.smtp2go.com/docs/smtp-users-1. It documents no header of a message that turns either off. Its webhooks
hand on whatever headers are named in their settings: developers.smtp2go.com/docs/setup-a-webhook.
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

SMTP2GO = Preset(
    provider=Provider.SMTP2GO,
    label="SMTP2GO",
    tagline="SMTP user",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    hosts={
        "any": "mail.smtp2go.com",
        "us": "mail-us.smtp2go.com",
        "eu": "mail-eu.smtp2go.com",
        "eu-only": "mail-eu2.smtp2go.com",
        "au": "mail-au.smtp2go.com",
    },
    host_option="region",
    username=Access("SMTP user", "In SMTP2GO, open Sending, SMTP Users, and add one."),
    password=Access("Password", "The password of that SMTP user."),
    options=(
        Option(
            "region",
            "Region",
            choices=(
                Choice("any", "Nearest"),
                Choice("us", "United States"),
                Choice("eu", "Europe and United Kingdom"),
                Choice("eu-only", "European Union only"),
                Choice("au", "Australia"),
            ),
            default="any",
            required=True,
        ),
    ),
    trace=Trace("X-Mailrith-Delivery"),
    notes=(
        "In the webhook's settings, add X-Mailrith-Delivery under Email headers: that is how an event finds its delivery.",
        "Leave open tracking, click tracking and the unsubscribe footer off for this SMTP user: no header of a message can do it.",
    ),
    page="https://developers.smtp2go.com/docs/smtp-relay",
)
