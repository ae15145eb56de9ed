"""MailerSend.

Host, ports, id in the answer, tags (at most five): developers.mailersend.com/smtp-relay.html. The id is that of the message in each
event: developers.mailersend.com/api/v1/webhooks.html. Tags come back as well, but one for each recipient would
flood its statistics. It documents no header against its tracking.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    Access,
    Group,
    Preset,
)

MAILERSEND = Preset(
    provider=Provider.MAILERSEND,
    label="MailerSend",
    tagline="SMTP user of a domain",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525),
    hosts={"": "smtp.mailersend.net"},
    username=Access(
        "SMTP username", "In MailerSend, open Domains, Manage, SMTP, Generate new user."
    ),
    password=Access("SMTP password", "Shown beside the username."),
    # 250 Message queued as 61eec2dc16ae8b627a4b87e7
    reply_id=r"queued as ([0-9A-Za-z]{16,64})",
    notes=(
        "Turn open and click tracking off in the domain's settings: no header of a message can do it.",
    ),
    page="https://developers.mailersend.com/smtp-relay.html",
)
