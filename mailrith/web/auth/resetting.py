"""A forgotten password: asking for a link, and choosing a new one. The answer is the same for strangers."""

from flask import Blueprint, abort, render_template, url_for
from werkzeug.wrappers import Response

from mailrith.accounts import actions, links, people, queries, system_mail
from mailrith.accounts.models import User
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web import limits
from mailrith.web.auth import sessions
from mailrith.web.auth.forms import AskForm, ResetForm
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to

blueprint = Blueprint("reset", __name__)

SLOW_DOWN = "There were many requests from where you are, or for this address."


@blueprint.route("/forgot", methods=["GET", "POST"])
@limits.by_network("20 per hour", why=SLOW_DOWN)
@limits.by_address("5 per hour", why=SLOW_DOWN)
def ask() -> Response | str | tuple[str, int]:
    """Ask for the address."""
    if not system_mail.configured():
        return render_template("auth/no_mail.html")
    form = AskForm()
    if form.validate_on_submit():
        try:
            actions.ask_reset(text(form.email))
            db.session.commit()
            return redirect_to(url_for("reset.asked"))
        except Invalid as error:
            apply_invalid(form, error)
    return render_template("auth/forgot.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/forgot/asked")
def asked() -> str:
    """If there is an account, a link is on its way."""
    return render_template("auth/asked.html", until=now() + links.RESET_WITHIN)


@blueprint.get("/reset/<token>")
def show(token: str) -> str | tuple[str, int]:
    """Where the mail's link leads. Opening it changes nothing."""
    user = _user_of(token)
    if user is None:
        return _run_out(token)
    return render_template("auth/reset.html", form=ResetForm(), email=user.email)


@blueprint.post("/reset/<token>")
@limits.by_network("30 per 15 minutes", why=SLOW_DOWN)
def choose(token: str) -> Response | str | tuple[str, int]:
    """Set the password, end every session, and begin one here."""
    user = _user_of(token)
    if user is None:
        return _run_out(token)
    form = ResetForm()
    if form.validate():
        try:
            people.require_strong(text(form.password), user.email, user.display_name)
            return _save(token, text(form.password))
        except Invalid as error:
            apply_invalid(form, error)
    return render_template("auth/reset.html", form=form, email=user.email), 422


def _save(token: str, password: str) -> Response:
    db.session.rollback()  # hash without the lock
    password_hash = sessions.hashed(password)
    claim = links.read_reset(token)
    if claim is None:
        abort(404)
    user = actions.reset_password(claim, password_hash)
    db.session.commit()
    sessions.begin(user)
    return redirect_to(
        url_for("home.index"), message="Your password is changed. Every other session has ended."
    )


def _user_of(token: str) -> User | None:
    claim = links.read_reset(token)
    user = queries.user_numbered(claim.key) if claim else None
    return user if claim and user and user.active and links.resets(claim, user) else None


def _run_out(token: str) -> tuple[str, int]:
    claim = links.read_reset(token)
    if claim is None:
        abort(404)
    return render_template("auth/reset_run_out.html", form=AskForm(), claim=claim), 410
