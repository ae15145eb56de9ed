"""The page of the form, new or stored, and the check that its servers may be reached."""

import json
from typing import Any

from flask import Response, render_template

from mailrith.connections import assigning
from mailrith.connections.checks.reports import pause_reason, shown_steps
from mailrith.connections.form import rules as form_rules
from mailrith.connections.form import sign_in
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.models import Connection
from mailrith.connections.standing import reputation
from mailrith.connections.standing.health import health_of
from mailrith.connections.standing.pausing import by_share
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.network import Policy
from mailrith.web.connections import limit_fields, ports, returning
from mailrith.web.connections.forms import ConnectionForm
from mailrith.web.connections.limits_shown import pacing_of
from mailrith.web.connections.loading import may_manage, owns_account, person, sees_whole
from mailrith.web.connections.rows import standing_of
from mailrith.web.connections.verification import panel_of

# For the script: what the port says about the security, and the reverse.
_PROPOSALS = json.dumps(
    {
        "security": {str(port): mode.value for port, mode in ports.USUAL_SECURITY.items()},
        "port": {mode.value: str(port) for mode, port in ports.USUAL_PORT.items()},
    }
)


def form_page(
    form: ConnectionForm, connection: Connection | None = None, *, status: int = 200
) -> Response:
    """The form, and beside it what Verify found or will try."""
    known = _known_of(connection) if connection else {"panel": {"steps": shown_steps(None)}}
    may_change = may_manage() and not known.get("elsewhere", False)
    if not may_change:
        form.username.data = ""  # a secret, of no use to somebody who only looks
    page = render_template(
        "connections/edit.html",
        form=form,
        preset=form.preset,
        connection=connection,
        may_manage=may_change,
        is_owner=owns_account(),
        proposals=_PROPOSALS,
        back=returning.wanted(),
        receivers=limit_fields.rows_of(form),
        shared=limit_fields.share_fields_of(form),
        **known,
    )
    # It shows host and username, so no cache may keep it.
    return Response(page, status, {"Cache-Control": "no-store"})


def _known_of(connection: Connection) -> dict[str, Any]:
    """What is told of a stored connection around its form."""
    count = reputation.of_one(connection)
    # what it sent is the list's
    health = health_of(connection, sent_today=0, reputation=count, whole=sees_whole(connection))
    pause = pause_reason(connection)
    others = assigning.assigned(connection) - assigning.manageable(connection, person())
    return {
        "panel": panel_of(connection),
        "health": health,
        "standing": standing_of(health, pause.what if pause else ""),
        "pause": pause,
        "pause_figures": health.returned if by_share(connection) else "",
        "incomplete": sign_in.is_missing(connection),
        "elsewhere": bool(others),
        "pacing": pacing_of(connection),
    }


def check_servers(values: ConnectionValues) -> None:
    """Refuse servers that may not be reached. Raises Invalid."""
    db.session.rollback()  # a name server may take seconds: no transaction waits for it
    form_rules.check_servers(values, Policy.of(config.current()))
