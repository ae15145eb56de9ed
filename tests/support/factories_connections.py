"""Connections as people type them."""

from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.models import SecureMode
from mailrith.core.clock import now
from mailrith.smtp.verify import Report, Step

# Columns as Verify leaves them where the server took the sender.
VERIFIED = {"verified_at": now(), "last_report": Report((Step("sender", ok=True),)).as_data()}


def typed_connection(*workspaces, **changes):
    """A filled-in form for a server on this machine that needs no sign-in."""
    values = {
        "name": "Northpost SMTP",
        "host": "127.0.0.1",
        "port": 1025,
        "secure_mode": SecureMode.NONE,
        "username": "",
        "password": "",
        "from_name": "Hannah at The Allotment Post",
        "from_email": "hannah@allotmentpost.example",
        "workspace_ids": frozenset(workspace.id for workspace in workspaces),
    }
    return ConnectionValues(**values | changes)
