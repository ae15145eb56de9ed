"""Twilio SendGrid.

Host, ports, "apikey", 5,000 messages in a session:
twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api. X-SMTPAPI (JSON, one for each message):
twilio.com/docs/sendgrid/for-developers/sending-email/building-an-x-smtpapi-header. Filters:
twilio.com/docs/sendgrid/for-developers/sending-email/smtp-filters. Unique arguments come back as fields of each event and must
name nobody: twilio.com/docs/sendgrid/for-developers/tracking-events/event. Its answer to the final dot ("Ok: queued as") holds
the first part of sg_message_id, as users' logs show.
"""

import json

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    TLS_465,
    Access,
    Choice,
    Group,
    Known,
    Option,
    Preset,
    Trace,
)

_OFF = {"settings": {"enable": 0}}
_FILTERS = json.dumps(dict.fromkeys(("clicktrack", "opentrack", "subscriptiontrack"), _OFF))

SENDGRID = Preset(
    provider=Provider.SENDGRID,
    label="SendGrid",
    tagline="API key",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525, TLS_465),
    hosts={"global": "smtp.sendgrid.net", "eu": "smtp.eu.sendgrid.net"},
    host_option="region",
    username=Access("Username", "Always the word apikey.", fixed="apikey"),
    password=Access(
        "API key",
        "In SendGrid, open Settings, API Keys, and create one with Mail Send access. It begins with SG.",
    ),
    options=(
        Option(
            "region",
            "Region",
            hint="EU only for subusers that are pinned to the EU.",
            choices=(Choice("global", "Global"), Choice("eu", "EU")),
            default="global",
            required=True,
        ),
    ),
    limits=Known(messages_per_session=5000, words="At most 5,000 messages in one session."),
    trace=Trace(
        "X-SMTPAPI",
        before='{"unique_args": {"mailrith": "',
        after=f'"}}, "filters": {_FILTERS}}}',
    ),
    # 250 Ok: queued as ismtpd0001p1lon1.sendgrid.net's id
    reply_id=r"queued as ([A-Za-z0-9_-]{8,64})",
    keeps_message_id=True,
    notes=(
        "Mailrith turns SendGrid's open tracking, click tracking and subscription tracking off in every message.",
    ),
    page="https://www.twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api",
)
