"""Sign-up: the form, the wait for the mail, the button that its link leads to. No answer tells who has an account."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, session, url_for
from werkzeug.wrappers import Response

from mailrith.accounts import actions, links, queries, system_mail
from mailrith.accounts.models import SignUp
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, TooMany
from mailrith.web import limits
from mailrith.web.auth import sessions
from mailrith.web.auth.forms import ConfirmForm, PressForm, SignUpForm
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to

blueprint = Blueprint("sign_up", __name__)

SLOW_DOWN = "There were many sign-ups from where you are, or for this address."
WRONG = "That is not the password this account was asked for with. Sign up again if you forgot it."


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limits.by_network("20 per hour", why=SLOW_DOWN)
@limits.by_address("5 per hour", why=SLOW_DOWN)
def create() -> Response | str | tuple[str, int]:
    """Ask for name, address and password."""
    if config.current().sign_up != "open":
        return render_template("auth/closed.html")
    if not system_mail.configured():
        return render_template("auth/no_mail.html")
    form = SignUpForm()
    if form.validate_on_submit():
        try:
            session["sign_up"] = str(_ask(form).public_id)
            return redirect_to(url_for("sign_up.inbox"))
        except Invalid as error:
            apply_invalid(form, error)
    return render_template("auth/sign_up.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/sign-up/inbox")
def inbox() -> Response | str:
    """Check your inbox."""
    asked = _mine()
    if asked is None:
        return redirect_to(url_for("sign_up.create"))
    return _inbox(asked)


@blueprint.get("/sign-up/unconfirmed")
def unconfirmed() -> Response | str:
    """The password was right, but the address was never confirmed."""
    asked = _mine()
    if asked is None:
        return redirect_to(url_for("auth.sign_in"))
    return render_template("auth/unconfirmed.html", form=PressForm(), asked=asked)


@blueprint.post("/sign-up/again")
@limits.by_network("20 per hour", why=SLOW_DOWN)
def again() -> Response | tuple[str, int]:
    """Send another link; the ones before it stop working."""
    asked = _mine()
    if asked is None:
        return redirect_to(url_for("sign_up.create"))
    try:
        actions.ask_again(asked)
    except TooMany as error:
        return _inbox(asked, problem=error.message), 429
    db.session.commit()
    return redirect_to(url_for("sign_up.inbox", sent="again"))


@blueprint.get("/confirm/<token>")
def show(token: str) -> str | tuple[str, int]:
    """Where the mail's link leads. Opening it changes nothing: programs that look into mails open links too."""
    asked = _asked_by(token)
    if asked is None:
        return _run_out(token)
    return render_template(
        "auth/confirm.html", form=ConfirmForm(), asked=asked, mine=_is_mine(asked)
    )


@blueprint.post("/confirm/<token>")
@limits.by_network("30 per 15 minutes", why=SLOW_DOWN, failing=True)
def confirm(token: str) -> Response | str | tuple[str, int]:
    """Make the account and sign in."""
    asked = _asked_by(token)
    if asked is None:
        return _run_out(token)
    form = ConfirmForm()
    if not _is_mine(asked) and not sessions.right_password(text(form.password), asked.password):
        form.password.errors = [WRONG]
        return render_template("auth/confirm.html", form=form, asked=asked, mine=False), 422
    try:
        user = actions.confirm(asked)
    except Conflict as error:
        return redirect_to(url_for("auth.sign_in"), message=error.message, tone="error")
    db.session.commit()
    sessions.begin(user, remember=True)
    return redirect_to(url_for("home.index"))


@blueprint.post("/confirm/<token>/again")
@limits.by_network("20 per hour", why=SLOW_DOWN)
def renew(token: str) -> Response:
    """A new link in place of one that has run out."""
    claim = links.read_confirm(token)
    asked = queries.sign_up_numbered(claim.key) if claim else None
    if asked is None:
        return redirect_to(url_for("sign_up.create"))
    actions.ask_again(asked)
    db.session.commit()
    return redirect_to(url_for("sign_up.sent"))


@blueprint.get("/sign-up/sent")
def sent() -> str:
    """A new link is on its way, for somebody whose browser did not make the sign-up."""
    return render_template("auth/sent.html")


def _ask(form: SignUpForm) -> SignUp:
    name, key = actions.check_sign_up(
        name=text(form.name), email=text(form.email), password=text(form.password)
    )
    # Hashed before the first query, so that the database is not locked meanwhile; and for known addresses too.
    password_hash = sessions.hashed(text(form.password))
    asked = actions.sign_up(
        name=name, email_key=key, password_hash=password_hash, time_zone=text(form.time_zone)
    )
    db.session.commit()
    return asked


def _mine() -> SignUp | None:
    """The sign-up that this browser made, or proved by its password."""
    try:
        return queries.sign_up(UUID(session.get("sign_up", "")))
    except ValueError:
        return None


def _is_mine(asked: SignUp) -> bool:
    return session.get("sign_up") == str(asked.public_id)


def _asked_by(token: str) -> SignUp | None:
    claim = links.read_confirm(token)
    asked = queries.sign_up_numbered(claim.key) if claim else None
    return asked if claim and asked and links.confirms(claim, asked) else None


def _inbox(asked: SignUp, problem: str | None = None) -> str:
    wait = asked.asked_at + actions.ASK_AGAIN_AFTER - now()
    return render_template(
        "auth/inbox.html",
        form=PressForm(),
        asked=asked,
        until=asked.asked_at + links.CONFIRM_WITHIN,
        wait_seconds=max(0, int(wait.total_seconds())),
        again=request.args.get("sent") == "again",
        problem=problem,
    )


def _run_out(token: str) -> tuple[str, int]:
    claim = links.read_confirm(token)
    if claim is None:
        abort(404)
    asked = queries.sign_up_numbered(claim.key)
    return render_template(
        "auth/run_out.html", form=PressForm(), token=token, claim=claim, asked=asked
    ), 410
