"""Mailtrap.

Streams with their hosts: docs.mailtrap.io/email-api-smtp/setup/smtp-integration. X-MT-Custom-Variables (JSON, at most 1,000 bytes):
docs.mailtrap.io, Custom Variables; they come back as custom_variables of each event.
10 sessions at once, 100 messages in each, 200 an hour to begin with: help.mailtrap.io/article/100-sending-limits.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    Access,
    Choice,
    Group,
    Known,
    Option,
    Preset,
    Trace,
)

MAILTRAP = Preset(
    provider=Provider.MAILTRAP,
    label="Mailtrap",
    tagline="Sandbox that keeps every mail, or bulk stream",
    group=Group.TRIAL,
    endpoints=(STARTTLS_2525, STARTTLS_587),
    hosts={"sandbox": "sandbox.smtp.mailtrap.io", "bulk": "bulk.smtp.mailtrap.io"},
    host_option="stream",
    username=Access(
        "Username",
        "Shown in the sandbox under Integration, SMTP. For the bulk stream it is the word api.",
    ),
    password=Access(
        "Password", "Shown beside the username. For the bulk stream it is an API token."
    ),
    options=(
        Option(
            "stream",
            "Stream",
            hint="The sandbox delivers nothing to anybody.",
            choices=(
                Choice("sandbox", "Sandbox, for trying out"),
                Choice("bulk", "Bulk, for sending"),
            ),
            default="sandbox",
            required=True,
        ),
    ),
    limits=Known(
        max_sessions=10,
        messages_per_session=100,
        words="10 sessions at once and 100 messages in each. New accounts send 200 messages an hour, others what their plan says.",
    ),
    trace=Trace("X-MT-Custom-Variables", before='{"mailrith": "', after='"}'),
    page="https://docs.mailtrap.io/email-api-smtp/setup/smtp-integration",
)
