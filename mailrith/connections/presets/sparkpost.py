"""SparkPost, by Bird.

Host, ports, user, 100 messages for each session, X-MSYS-API (JSON), subaccounts in the username: developers.sparkpost.com/api/smtp.
Metadata comes back as rcpt_meta of each event.
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

SPARKPOST = Preset(
    provider=Provider.SPARKPOST,
    label="SparkPost",
    tagline="API key for SMTP",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525),
    hosts={"us": "smtp.sparkpostmail.com", "eu": "smtp.eu.sparkpostmail.com"},
    host_option="region",
    username=Access(
        "Username",
        "Always SMTP_Injection.",
        fixed="SMTP_Injection",
    ),
    password=Access(
        "API key", "In SparkPost, open Configuration, API Keys, and create one with Send via SMTP."
    ),
    options=(
        Option(
            "region",
            "Region",
            hint="Where your account is.",
            choices=(Choice("us", "US"), Choice("eu", "EU")),
            default="us",
            required=True,
        ),
    ),
    limits=Known(
        messages_per_session=100, words="SparkPost wants at most 100 messages in one session."
    ),
    trace=Trace(
        "X-MSYS-API",
        before='{"options": {"open_tracking": false, "click_tracking": false}, "metadata": {"mailrith": "',
        after='"}}',
    ),
    notes=(
        "To send for a subaccount, choose Custom SMTP with the username SMTP_Injection:X-MSYS-SUBACCOUNT= and its number.",
    ),
    page="https://developers.sparkpost.com/api/smtp",
)
