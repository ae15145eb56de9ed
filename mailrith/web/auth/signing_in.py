"""Sign-in and sign-out."""

from flask import Blueprint, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts.models import SignUp, User
from mailrith.core import config
from mailrith.core.db import db
from mailrith.web import limits, signed_out
from mailrith.web.auth import sessions
from mailrith.web.auth.forms import SignInForm
from mailrith.web.forms import text
from mailrith.web.respond import redirect_to

blueprint = Blueprint("auth", __name__)

NO_MATCH = "That email and password do not match. Check both and try again."
SLOW_DOWN = "There were too many sign-ins that failed. Wait a little, or choose a new password under “Forgot it?”."


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limits.by_network("50 per 15 minutes", why=SLOW_DOWN, failing=True)
@limits.by_address("10 per 15 minutes", why=SLOW_DOWN, failing=True)
def sign_in() -> Response | str | tuple[str, int]:
    """Ask for address and password."""
    form = SignInForm()
    if request.method != "POST":
        form.next.data = signed_out.safe_path(request.args.get("next")) or ""
        if current_user.is_authenticated:
            return redirect_to(form.next.data or url_for("home.index"))
        return _page(form)
    if form.validate():
        found = sessions.who(text(form.email), text(form.password))
        if isinstance(found, User):
            return _let_in(found, form)
        if isinstance(found, SignUp):
            session["sign_up"] = str(found.public_id)
            return redirect_to(url_for("sign_up.unconfirmed"))
        form.password.errors = [NO_MATCH]
    return _page(form), 422


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session."""
    sessions.end()
    return redirect_to(url_for("auth.sign_in"), message="You are signed out.")


def _let_in(user: User, form: SignInForm) -> Response:
    sessions.begin(user, remember=form.remember.data)
    db.session.commit()
    if form.kept.data:
        return signed_out.go_on(form.kept.data)
    return redirect_to(signed_out.safe_path(form.next.data) or url_for("home.index"))


def _page(form: SignInForm) -> str:
    if form.kept.data:
        return render_template("auth/signed_out.html", form=form, kept=form.kept.data, lost=False)
    return render_template(
        "auth/sign_in.html",
        form=form,
        open=config.current().sign_up == "open",
        host=config.current().public_host,
    )
