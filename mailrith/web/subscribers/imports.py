"""Bringing a list: upload, match columns, say why, check, import. Each step has its own address."""

from collections.abc import Callable
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import imports, queries, refusals
from mailrith.subscribers.models import Import, ImportState
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import STOP_POLLING, page_or_partial, redirect_to
from mailrith.web.subscribers import importing, uploads
from mailrith.web.subscribers.forms import ColumnsForm, ImportConsentForm, UploadForm
from mailrith.web.subscribers.loading import load_import, today, user

blueprint = Blueprint("imports", __name__, url_prefix="/subscribers/imports")
blueprint.url_value_preprocessor(uploads.make_room)


@blueprint.get("/new")
@needs("subscribers", "manage")
def create() -> Response:
    """Step one: a file, or pasted lines."""
    form = UploadForm(formdata=None)
    if "too_big" in request.args:
        apply_invalid(form, Invalid(imports.too_big(), field="file"))
    return _upload_page(form)


@blueprint.post("")
@needs("subscribers", "manage")
def upload() -> BaseResponse:
    """Keep what was brought, or say why it cannot be read."""
    form = UploadForm()
    file = request.files.get("upload")
    try:
        if file is not None and file.filename:
            brought = imports.receive(g.workspace, user().id, file.filename, file.stream)
        else:
            brought = imports.paste(g.workspace, user().id, text(form.pasted))
    except Invalid as error:
        apply_invalid(form, error)
        return _upload_page(form, status=422)
    db.session.commit()
    return redirect_to(_address(brought, "columns"))


@blueprint.get("/<uuid:public_id>/columns")
@needs("subscribers", "manage")
def columns(public_id: UUID) -> BaseResponse:
    """Step two."""
    brought = load_import(public_id)
    if brought.state not in imports.OPEN:
        return redirect(_address(brought, "show"))
    form = ColumnsForm(formdata=None, existing=brought.mapping["existing"])
    return _columns_page(brought, form, importing.chosen_before(brought))


@blueprint.post("/<uuid:public_id>/columns")
@needs("subscribers", "manage")
def map_columns(public_id: UUID) -> BaseResponse:
    """Keep which column goes where."""
    brought = load_import(public_id)
    form, chosen = ColumnsForm(), importing.chosen(brought, request.form)
    if not _accepted(form, lambda: importing.save_columns(brought, form, chosen)):
        return _columns_page(brought, form, chosen, status=422)
    db.session.commit()
    return redirect_to(_address(brought, "consent"))


@blueprint.get("/<uuid:public_id>/consent")
@needs("subscribers", "manage")
def consent(public_id: UUID) -> BaseResponse:
    """Step three."""
    brought = load_import(public_id)
    if brought.state not in imports.OPEN:
        return redirect(_address(brought, "show"))
    return _page("consent", brought, form=importing.filled_consent(brought), today=today())


@blueprint.post("/<uuid:public_id>/consent")
@needs("subscribers", "manage")
def state_consent(public_id: UUID) -> BaseResponse:
    """Keep how they agreed, and begin the check."""
    brought, form = load_import(public_id), ImportConsentForm()
    if not form.validate() or not _accepted(form, lambda: importing.save_consent(brought, form)):
        return _page("consent", brought, status=422, form=form, today=today())
    db.session.commit()
    return redirect_to(_address(brought, "show"))


@blueprint.get("/<uuid:public_id>")
@needs("subscribers", "view")
def show(public_id: UUID) -> BaseResponse:
    """Where it stands: being checked, ready, running, or over."""
    brought = load_import(public_id)
    if brought.state == ImportState.PENDING:
        return redirect(_address(brought, "columns"))
    live = brought.state in importing.LIVE
    return page_or_partial(
        "subscribers/imports/show.html",
        "subscribers/imports/_state.html",
        status=200 if live or not request.headers.get("HX-Request") else STOP_POLLING,
        **importing.context(brought),
    )


@blueprint.post("/<uuid:public_id>/start")
@needs("subscribers", "manage")
def start(public_id: UUID) -> BaseResponse:
    """Write."""
    brought = load_import(public_id)
    imports.start(brought)
    db.session.commit()
    return redirect_to(_address(brought, "show"))


@blueprint.post("/<uuid:public_id>/cancel")
@needs("subscribers", "manage")
def cancel(public_id: UUID) -> BaseResponse:
    """Leave it, or stop where it is."""
    brought = load_import(public_id)
    started = brought.state == ImportState.PROCESSING
    imports.cancel(brought)
    db.session.commit()
    if started:
        return redirect_to(_address(brought, "show"), message="It stops after the rows at hand.")
    return redirect_to(url_for("subscribers.index"), message="Left. Nothing was written.")


@blueprint.get("/<uuid:public_id>/refused.csv")
@needs("subscribers", "view")
def refused(public_id: UUID) -> Response:
    """The rows that were not taken, each with its reason."""
    lines = stream_with_context(refusals.as_csv(load_import(public_id)))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    return response


@blueprint.get("/sample.csv")
@needs("subscribers", "view")
def sample() -> Response:
    """A file that shows the form."""
    response = make_response(importing.SAMPLE)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="sample.csv"'
    return response


def _accepted(form: FlaskForm, save: Callable[[], None]) -> bool:
    """Whether it could be saved; else the form says why not."""
    try:
        save()
    except Invalid as error:
        apply_invalid(form, error)
        return False
    return True


def _address(brought: Import, view: str) -> str:
    return url_for(f"imports.{view}", public_id=brought.public_id)


def _upload_page(form: UploadForm, *, status: int = 200) -> Response:
    page = render_template(
        "subscribers/imports/create.html",
        form=form,
        megabytes=uploads.megabytes(),
        recent=imports.recent(g.workspace.id),
    )
    return make_response(page, status)


def _columns_page(
    brought: Import, form: ColumnsForm, chosen: dict[int, str], *, status: int = 200
) -> Response:
    tags = queries.tags(g.workspace.id)
    shown = importing.columns(brought, chosen)
    return _page("columns", brought, status=status, form=form, columns=shown, tags=tags)


def _page(name: str, brought: Import, *, status: int = 200, **context: object) -> Response:
    page = render_template(
        f"subscribers/imports/{name}.html",
        brought=brought,
        layout=importing.layout(brought),
        **context,
    )
    return make_response(page, status)
