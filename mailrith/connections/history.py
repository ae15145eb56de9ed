"""The audit log of one connection in words: who changed what, and when. Values are never in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mailrith.accounts.models import AuditEntry, User
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.smtp.causes import cause

MAILRITH = "Mailrith"
SOMEBODY = "Somebody who has left"

WORDS = {
    "connection.created": "Made the connection",
    "connection.duplicated": "Made it as a copy of another connection",
    "connection.edited": "Changed it",
    "connection.enabled": "Enabled it",
    "connection.disabled": "Disabled it",
    "connection.resumed": "Ended the pause",
    "connection.tested": "Sent a test mail",
    "connection.verified": "Had it verified",
    "connection.mailbox_added": "Set up the bounce mailbox",
    "connection.mailbox_edited": "Changed the bounce mailbox",
    "connection.mailbox_removed": "Removed the bounce mailbox",
    "connection.webhook_replaced": "Replaced the webhook's address and secret",
    "connection.webhook_path_replaced": "Replaced the webhook's address",
    "connection.webhook_path_ended": "Ended the webhook's old address",
    "connection.webhook_signing_replaced": "Replaced the webhook's signing secret",
    "connection.webhook_signing_ended": "Ended the webhook's old signing secret",
    "connection.events_source": "Chose who posts events",
    "connection.events_key_added": "Added a key that events are checked with",
    "connection.events_key_removed": "Removed a key that events were checked with",
    "connection.proved": "Read a test mail that had arrived",
    "connection.selector_added": "Added a DKIM selector",
    "connection.selector_forgotten": "Forgot a DKIM selector",
    "connection.unverified": "Let the server's certificate go unchecked",
    "connection.clear_auth": "Allowed the password to be sent without encryption",
    "connection.unencrypted": "Chose to connect without encryption",
    "connection.deleted": "Deleted it",
}
FIELDS = {
    "name": "name",
    "from_name": "From name",
    "from_email": "From email",
    "host": "host",
    "port": "port",
    "secure_mode": "security",
    "sign-in": "sign-in",
    "provider_options": "settings of the service",
    "verify_certificate": "checking of the certificate",
    "ca_certificate": "own certificate authority",
    "minimum_tls": "oldest TLS",
    "auth_mechanism": "sign-in method",
    "allow_clear_auth": "sign-in without encryption",
    "ehlo_name": "EHLO name",
    "messages_per_session": "messages a session",
    "max_sessions": "sessions at once",
    "workspaces": "workspaces",
    "provider": "service",
    "oauth_client_id": "client of the token",
    "oauth_token_url": "address of the token",
    "oauth_scope": "scope of the token",
    "per_second": "limit a second",
    "per_minute": "limit a minute",
    "per_hour": "limit an hour",
    "per_day": "limit a day",
    "per_month": "limit a month",
    "day_zone": "what a day is",
    "ramp_start": "first day of the warm-up",
    "ramp_growth": "growth of the warm-up",
    "ramp_target": "target of the warm-up",
    "receiver_limits": "limits of receivers",
    "shares": "shares of workspaces",
    "sign_in": "sign-in method",
    "tagged": "what is behind the +",
    "afterwards": "what becomes of mails there",
    "move_to": "other folder",
}
_IMPLIED = {"loopback"}  # follows from the host


@dataclass(frozen=True)
class Change:
    """One line. `number` orders lines and names the next page; `by_person` is false for what Mailrith did itself."""

    number: int
    at: datetime
    who: str
    what: str
    by_person: bool


def changes(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[Change]:
    """The newest first, those older than line `before`."""
    query = (
        select(AuditEntry, User)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(
            AuditEntry.account_id == connection.account_id,
            AuditEntry.details["connection"].as_string() == str(connection.public_id),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return [_change(entry, user) for entry, user in db.session.execute(query)]


def _change(entry: AuditEntry, user: User | None) -> Change:
    by_person = entry.user_id is not None
    who = user.name if user else SOMEBODY if by_person else MAILRITH
    return Change(entry.id, entry.at, who, _what(entry.action, entry.details), by_person)


def _what(action: str, details: Mapping[str, Any]) -> str:
    if action == "connection.paused":
        return f"Paused it: “{cause(details.get('cause', '')).title}”"
    words = WORDS.get(action)
    if words is None:  # an action that a newer version wrote
        words = action.removeprefix("connection.").replace("_", " ").capitalize()
    changed = [name for name in details.get("changed") or () if name not in _IMPLIED]
    names = [FIELDS.get(name, str(name).replace("_", " ")) for name in changed]
    if not names:
        return words
    of_mailbox = " of the bounce mailbox" if action == "connection.mailbox_edited" else ""
    return f"Changed {_list(names)}{of_mailbox}"


def _list(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
