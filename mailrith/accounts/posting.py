"""Carrying one system mail to the operator's SMTP server, with another try when the server is away."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy import delete, update

from mailrith.accounts.composing import compose, sender_address
from mailrith.accounts.models import SystemMail
from mailrith.core import addresses, config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.network import ANYWHERE
from mailrith.smtp.causes import cause
from mailrith.smtp.server import server_from_url
from mailrith.smtp.session import Outcome
from mailrith.smtp.submit import submit

CLAIM = timedelta(
    minutes=3
)  # longer than one delivery takes; a worker that died is taken over after it
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)  # no link in a system mail works for longer


@dataclass(frozen=True)
class Parcel:
    """A mail on its way, without the row."""

    mail_id: int
    recipient: str
    message: bytes = field(repr=False)


def claim(mail_id: int) -> Parcel | None:
    """Take the mail for this worker, or None when another one has it or it is gone. The caller commits."""
    mail = db.session.scalar(
        update(SystemMail)
        .where(SystemMail.id == mail_id, SystemMail.next_attempt_at <= now())
        .values(next_attempt_at=now() + CLAIM, attempts=SystemMail.attempts + 1)
        .returning(SystemMail)
    )
    return Parcel(mail.id, mail.recipient, compose(mail)) if mail else None


def carry(parcel: Parcel) -> Outcome:
    """Hand it to the server. Call it outside of a transaction: this waits for the network."""
    settings = config.current()
    if settings.system_smtp_url is None:
        return Outcome("not_sent", "connect", None, "", "MAILRITH_SYSTEM_SMTP_URL is not set")
    server = server_from_url(settings.system_smtp_url, policy=ANYWHERE)
    server = replace(server, ca_certificates=settings.ca or None)
    return submit(server, sender_address(), parcel.recipient, parcel.message)


def settle(parcel: Parcel, outcome: Outcome) -> None:
    """Forget a mail that was taken or finally refused; put another one off. The caller commits."""
    log = structlog.get_logger().bind(
        mail_id=parcel.mail_id, recipient=addresses.mask(parcel.recipient)
    )
    mail = db.session.get(SystemMail, parcel.mail_id)
    if mail is None:
        return
    words = _words(outcome)
    too_old = now() - mail.created_at > GIVE_UP_AFTER
    if outcome.kind in {"sent", "refused"} or too_old:
        # The body holds a link that signs somebody in, so it goes as soon as it is of no use.
        db.session.execute(delete(SystemMail).where(SystemMail.id == parcel.mail_id))
        if outcome.kind == "sent":
            log.info("system_mail_sent")
        else:
            log.error("system_mail_given_up", words=words)
        return
    # In doubt as well: a second copy of these mails does no harm, a missing one does.
    mail.last_error = words
    mail.next_attempt_at = now() + min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 10), LONGEST_WAIT)
    log.warning("system_mail_put_off", words=words, attempts=mail.attempts)


def _words(outcome: Outcome) -> str:
    """What the server said; where it said nothing, the cause in a few words."""
    said = str(outcome.reply or outcome.words)
    return (said or cause(outcome.cause).title)[:1024]
