"""Writing the mails that people at the front door asked for.

The page they see has done the same for everybody before any of this runs: only the owner of the inbox learns whether there is an account.
"""

from mailrith.accounts import links, queries, system_mail
from mailrith.accounts.models import ResetRequest, SignUp
from mailrith.core.db import db


def answer_sign_up(sign_up_id: int) -> None:
    """Send the confirmation link, or, to somebody who has an account already, a reminder of it."""
    asked = db.session.get(SignUp, sign_up_id, with_for_update=True)
    if asked is None or asked.answered:
        return
    asked.answered = True
    known = queries.user_with_email(asked.email)
    if known is None:
        # Without the name: strangers would send their words to any address by signing it up.
        system_mail.write("confirm", asked.email, url=links.confirm_url(asked), hours=24)
    else:
        system_mail.write(
            "known",
            known.email,
            name=known.name,
            sign_in_url=links.url("/sign-in"),
            forgot_url=links.url("/forgot"),
        )


def answer_reset(request_id: int) -> None:
    """Send the reset link if the address has an account. The request is forgotten either way."""
    asked = db.session.get(ResetRequest, request_id, with_for_update=True)
    if asked is None:
        return
    known = queries.user_with_email(asked.email)
    db.session.delete(asked)
    if known is not None and known.active:
        system_mail.write("reset", known.email, name=known.name, url=links.reset_url(known))
