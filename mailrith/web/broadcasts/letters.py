"""Step 1: the letter in Markdown, saved while it is typed, with its preview beside it."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.broadcasts import actions, readiness
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.writing import Edited, Words
from mailrith.content.document import parse_document
from mailrith.content.merge import Person
from mailrith.content.preview import GMAIL_CLIPS_AT, Preview, preview
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers.links import test_unsubscribe_url
from mailrith.subscribers.models import Subscriber
from mailrith.web.access import needs
from mailrith.web.broadcasts import readers
from mailrith.web.broadcasts.forms import LetterForm
from mailrith.web.broadcasts.loading import load, place_of
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to, wants_partial

blueprint = Blueprint("broadcast_letters", __name__, url_prefix="/broadcasts/<uuid:public_id>")

# The frame may load pictures and its own styles, and nothing that runs.
FRAME_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; img-src https: http: data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)


@blueprint.get("/letter")
@needs("broadcasts", "manage")
def edit(public_id: UUID) -> BaseResponse:
    """The composer; what is no draft is shown where it can be seen instead."""
    broadcast = load(public_id)
    if not broadcast.editable:
        return redirect_to(place_of(broadcast))
    return _page(broadcast, LetterForm(formdata=None, obj=broadcast))


@blueprint.post("/letter")
@needs("broadcasts", "manage")
def save(public_id: UUID) -> BaseResponse:
    """Save: by itself while typing (answers the little word "Saved"), or on the way to the next step."""
    broadcast = load(public_id)
    form = LetterForm()
    if not form.validate():
        return _refused(broadcast, form)
    words = Words(form.subject.data or "", form.preview_text.data or "", form.markdown.data or "")
    try:
        actions.write(broadcast, words, form.version.data or 0)
    except Edited:
        return _both(broadcast, words)
    except Invalid as error:
        apply_invalid(form, error)
        return _refused(broadcast, form)
    db.session.commit()
    if wants_partial():
        return _saved(broadcast)
    return redirect_to(_next(broadcast))


@blueprint.get("/preview")
@needs("broadcasts", "view")
def frame(public_id: UUID) -> Response:
    """The letter alone, as one person gets it, for the frame in the composer. Nothing in it runs or counts."""
    reader = readers.chosen(request.args.get("reader", ""))
    shown = _preview(load(public_id), readers.person_of(reader))
    response = make_response(shown.html)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/readers")
@needs("broadcasts", "view")
def people(public_id: UUID) -> str:
    """People to read the letter as, for the menu."""
    text = request.args.get("reader_q", "")
    return render_template(
        "broadcasts/letters/_readers.html",
        broadcast=load(public_id),
        people=readers.offered(text),
        text=text,
    )


def _page(broadcast: Broadcast, form: LetterForm, status: int = 200) -> Response:
    people = readers.offered()
    html = render_template(
        "broadcasts/letters/edit.html",
        broadcast=broadcast,
        form=form,
        reader=_reader(people),
        people=people,
        saved_at=broadcast.updated_at,
        **_figures(broadcast),
    )
    return make_response(html, status)


def _reader(people: Sequence[Subscriber]) -> Subscriber | None:
    """As whom it is read at first: who was asked for, else the newest person."""
    asked = request.args.get("reader")
    return next(iter(people), None) if asked is None else readers.chosen(asked)


def _saved(broadcast: Broadcast) -> Response:
    html = render_template(
        "broadcasts/letters/_saved.html",
        broadcast=broadcast,
        saved_at=now(),
        swap=True,
        **_figures(broadcast),
    )
    response = make_response(html)
    response.headers["HX-Trigger"] = "mailrith:saved"
    return response


def _refused(broadcast: Broadcast, form: LetterForm) -> Response:
    if not wants_partial():
        return _page(broadcast, form, 422)
    errors = [sentence for field in form for sentence in field.errors] + form.form_errors
    html = render_template("broadcasts/letters/_unsaved.html", sentence=" ".join(errors))
    return make_response(html, 422)


def _both(broadcast: Broadcast, words: Words) -> Response:
    """Two windows: show what was saved meanwhile beside what was typed here, and let the person choose."""
    db.session.rollback()
    template = (
        "broadcasts/letters/_both.html" if wants_partial() else "broadcasts/letters/both.html"
    )
    return make_response(render_template(template, broadcast=broadcast, words=words), 409)


def _figures(broadcast: Broadcast) -> dict[str, object]:
    shown = _preview(broadcast, readers.NOBODY)
    return {"counts": shown.counts, "size": shown.size, "limit": GMAIL_CLIPS_AT}


def _preview(broadcast: Broadcast, person: Person) -> Preview:
    return preview(
        parse_document(broadcast.body_document),
        person=person,
        footer=readiness.footer_of(g.workspace),
        subject=broadcast.subject,
        preview_text=broadcast.preview_text,
        unsubscribe_url=test_unsubscribe_url(),
    )


def _next(broadcast: Broadcast) -> str:
    """Where the pressed button leads: the next step, or a test; without one, here again."""
    endpoint = {
        "continue": "broadcast_audiences.edit",
        "test": "broadcast_tests.show",
    }.get(request.form.get("go", ""), "broadcast_letters.edit")
    return url_for(endpoint, public_id=broadcast.public_id)
