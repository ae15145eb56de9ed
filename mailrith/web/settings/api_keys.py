"""API keys of the workspace: the list, a new one that is shown once, and the end of one."""

from uuid import UUID

from flask import Blueprint, Response, abort, g, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from mailrith.accounts import api_keys
from mailrith.accounts.models import ApiKey
from mailrith.accounts.permissions import can
from mailrith.accounts.scopes import READ_AND_WRITE, SCOPES
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid, text
from mailrith.web.respond import redirect_to
from mailrith.web.settings.api_key_form import ApiKeyForm

blueprint = Blueprint("api_keys", __name__, url_prefix="/settings/api-keys")


@blueprint.get("")
@needs("integrations", "view")
def index() -> str:
    """Every key of the workspace, newest first."""
    return _list("settings/api_keys/index.html")


@blueprint.get("/new")
@needs("integrations", "manage")
def create() -> str:
    """The form."""
    return render_template("settings/api_keys/create.html", form=ApiKeyForm())


@blueprint.post("/new")
@needs("integrations", "manage")
def make() -> Response:
    """Make the key and show it, this once. No cache may keep the page."""
    form = ApiKeyForm()
    try:
        made = api_keys.make(
            g.workspace,
            g.member,
            name=text(form.name),
            wanted=form.wanted,
            expires_at=form.expires_at(g.workspace.time_zone),
        )
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return Response(render_template("settings/api_keys/create.html", form=form), 422)
    db.session.commit()
    page = render_template(
        "settings/api_keys/made.html", made=made, url=config.current().public_url
    )
    return Response(page, headers={"Cache-Control": "no-store"})


@blueprint.get("/<uuid:public_id>/revoke")
@needs("integrations", "manage")
def confirm_revoke(public_id: UUID) -> str:
    """Ask first."""
    return _list("settings/api_keys/revoke.html", key=_load(public_id))


@blueprint.post("/<uuid:public_id>/revoke")
@needs("integrations", "manage")
def revoke(public_id: UUID) -> BaseResponse:
    """It opens nothing from now on."""
    key = _load(public_id)
    api_keys.revoke(g.workspace, key, g.member)
    db.session.commit()
    return redirect_to(url_for(".index"), message=f"{key.name} is revoked.")


def _load(public_id: UUID) -> ApiKey:
    return api_keys.get(g.workspace.id, public_id) or abort(404)


def _list(template: str, **context: object) -> str:
    return render_template(
        template,
        keys=api_keys.keys_of(g.workspace.id),
        state_of=api_keys.state_of,
        access_of=_access,
        may_manage=can(g.member, "integrations", "manage"),
        **context,
    )


def _access(key: ApiKey) -> tuple[str, str]:
    """What it may do, in short and in full."""
    known = [SCOPES[name] for name in key.scopes if name in SCOPES]
    full = "; ".join(scope.label for scope in known)
    if not any(scope.writes for scope in known):
        return "Read only", full
    if set(READ_AND_WRITE) <= set(key.scopes):
        return "Read and write", full
    return f"{len(known)} of {len(SCOPES)} things", full
