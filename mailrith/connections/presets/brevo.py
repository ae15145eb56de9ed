"""Brevo, once Sendinblue.

Ports, SMTP key: developers.brevo.com/docs/smtp-integration. X-Mailin-custom comes back in every event:
developers.brevo.com/docs/transactional-webhooks. It documents no header against its tracking. Its answer to the final dot
holds the message-id of its events, as users' logs show; the documentation does not speak of it.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Group,
    Known,
    Preset,
    Trace,
)

BREVO = Preset(
    provider=Provider.BREVO,
    label="Brevo",
    tagline="SMTP key",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    hosts={"": "smtp-relay.brevo.com"},
    username=Access(
        "SMTP login", "In Brevo, open Settings, SMTP & API, SMTP. It is shown as Login."
    ),
    password=Access(
        "SMTP key", "On the same page, generate an SMTP key. An API key does not work here."
    ),
    limits=Known(words="The free plan carries 300 messages a day."),
    trace=Trace("X-Mailin-custom", before="mailrith:"),
    # 250 2.0.0 OK: queued as <202508020358.47907466195@smtp-relay.sendinblue.com>
    reply_id=r"queued as <([^<>\s]{5,200})>",
    notes=(
        "Turn Brevo's open and click tracking off under Transactional, Settings: no header of a message can do it.",
    ),
    page="https://developers.brevo.com/docs/smtp-integration",
)
