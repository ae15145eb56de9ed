"""What workers do for accounts: answer the front door, and carry the installation's own mail."""

from sqlalchemy import delete

from mailrith.accounts import answering, posting, queries, repeats
from mailrith.accounts.links import SIGN_UPS_KEPT
from mailrith.accounts.models import SignUp
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db


def post_system_mail(mail_id: int) -> None:
    """Carry one mail. Safe to run twice: the second one finds it claimed or gone."""
    parcel = posting.claim(mail_id)
    db.session.commit()
    if parcel is None:
        return
    outcome = posting.carry(parcel)
    posting.settle(parcel, outcome)
    db.session.commit()


def answer_sign_up(sign_up_id: int) -> None:
    """Write the mail that a sign-up waits for."""
    answering.answer_sign_up(sign_up_id)
    db.session.commit()


def answer_reset(request_id: int) -> None:
    """Write the mail that somebody who forgot a password waits for."""
    answering.answer_reset(request_id)
    db.session.commit()


def find_waiting() -> None:
    """Periodic: queue again whatever was lost with the queue, and mails whose next try is due."""
    for name, keys in (
        ("answer_sign_up", queries.unanswered_sign_ups()),
        ("answer_reset", queries.unanswered_resets()),
        ("post_system_mail", queries.due_system_mails()),
    ):
        for key in keys:
            queue.enqueue(f"mailrith.accounts.jobs.{name}", key)
    db.session.commit()


def prune() -> None:
    """Daily: forget people who asked for an account and never confirmed it, and the API's answers of yesterday."""
    db.session.execute(delete(SignUp).where(SignUp.created_at < now() - SIGN_UPS_KEPT))
    repeats.prune()
    db.session.commit()
