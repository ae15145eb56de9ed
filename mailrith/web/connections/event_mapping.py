"""Describing a relay's own JSON, trying the description on a sample, and keeping it."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.core.strict_json import Unreadable
from mailrith.events import mapping, webhook_settings
from mailrith.events.mapping import Tried
from mailrith.events.reports import Report
from mailrith.web.access import needs
from mailrith.web.connections.loading import load, person
from mailrith.web.connections.mapping_form import HINTS, MappingForm
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to

blueprint = Blueprint("connection_event_mapping", __name__, url_prefix="/connections")

MOST_SAMPLE = 100_000  # characters


@blueprint.get("/<uuid:public_id>/webhooks/mapping")
@needs("connections", "manage")
def edit(public_id: UUID) -> str:
    """The form, with what is kept."""
    connection, form = load(public_id), MappingForm()
    form.fill_in(connection.events_mapping)
    return _page(connection, form)


@blueprint.post("/<uuid:public_id>/webhooks/mapping")
@needs("connections", "manage")
def save(public_id: UUID) -> BaseResponse | str | tuple[str, int]:
    """Keep it, or only show what it makes of the sample."""
    connection, form = load(public_id), MappingForm()
    try:
        if "try" in request.form:
            return _page(connection, form, _attempt(form))
        webhook_settings.keep_mapping(connection, form.settings(), person())
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _page(load(public_id), form), 422
    db.session.commit()
    url = url_for("connection_webhooks.show", public_id=public_id)
    return redirect_to(url, message="Saved. Events are read by this description from now on.")


def _attempt(form: MappingForm) -> list[Tried]:
    """What the sample gives. Raises Invalid."""
    checked = mapping.check(form.settings())
    sample = text(form.sample)
    if not sample.strip() or len(sample) > MOST_SAMPLE:
        raise Invalid("Paste one body that your relay posted.", field="sample")
    found = mapping.attempt(checked, sample.encode("utf-8", "replace"))
    if isinstance(found, Unreadable):
        raise Invalid(found.sentence, field="sample")
    return found


def _page(connection: Connection, form: MappingForm, tried: list[Tried] | None = None) -> str:
    places = mapping.places(text(form.sample).encode("utf-8", "replace")) if tried else []
    return render_template(
        "connections/mapping.html",
        connection=connection,
        form=form,
        hints=HINTS,
        tried=tried,
        places=[] if isinstance(places, Unreadable) else places,
        is_report=lambda found: isinstance(found, Report),
        may_manage=True,
    )
