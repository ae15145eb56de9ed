"""From a form to the values of a connection, and back. A stored password never comes back."""

from collections.abc import Iterable
from typing import Any

from mailrith.accounts.models import Workspace
from mailrith.connections import presets
from mailrith.connections.credentials import username_or_nothing
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.limits import shares
from mailrith.connections.models import (
    AuthMechanism,
    Connection,
    MinimumTls,
    Provider,
    SecureMode,
)
from mailrith.connections.offered import offer
from mailrith.connections.presets import Preset
from mailrith.core.errors import Invalid
from mailrith.web.connections import limit_fields, ports
from mailrith.web.connections.forms import MOST_PEM, OPTION, ConnectionForm
from mailrith.web.connections.limit_fields import NUMBERS

_SAME = (
    "name",
    "from_name",
    "from_email",
    "host",
    "port",
    "ca_certificate",
    "ehlo_name",
    "allow_clear_auth",
    "oauth_client_id",
    "oauth_token_url",
    "oauth_scope",
)


def started_with(preset: Preset, wish: dict[str, str], *, workspace_id: int) -> dict[str, Any]:
    """What the form of a new connection begins with. `wish` has its names, but no say over the operator's sender."""
    known = {name: getattr(preset.limits, name, None) for name in (*NUMBERS, "day_zone")}
    offered = offer() if preset.provider == Provider.INSTALLATION else None
    return {
        "name": preset.label,
        **wish,
        **({"from_email": offered.from_email} if offered else {}),
        "workspaces": [workspace_id],
        "host": preset.host(),
        "port": preset.port,
        "secure_mode": preset.secure_mode.value,
        "username": preset.username.fixed if preset.username else "",
        "auth_mechanism": preset.mechanism.value,
        **{name: value for name, value in known.items() if value},
    }


def filled_with(connection: Connection, workspaces: Iterable[Workspace]) -> dict[str, Any]:
    """The form's values of a stored connection. Never a secret."""
    stored, preset = connection.provider_options, presets.of(Provider(connection.provider))
    options = {OPTION + o.name: stored.get(o.name, "") for o in preset.options}
    return {name: getattr(connection, name) for name in _SAME} | {
        "secure_mode": SecureMode(connection.secure_mode).value,
        "auth_mechanism": AuthMechanism(connection.auth_mechanism).value,
        "minimum_tls": MinimumTls(connection.minimum_tls).value,
        "accept_unverified": not connection.verify_certificate,
        "username": username_or_nothing(connection),
        "workspaces": [workspace.id for workspace in workspaces],
        **options,
        **limit_fields.filled(connection, shares.of(connection.id)),
    }


def values_of(form: ConnectionForm, *, new: bool) -> ConnectionValues:
    """What was typed. Port and security propose each other, and a host follows from its region. Raises Invalid."""
    options = form.chosen_options()
    port, mode = _line(form)
    return ConnectionValues(
        provider=form.preset.provider,
        provider_options=options,
        name=form.name.data or "",
        from_name=form.from_name.data or "",
        from_email=(form.from_email.data or "").strip(),
        workspace_ids=frozenset(form.workspaces.data or ()),
        host=(form.host.data or "").strip() if form.host_is_typed else form.preset.host(options),
        port=port,
        secure_mode=mode,
        username=form.username.data or "",
        password=form.password.data or "",
        auth_mechanism=AuthMechanism(form.auth_mechanism.data),
        oauth_client_id=form.oauth_client_id.data or "",
        oauth_secret=form.oauth_secret.data or "",
        oauth_refresh=form.oauth_refresh.data or "",
        oauth_token_url=form.preset.token_url(options) or form.oauth_token_url.data or "",
        oauth_scope=_scope(form),
        verify_certificate=not form.accept_unverified.data,
        ca_certificate=_authority(form),
        minimum_tls=MinimumTls(form.minimum_tls.data),
        allow_clear_auth=bool(form.allow_clear_auth.data),
        ehlo_name=(form.ehlo_name.data or "").strip(),
        limits=limit_fields.limits_of(form, new=new),
        shares=limit_fields.shares_of(form),
    )


def _line(form: ConnectionForm) -> tuple[int, SecureMode]:
    chosen = form.secure_mode.data if form.secure_mode.raw_data else None
    mode = SecureMode(chosen) if chosen else None
    port = form.port.data or ports.port_for(mode)
    return port, mode or ports.security_for(port)


def _scope(form: ConnectionForm) -> str:
    known = form.preset.oauth
    return known.scope if known else form.oauth_scope.data or ""


def _authority(form: ConnectionForm) -> str:
    """The PEM text; a chosen file wins over what stands in the box."""
    file = form.ca_file.data
    if not file or not getattr(file, "filename", ""):
        return (form.ca_certificate.data or "").replace("\r\n", "\n").strip()
    content: bytes = file.read(MOST_PEM + 1)
    if len(content) > MOST_PEM:
        raise Invalid("This file is too large to be a certificate.", field="ca_certificate")
    return content.decode("utf-8", errors="replace").replace("\r\n", "\n").strip()
