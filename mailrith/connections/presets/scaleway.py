"""Scaleway Transactional Email.

Host, ports, Project ID and secret key: scaleway.com/en/docs/transactional-email/reference-content/smtp-configuration and
scaleway.com/en/docs/transactional-email/how-to/generate-api-keys-for-tem-with-iam. Quotas:
scaleway.com/en/docs/transactional-email/reference-content/tem-capabilities-and-limits. Not for marketing mail:
scaleway.com/en/developers/api/transactional-email. It tracks nothing. Its events hand on the message's headers:
scaleway.com/en/docs/transactional-email/reference-content/webhook-events-payloads.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2587,
    TLS_465,
    TLS_2465,
    Access,
    Group,
    Known,
    Preset,
    Trace,
)

SCALEWAY = Preset(
    provider=Provider.SCALEWAY,
    label="Scaleway",
    tagline="Project ID and secret key",
    group=Group.SERVICE,
    endpoints=(TLS_465, STARTTLS_587, TLS_2465, STARTTLS_2587),
    hosts={"": "smtp.tem.scaleway.com"},
    username=Access(
        "Project ID",
        "In the Scaleway console, Transactional Email, your domain, SMTP configuration.",
    ),
    password=Access(
        "Secret key",
        "Of an API key that may use Transactional Email: Identity and Access Management, API keys.",
    ),
    trace=Trace("X-Mailrith-Delivery"),
    limits=Known(
        per_month=10_000,
        words="Scaleway sets a number of messages for each month, 10,000 to begin with.",
    ),
    notes=(
        "Scaleway's terms say that this service is for transactional mail, not for newsletters to many. Ask them before you send one.",
    ),
    page="https://www.scaleway.com/en/docs/transactional-email/reference-content/smtp-configuration/",
)
