"""Resend.

Host, ports, "resend": resend.com/docs/send-with-smtp. Rate limit, the same as the API's: resend.com/docs/api-reference/rate-limit.
It documents no header for tags or against tracking over SMTP: both belong to the domain's settings, and tags to the HTTP interface.
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
)

RESEND = Preset(
    provider=Provider.RESEND,
    label="Resend",
    tagline="API key",
    group=Group.SERVICE,
    endpoints=(TLS_465, STARTTLS_587, TLS_2465, STARTTLS_2587),
    hosts={"": "smtp.resend.com"},
    username=Access("Username", "Always the word resend.", fixed="resend"),
    password=Access(
        "API key",
        "In Resend, open API Keys and create one with sending access. It begins with re_.",
    ),
    limits=Known(
        per_second=5,
        words="5 messages a second for each team, whatever key they come with, unless Resend set it otherwise.",
    ),
    notes=(
        "Leave open and click tracking off in the domain's settings: no header of a message can do it.",
    ),
    page="https://resend.com/docs/send-with-smtp",
)
