"""One module for each way that events arrive. They do not know each other; `for_connection` chooses."""

from collections.abc import Callable

from mailrith.connections.models import Provider
from mailrith.events import signing_certificates
from mailrith.events.providers import (
    azure,
    brevo,
    elastic_email,
    generic,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    returned_mail,
    sendgrid,
    smtp2go,
    sparkpost,
    zeptomail,
)
from mailrith.events.providers.amazon_ses import AmazonSes
from mailrith.events.providers.scaleway import Scaleway
from mailrith.events.reports import EventProvider

# connections.models.Provider -> module; all others post our own form.
_BY_PROVIDER: dict[str, EventProvider] = {
    Provider.AMAZON_SES: AmazonSes(signing_certificates.load),
    Provider.SENDGRID: sendgrid,
    Provider.MAILGUN: mailgun,
    Provider.POSTMARK: postmark,
    Provider.BREVO: brevo,
    Provider.SPARKPOST: sparkpost,
    Provider.MAILJET: mailjet,
    Provider.RESEND: resend,
    Provider.MAILERSEND: mailersend,
    Provider.POSTAL: postal,
    Provider.SMTP2GO: smtp2go,
    Provider.MAILTRAP: mailtrap,
    Provider.ELASTIC_EMAIL: elastic_email,
    Provider.SCALEWAY: Scaleway(signing_certificates.load),
}

# What Mailrith reads, and no connection is of: services whose mail goes out through Custom SMTP, and mails that come back.
_OTHERS: dict[str, EventProvider] = {
    "azure": azure,
    "mandrill": mandrill,
    "returned-mail": returned_mail,
    "zeptomail": zeptomail,
}

# What those sign who do not sign the body: each is good for one body.
_TOKENS: dict[str, Callable[[bytes], str]] = {Provider.MAILGUN: mailgun.token_of}


# How people call them on the command line, besides the values of Provider.
ALIASES: dict[str, str] = {"ses": Provider.AMAZON_SES}


def names() -> list[str]:
    """Every name that `named` knows."""
    return sorted({"generic", *map(str, _BY_PROVIDER), *_OTHERS, *ALIASES})


def named(name: str) -> EventProvider | None:
    """The module of that name, or None."""
    if name == "generic":
        return generic
    return _BY_PROVIDER.get(ALIASES.get(name, name)) or _OTHERS.get(name)


def for_connection(provider: str) -> EventProvider:
    """The module that reads what this kind of connection posts."""
    return _BY_PROVIDER.get(provider, generic)


def single_use_token(provider: str, body: bytes) -> str:
    """What `events.single_use` has to bind a verified body to; empty where the signature covers the body."""
    token_of = _TOKENS.get(provider)
    return token_of(body) if token_of else ""
