"""One module for each service: its events in the shape that its documentation shows (the pages stand in `events.providers`).

EVENTS: what differs from kind to kind. `body`: the event whole, before it is signed; bytes where it is no JSON.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from mailrith.events.samples.about import About
from mailrith.events.samples.bodies import (
    amazon_ses,
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
    scaleway,
    sendgrid,
    smtp2go,
    sparkpost,
    zeptomail,
)


class Sample(Protocol):
    """What each module here offers."""

    @property
    def EVENTS(self) -> Mapping[str, Any]:  # noqa: N802 - a constant of a module
        """Kind -> what the service writes for it."""

    def body(self, kind: str, about: About) -> Any:
        """The event."""


BODIES: dict[str, Sample] = {
    "amazon-ses": amazon_ses,
    "azure": azure,
    "brevo": brevo,
    "elastic-email": elastic_email,
    "generic": generic,
    "mailersend": mailersend,
    "mailgun": mailgun,
    "mailjet": mailjet,
    "mailtrap": mailtrap,
    "mandrill": mandrill,
    "postal": postal,
    "postmark": postmark,
    "resend": resend,
    "returned-mail": returned_mail,
    "scaleway": scaleway,
    "sendgrid": sendgrid,
    "smtp2go": smtp2go,
    "sparkpost": sparkpost,
    "zeptomail": zeptomail,
}
