"""Mailjet, by Sinch.

Host: dev.mailjet.com/docs/smtp_relay. Ports 587, 2525 and 465: docs.cloud.google.com/compute/docs/tutorials/sending-mail/using-mailjet
and Mailjet's account page. Headers: dev.mailjet.com/docs/smtp_relay/custom_headers. X-MJ-CustomID comes back as CustomID of each
event: documentation.mailjet.com/hc/en-us/articles/360043578154.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Group,
    Preset,
    Trace,
)

MAILJET = Preset(
    provider=Provider.MAILJET,
    label="Mailjet",
    tagline="API key and secret key",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    hosts={"": "in-v3.mailjet.com"},
    username=Access("API key", "In Mailjet, open Account settings, REST API, API Key Management."),
    password=Access("Secret key", "On the same page; Mailjet shows it once."),
    headers=(("X-Mailjet-TrackOpen", "0"), ("X-Mailjet-TrackClick", "0")),
    trace=Trace("X-MJ-CustomID"),
    page="https://dev.mailjet.com/docs/smtp_relay",
)
