"""The columns of a connection that hold what was typed, and the findings that a change makes worthless."""

from collections.abc import Iterable

from mailrith.connections.form.values import ConnectionValues, Limits, start_limits
from mailrith.connections.models import Connection
from mailrith.core.clock import now

_TYPED = (
    "provider",
    "name",
    "from_name",
    "from_email",
    "loopback",
    "port",
    "secure_mode",
    "minimum_tls",
    "verify_certificate",
    "ca_certificate",
    "ehlo_name",
    "auth_mechanism",
    "allow_clear_auth",
    "oauth_client_id",
    "oauth_token_url",
    "oauth_scope",
)
_HARMLESS = {"name", "from_name", "workspaces", "shares", "provider_options", *Limits._fields}


def fill(connection: Connection, values: ConnectionValues, *, careful: bool = False) -> None:
    """Write what was typed; `careful` turns "no limit" into the start values. Secrets are not among it."""
    for name in _TYPED:
        setattr(connection, name, getattr(values, name))
    connection.provider_options = dict(values.provider_options)
    limits = values.limits or start_limits(values)
    if careful:  # "no limit" was meant for this machine
        start = start_limits(values)
        limits = limits._replace(
            per_second=limits.per_second or start.per_second,
            per_day=limits.per_day or start.per_day,
        )
    if not (limits.ramp_start and connection.ramp_start):
        connection.ramp_began_at = None  # whoever ends a warm-up and begins one begins anew
    for name, limit in limits._asdict().items():
        setattr(connection, name, limit)


def changed(connection: Connection, values: ConnectionValues) -> list[str]:
    """Names of the columns that differ, for the audit log. Never their values: a host may be a secret."""
    limits = values.limits or start_limits(values)
    wanted = {name: getattr(values, name) for name in (*_TYPED, "host")} | limits._asdict()
    wanted["provider_options"] = dict(values.provider_options)
    return [name for name, value in wanted.items() if getattr(connection, name) != value]


def copied(connection: Connection) -> Connection:
    """A new row with the same values and none of the secrets and findings."""
    names = (*_TYPED, *Limits._fields)
    copy = Connection(account_id=connection.account_id, last_report={})
    for name in names:
        setattr(copy, name, getattr(connection, name))
    copy.provider_options = dict(connection.provider_options)
    copy.dkim_selectors = list(connection.dkim_selectors)
    return copy


def forget_findings(connection: Connection, names: Iterable[str]) -> None:
    """After a change of these columns: what was last found out is about something else."""
    changed_names = set(names)
    if not changed_names - _HARMLESS:
        return
    if "from_email" in changed_names:
        connection.sender_report, connection.sender_checked_at = {}, None
    connection.verified_at, connection.last_report = None, {}
    connection.certificate_until = None
    connection.last_error, connection.last_error_at = "", None
    connection.probe_failures = 0
    if connection.paused_at is not None:
        connection.probe_at = now()  # the change may have been the remedy
