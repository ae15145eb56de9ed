"""The first owner of a new installation: a one-time link from the command line, no mail needed."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from mailrith.accounts import actions, people, queries
from mailrith.accounts.models import User
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid, NotFound
from mailrith.web import limits
from mailrith.web.auth import sessions
from mailrith.web.auth.forms import SignUpForm
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to

blueprint = Blueprint("owner", __name__)


@blueprint.get("/welcome/<secret>")
def show(secret: str) -> str | tuple[str, int]:
    """The page that the printed link opens."""
    if queries.usable_owner_link(secret) is None:
        return render_template("auth/owner_run_out.html"), 410
    return render_template("auth/owner.html", form=SignUpForm())


@blueprint.post("/welcome/<secret>")
@limits.by_network("30 per 15 minutes", why="There were many attempts from where you are.")
def become(secret: str) -> Response | tuple[str, int]:
    """Make the owner, and sign in."""
    form = SignUpForm()
    if form.validate():
        try:
            user = _make(secret, form)
            sessions.begin(user, remember=True)
            return redirect_to(url_for("home.index"))
        except Invalid as error:
            apply_invalid(form, error)
        except Conflict as error:
            apply_invalid(form, Invalid(error.message, field="email"))
        except NotFound:
            return render_template("auth/owner_run_out.html"), 410
    return render_template("auth/owner.html", form=form), 422


def _make(secret: str, form: SignUpForm) -> User:
    name, key = people.clean_name(text(form.name)), people.email_key(text(form.email))
    people.require_strong(text(form.password), key, name)
    password_hash = sessions.hashed(text(form.password))
    try:
        user = actions.use_owner_link(
            secret,
            name=name,
            email_key=key,
            password_hash=password_hash,
            time_zone=text(form.time_zone),
        )
    except Conflict:
        db.session.rollback()  # the link is not used up by a mistake
        raise
    db.session.commit()
    return user
