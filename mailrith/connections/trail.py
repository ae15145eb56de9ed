"""What the audit log keeps of connections: who, when, what. Never a value: hosts and usernames are secrets too."""

from mailrith.accounts import audit
from mailrith.accounts.models import User
from mailrith.connections.models import Connection, SecureMode


def record(
    connection: Connection, action: str, user: User | None, details: dict[str, object] | None = None
) -> None:
    """Note `action`; nobody is Mailrith itself."""
    audit.record(
        account_id=connection.account_id,
        user_id=user.id if user else None,
        action=action,
        subject=connection.name,
        details={"connection": str(connection.public_id), **(details or {})},
    )


def weaknesses(connection: Connection) -> frozenset[str]:
    """Actions of the audit log for every protection that this connection does without."""
    in_clear = connection.secure_mode in {SecureMode.NONE, SecureMode.STARTTLS_IF_OFFERED}
    found = {
        "connection.unverified": not connection.verify_certificate,
        "connection.clear_auth": connection.allow_clear_auth,
        "connection.unencrypted": in_clear and not connection.loopback,
    }
    return frozenset(action for action, true in found.items() if true)


def record_weaknesses(
    connection: Connection, user: User, *, besides: frozenset[str] = frozenset()
) -> None:
    """Note each protection that it does without now, but those that it went without before."""
    for action in sorted(weaknesses(connection) - besides):
        record(connection, action, user, {"secure_mode": str(connection.secure_mode)})
