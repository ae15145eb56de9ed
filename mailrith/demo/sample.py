"""Sample data: a person to sign in as, a workspace, a connection to the local inbox, 500 subscribers, three broadcasts.

Run as a module it migrates the database first and makes what is missing; an existing demo is only pointed at the inbox's port.
"""

import warnings
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask
from flask_security import hash_password
from sqlalchemy import insert, select, update

from mailrith.accounts.models import Account, Member, MemberRole, User, Workspace
from mailrith.app import create_app
from mailrith.broadcasts import actions as broadcasts
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.connections.models import Connection, ConnectionWorkspace, SecureMode
from mailrith.content import markdown
from mailrith.core import addresses, config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.demo import letters
from mailrith.demo.people import people
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import Consent, Subscriber, SubscriberTag, Tag

EMAIL = "hannah@allotmentpost.example"
PASSWORD = "grow-something-slow"  # noqa: S105 - printed on the screen; the demo listens on loopback only
CONNECTION = "Local inbox"
SESSIONS = 8


def main() -> None:
    """Migrate, then make or adjust the sample."""
    from flask_migrate import upgrade

    app = create_app(config.load())
    with app.app_context(), warnings.catch_warnings():
        upgrade()
        port = urlsplit(config.current().system_smtp_url or "").port or 0
        ensure(smtp_port=port)


def ensure(*, smtp_port: int) -> None:
    """Make the sample in an empty database; in one that has it, follow the inbox to its new port. Commits."""
    if db.session.scalar(select(User.id).where(User.email == EMAIL)):
        db.session.execute(
            update(Connection)
            .where(Connection.name == CONNECTION, Connection.host == "127.0.0.1")
            .values(port=smtp_port)
        )
        db.session.commit()
        return
    user, workspace = _people_in_charge()
    connection = _connection(workspace, smtp_port)
    tags = _subscribers(workspace, user)
    db.session.commit()
    _broadcasts(workspace, user, connection, tags)


def _people_in_charge() -> tuple[User, Workspace]:
    user = User(
        email=EMAIL,
        password=hash_password(PASSWORD),
        fs_uniquifier="demo-hannah",
        confirmed_at=now(),
        display_name="Hannah Okafor",
        time_zone="Europe/London",
    )
    db.session.add(user)
    db.session.flush()
    account = Account(owner_id=user.id)
    db.session.add(account)
    db.session.flush()
    workspace = Workspace(
        account_id=account.id,
        slug="the-allotment-post",
        name="The Allotment Post",
        address="14 Hackney Lane",
        city="London",
        postal_code="E8 1AA",
        country="United Kingdom",
        time_zone="Europe/London",
        address_salt=b"allotment-post-0",
    )
    db.session.add(workspace)
    db.session.flush()
    db.session.add(Member(workspace_id=workspace.id, user_id=user.id, role=MemberRole.OWNER))
    return user, workspace


def _connection(workspace: Workspace, smtp_port: int) -> Connection:
    connection = Connection(
        account_id=workspace.account_id,
        name=CONNECTION,
        from_name="Hannah at The Allotment Post",
        from_email=EMAIL,
        host="127.0.0.1",
        port=smtp_port,
        secure_mode=SecureMode.NONE,
        max_sessions=SESSIONS,
    )
    db.session.add(connection)
    db.session.flush()
    db.session.add(ConnectionWorkspace(workspace_id=workspace.id, connection_id=connection.id))
    return connection


def _subscribers(workspace: Workspace, user: User) -> dict[str, Tag]:
    everyone = list(people())
    today = now()
    rows: list[dict[str, Any]] = [
        {
            "workspace_id": workspace.id,
            "email": person.email,
            "email_key": addresses.key(person.email),
            "fingerprint": addresses.fingerprint(workspace.address_salt, person.email),
            "name": person.name,
            "status": person.status,
            "subscribed_at": today - timedelta(days=person.days),
        }
        for person in everyone
    ]
    db.session.execute(insert(Subscriber), rows)
    ids = dict(
        db.session.execute(
            select(Subscriber.email_key, Subscriber.id).where(
                Subscriber.workspace_id == workspace.id
            )
        ).tuples()
    )
    tags = {
        name: _tag(workspace, name)
        for name in sorted({tag for person in everyone for tag in person.tags})
    }
    db.session.execute(
        insert(SubscriberTag),
        [
            {"tag_id": tags[name].id, "subscriber_id": ids[addresses.key(person.email)]}
            for person in everyone
            for name in person.tags
        ],
    )
    db.session.execute(
        insert(Consent),
        [
            {
                "workspace_id": workspace.id,
                "subscriber_id": ids[addresses.key(person.email)],
                "basis": "consent",
                "source": "Form on allotmentpost.example",
                "collected_at": today - timedelta(days=person.days),
                "recorded_by": user.id,
            }
            for person in everyone
        ],
    )
    return tags


def _tag(workspace: Workspace, name: str) -> Tag:
    tag = Tag(workspace_id=workspace.id, name=name, name_key=name.casefold())
    db.session.add(tag)
    db.session.flush()
    return tag


def _broadcasts(
    workspace: Workspace, user: User, connection: Connection, tags: dict[str, Tag]
) -> None:
    readers = Audience(mode="tags", with_tags=(tags["Weekly readers"].id,), without_tags=())
    for subject, preview, text in (
        (letters.SENT_SUBJECT, letters.SENT_PREVIEW, letters.SENT),
        (letters.SCHEDULED_SUBJECT, letters.SCHEDULED_PREVIEW, letters.SCHEDULED),
        (letters.DRAFT_SUBJECT, letters.DRAFT_PREVIEW, letters.DRAFT),
    ):
        broadcast = Broadcast(
            workspace_id=workspace.id,
            created_by=user.id,
            subject=subject,
            preview_text=preview,
            markdown=text,
            body_document=markdown.document_from_markdown(text).model_dump(
                mode="json", exclude_none=True
            ),
            connection_id=connection.id,
            audience=readers.to_json(),
        )
        db.session.add(broadcast)
        db.session.flush()
        if subject == letters.SENT_SUBJECT:
            # Really sent, by the worker that starts after this: the ledger and the inbox are true.
            broadcasts.send_sample(workspace, broadcast)
        elif subject == letters.SCHEDULED_SUBJECT:
            broadcast.status = BroadcastStatus.SCHEDULED
            broadcast.scheduled_at = _next_tuesday_at_seven(workspace)
            broadcast.scheduled_by = user.id
        db.session.commit()


def _next_tuesday_at_seven(workspace: Workspace) -> Any:
    local = now().astimezone(ZoneInfo(workspace.time_zone))
    days = (1 - local.weekday()) % 7 or 7
    return (local + timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)


def app_with_sample(settings: config.Settings, *, smtp_port: int) -> Flask:
    """An app on a migrated database with the sample in it; for pictures and journeys."""
    from flask_migrate import upgrade

    app = create_app(settings)
    with app.app_context():
        upgrade()
        ensure(smtp_port=smtp_port)
    return app


if __name__ == "__main__":
    main()
