"""What people change about themselves: name, time zone, password."""

from flask import Blueprint, abort, render_template, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import actions, people, queries
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web import limits
from mailrith.web.access import signed_in
from mailrith.web.auth import sessions
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to
from mailrith.web.settings.forms import PasswordForm, ProfileForm

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

SLOW_DOWN = "There were too many wrong passwords."


@blueprint.get("")
@signed_in
def show() -> str:
    """Name and time zone."""
    form = ProfileForm(name=current_user.display_name, time_zone=current_user.time_zone)
    form.offer_zones()
    return render_template("settings/profile/edit.html", form=form)


@blueprint.post("")
@signed_in
def save() -> Response | tuple[str, int]:
    """Write them."""
    form = ProfileForm()
    if form.validate():
        try:
            actions.edit_profile(current_user, name=text(form.name), time_zone=text(form.time_zone))
            db.session.commit()
            return redirect_to(url_for("profile.show"), message="Saved.")
        except Invalid as error:
            apply_invalid(form, error)
    form.offer_zones()
    return render_template("settings/profile/edit.html", form=form), 422


@blueprint.get("/security")
@signed_in
def security() -> str:
    """The password."""
    return render_template("settings/profile/security.html", form=PasswordForm())


@blueprint.post("/security/password")
@signed_in
@limits.by_network("20 per 15 minutes", why=SLOW_DOWN, failing=True)
def change_password() -> Response | tuple[str, int]:
    """A new password; every other session ends."""
    form = PasswordForm()
    if form.validate():
        try:
            _change(form)
            return redirect_to(
                url_for("profile.security"),
                message="Your password is changed. Every other session has ended.",
            )
        except Invalid as error:
            apply_invalid(form, error)
    return render_template("settings/profile/security.html", form=form), 422


@blueprint.post("/security/sessions/end")
@signed_in
def end_others() -> Response:
    """Sign out everywhere but here."""
    user = queries.user_numbered(current_user.id)
    if user is None:
        abort(404)
    people.end_sessions(user)
    db.session.commit()
    sessions.begin(user, remember=bool(session.permanent))
    return redirect_to(url_for("profile.security"), message="Every other session has ended.")


def _change(form: PasswordForm) -> None:
    user_id, stored = current_user.id, current_user.password
    personal = (current_user.email, current_user.display_name)
    remember = bool(session.permanent)
    db.session.rollback()  # hash without the lock
    if not sessions.right_password(text(form.current_password), stored):
        raise Invalid("That is not your present password.", field="current_password")
    people.require_strong(text(form.new_password), *personal, field="new_password")
    password_hash = sessions.hashed(text(form.new_password))
    user = queries.user_numbered(user_id)
    if user is None or user.password != stored:
        raise Invalid("Your password was just changed elsewhere.", field="current_password")
    actions.change_password(user, password_hash)
    db.session.commit()
    sessions.begin(user, remember=remember)
