"""What bounces and complaints do: when soft bounces end an address, and where a complaint counts."""

from flask import Blueprint, g, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from mailrith.accounts import audit, permissions
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.suppression import policy
from mailrith.web.access import needs
from mailrith.web.forms import apply_invalid
from mailrith.web.respond import redirect_to
from mailrith.web.settings.forms import EVERYWHERE, HERE, PolicyForm

blueprint = Blueprint("policy", __name__, url_prefix="/settings/bounces")


@blueprint.get("")
@needs("workspace", "view")
def edit() -> str:
    """The page."""
    return _page(_filled())


@blueprint.post("")
@needs("workspace", "manage")
def save() -> Response | tuple[str, int]:
    """Write what changed. It holds from the next event on."""
    form = PolicyForm()
    try:
        changed = _save(form)
    except Invalid as error:
        db.session.rollback()
        apply_invalid(form, error)
        return _page(form), 422
    db.session.commit()
    said = "Saved. It holds from the next event on." if changed else "Nothing was changed."
    return redirect_to(url_for(".edit"), message=said)


def _save(form: PolicyForm) -> bool:
    """Returns whether anything changed. Raises Invalid and Forbidden."""
    account_id = g.workspace.account_id
    before = policy.choose_soft_bounces(g.workspace, form.soft_bounces())
    if before is not None:
        _audit(before={"bounces": before.bounces, "days": before.days})
    wanted = form.complaints.data
    moved = wanted in {HERE, EVERYWHERE} and policy.choose_complaints(
        account_id, everywhere=wanted == EVERYWHERE, user_id=current_user.id
    )
    if moved:
        _audit(complaints=wanted)
    return before is not None or bool(moved)


def _audit(**details: object) -> None:
    audit.record(
        account_id=g.workspace.account_id,
        workspace_id=g.workspace.id,
        user_id=current_user.id,
        action="policy.edited",
        subject=g.workspace.name,
        details=details,
    )


def _filled() -> PolicyForm:
    held = policy.soft_bounces(g.workspace.id)
    everywhere = policy.complaints_everywhere(g.workspace.account_id)
    return PolicyForm(
        formdata=None,
        bounces=str(held.bounces),
        days=str(held.days),
        complaints=EVERYWHERE if everywhere else HERE,
    )


def _page(form: PolicyForm) -> str:
    return render_template(
        "settings/policy/edit.html",
        form=form,
        bounds=policy,
        everywhere=policy.complaints_everywhere(g.workspace.account_id),
        may_edit=permissions.can(g.member, "workspace", "manage"),
        may_spread=policy.may_choose_complaints(g.workspace.account_id, current_user.id),
    )
