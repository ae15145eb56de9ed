"""Rows for tests, with the fewest words: every maker commits what it made and returns it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mailrith.accounts.models import Account, Member, MemberRole, User, Workspace
from mailrith.connections import credentials
from mailrith.connections.models import Connection, ConnectionWorkspace, SecureMode
from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.network import is_loopback_host
from mailrith.subscribers.models import Subscriber, SubscriberTag, Tag

_count = iter(range(1, 10**9))


_together = [False]


@contextmanager
def together() -> Iterator[None]:
    """What is made inside is committed at the end, all at once: a commit for each row makes SQLAlchemy read all of them again."""
    _together[0] = True
    try:
        yield
    finally:
        _together[0] = False
    db.session.commit()


def save(row: Any) -> Any:
    db.session.add(row)
    if _together[0]:
        db.session.flush()
    else:
        db.session.commit()
    return row


def make_user(name: str = "Alice", **changes: Any) -> User:
    number = next(_count)
    values: dict[str, Any] = {
        "email": f"{name.lower()}{number}@people.example",
        "display_name": name,
        "fs_uniquifier": secrets.token_hex(16),
        "confirmed_at": now(),
    }
    return save(User(**values | changes))


def make_workspace(owner: User | None = None, **changes: Any) -> Workspace:
    owner = owner or make_user()
    account = db.session.query(Account).filter_by(owner_id=owner.id).first() or save(
        Account(owner_id=owner.id)
    )
    number = next(_count)
    values: dict[str, Any] = {
        "account_id": account.id,
        "slug": f"workspace-{number}",
        "name": "The Allotment Post",
        "address": "14 Hackney Lane",
        "city": "London",
        "postal_code": "E8 1AA",
        "country": "United Kingdom",
        "time_zone": "Europe/London",
        "address_salt": secrets.token_bytes(16),
    }
    workspace = save(Workspace(**values | changes))
    save(Member(workspace_id=workspace.id, user_id=owner.id, role=MemberRole.OWNER))
    return workspace


def make_member(workspace: Workspace, user: User, /, **permissions: str) -> Member:
    return save(Member(workspace_id=workspace.id, user_id=user.id, permissions=permissions))


def make_subscriber(workspace: Workspace, **changes: Any) -> Subscriber:
    number = next(_count)
    email = changes.pop("email", f"reader{number}@readers.example")
    values: dict[str, Any] = {
        "workspace_id": workspace.id,
        "email": email,
        "email_key": addresses.key(email),
        "fingerprint": addresses.fingerprint(workspace.address_salt, email),
        "name": f"Reader {number}",
    }
    return save(Subscriber(**values | changes))


def make_tag(workspace: Workspace, name: str, *people: Subscriber) -> Tag:
    tag = save(Tag(workspace_id=workspace.id, name=name, name_key=name.casefold()))
    for person in people:
        save(SubscriberTag(tag_id=tag.id, subscriber_id=person.id))
    return tag


def owner_of(connection: Connection) -> User:
    """Who may do anything with it."""
    account = db.session.get_one(Account, connection.account_id)
    return db.session.get_one(User, account.owner_id)


def make_connection(workspace: Workspace, **changes: Any) -> Connection:
    values: dict[str, Any] = {
        "account_id": workspace.account_id,
        "name": "Northpost SMTP",
        "from_name": "Hannah at The Allotment Post",
        "from_email": "hannah@allotmentpost.example",
        "port": 1025,
        "secure_mode": SecureMode.NONE,
        "max_sessions": 4,
    }
    host = changes.pop("host", "127.0.0.1")
    values["loopback"] = is_loopback_host(host)
    connection = save(Connection(**values | changes))
    credentials.seal(connection, "host", host)
    db.session.commit()
    save(ConnectionWorkspace(workspace_id=workspace.id, connection_id=connection.id))
    return connection
