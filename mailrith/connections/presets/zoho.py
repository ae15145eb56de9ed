"""Zoho Mail.

Hosts (smtp for personal, smtppro for organisations' accounts), ports, app passwords: zoho.com/mail/help/zoho-smtp.html. The data centre
decides the ending: zoho.com/mail/help/imap-access.html. Limits of an hour, which rolls: zoho.com/mail/help/adminconsole/rates-and-limits.html.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    TLS_465,
    Access,
    Choice,
    Group,
    Known,
    Option,
    Preset,
)

_ENDINGS = {
    "com": "United States",
    "eu": "Europe",
    "in": "India",
    "com.au": "Australia",
    "jp": "Japan",
}
_HOSTS = {
    f"{kind}-{ending}": f"{kind}.zoho.{ending}"
    for ending in _ENDINGS
    for kind in ("smtppro", "smtp")
}

ZOHO = Preset(
    provider=Provider.ZOHO,
    label="Zoho Mail",
    tagline="App password",
    group=Group.MAILBOX,
    endpoints=(TLS_465, STARTTLS_587),
    hosts=_HOSTS,
    host_option="server",
    username=Access(
        "Zoho address",
        "The whole address of the mailbox. From has to be the same address or one of its aliases.",
    ),
    password=Access(
        "Password or app password",
        "With two-factor sign-in: accounts.zoho.com, Security, App Passwords. Otherwise the mailbox's own password.",
    ),
    options=(
        Option(
            "server",
            "Account",
            hint="The ending is that of the address at which you read your mail, such as mail.zoho.eu.",
            choices=tuple(
                Choice(f"{kind}-{ending}", f"{place}, {words}")
                for ending, place in _ENDINGS.items()
                for kind, words in (("smtppro", "own domain"), ("smtp", "zoho address"))
            ),
            default="smtppro-com",
            required=True,
        ),
    ),
    limits=Known(
        per_hour=50,
        words="Zoho lets 50 to 500 messages an hour go to people outside, the more the better they are received.",
    ),
    notes=(
        "Zoho forbids bulk mail from mailboxes. Its service for newsletters is Zoho Campaigns.",
    ),
    page="https://www.zoho.com/mail/help/zoho-smtp.html",
)
