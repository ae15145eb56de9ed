"""Sample data: a person to sign in as, a workspace, a connection to the local inbox, 500 subscribers, three broadcasts.

Run as a module it migrates the database first and makes what is missing; an existing demo is only pointed at the inbox's port.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask_security import hash_password
from sqlalchemy import insert, select, update

from mailrith.accounts.models import Account, Member, MemberRole, User, Workspace
from mailrith.app import create_app
from mailrith.broadcasts import actions as broadcasts
from mailrith.broadcasts import launching
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.writing import Plan, Words
from mailrith.connections import actions as connections
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.models import Connection, SecureMode
from mailrith.connections.routing import Carrier, Way
from mailrith.core import addresses, config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.demo import letters
from mailrith.demo.people import Person, people
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import Consent, Subscriber, SubscriberStatus, SubscriberTag, Tag
from mailrith.subscribers.statuses import REASONS
from mailrith.suppression import actions as suppression
from mailrith.suppression.actions import Entry
from mailrith.suppression.models import SuppressionReason

EMAIL = "hannah@allotmentpost.example"
PASSWORD = "grow-something-slow"  # noqa: S105 - printed on the screen; the demo listens on loopback only
CONNECTION = "Local inbox"


def main() -> None:
    """Migrate, then make or adjust the sample."""
    from mailrith.structure import upgrade

    app = create_app(config.load())
    with app.app_context():
        upgrade()
        port = urlsplit(config.current().system_smtp_url or "").port or 0
        ensure(smtp_port=port)


def ensure(*, smtp_port: int) -> None:
    """Make the sample in an empty database; in one that has it, follow the inbox to its new port. Commits."""
    if db.session.scalar(select(User.id).where(User.email == EMAIL)):
        db.session.execute(
            update(Connection)
            .where(Connection.name == CONNECTION, Connection.loopback)
            .values(port=smtp_port)
        )
        db.session.commit()
        return
    user, workspace = _people_in_charge()
    connection = _connection(workspace, user, smtp_port)
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


def _connection(workspace: Workspace, user: User, smtp_port: int) -> Connection:
    values = ConnectionValues(
        name=CONNECTION,
        host="127.0.0.1",
        port=smtp_port,
        secure_mode=SecureMode.NONE,
        username="",
        password="",
        from_name="Hannah at The Allotment Post",
        from_email=EMAIL,
        workspace_ids=frozenset({workspace.id}),
    )
    return connections.create(workspace.account_id, values, user)


def _subscribers(workspace: Workspace, user: User) -> dict[str, Tag]:
    everyone = list(people())
    db.session.execute(insert(Subscriber), [_subscriber(workspace, person) for person in everyone])
    rows = select(Subscriber.email_key, Subscriber.id).where(
        Subscriber.workspace_id == workspace.id
    )
    ids = dict(db.session.execute(rows).all())
    names = sorted({tag for person in everyone for tag in person.tags})
    tags = {name: _tag(workspace, name) for name in names}
    tagged = [
        {"tag_id": tags[name].id, "subscriber_id": ids[addresses.key(person.email)]}
        for person in everyone
        for name in person.tags
    ]
    db.session.execute(insert(SubscriberTag), tagged)
    consents = [
        _consent(workspace, user, ids[addresses.key(person.email)], person) for person in everyone
    ]
    db.session.execute(insert(Consent), consents)
    suppression.suppress_many(workspace.id, _kept_off(workspace, everyone), "Before Mailrith")
    return tags


def _kept_off(workspace: Workspace, everyone: list[Person]) -> Iterator[Entry]:
    """Whoever left, complained or could not be reached stands on the list, as if it had happened here."""
    for person in everyone:
        reason = REASONS.get(SubscriberStatus(person.status))
        if reason is not None and reason != SuppressionReason.UNCONFIRMED:
            fingerprint = addresses.fingerprint(workspace.address_salt, person.email)
            yield Entry(fingerprint, person.email, reason)


def _subscriber(workspace: Workspace, person: Person) -> dict[str, Any]:
    return {
        "workspace_id": workspace.id,
        "email": person.email,
        "email_key": addresses.key(person.email),
        "fingerprint": addresses.fingerprint(workspace.address_salt, person.email),
        "name": person.name,
        "status": person.status,
        "subscribed_at": now() - timedelta(days=person.days),
    }


def _consent(
    workspace: Workspace, user: User, subscriber_id: int, person: Person
) -> dict[str, Any]:
    return {
        "workspace_id": workspace.id,
        "subscriber_id": subscriber_id,
        "basis": "consent",
        "source": "Form on allotmentpost.example",
        "collected_at": now() - timedelta(days=person.days),
        "recorded_by": user.id,
    }


def _tag(workspace: Workspace, name: str) -> Tag:
    tag = Tag(workspace_id=workspace.id, name=name, name_key=name.casefold())
    db.session.add(tag)
    db.session.flush()
    return tag


def _broadcasts(
    workspace: Workspace, user: User, connection: Connection, tags: dict[str, Tag]
) -> None:
    readers = Audience(mode="tags", with_tags=(tags["Weekly readers"].id,))
    sent, scheduled, draft = (
        Words(letters.SENT_SUBJECT, letters.SENT_PREVIEW, letters.SENT),
        Words(letters.SCHEDULED_SUBJECT, letters.SCHEDULED_PREVIEW, letters.SCHEDULED),
        Words(letters.DRAFT_SUBJECT, letters.DRAFT_PREVIEW, letters.DRAFT),
    )
    for words in (sent, scheduled, draft):
        broadcast = broadcasts.create(workspace, user.id)
        broadcasts.write(broadcast, words, broadcast.version)
        plan = Plan(readers, connection.id, reply_to_email="", leaves_at=None)
        broadcasts.plan(broadcast, plan, broadcast.version)
        if words is sent:
            _send(workspace, broadcast, connection, user)
        elif words is scheduled:
            people = launching.count_of(broadcast).total
            tuesday = _next_tuesday_at_seven(workspace)
            broadcasts.schedule(
                workspace, broadcast, tuesday, user_id=user.id, typed_count=str(people)
            )
        db.session.commit()


def _send(workspace: Workspace, broadcast: Broadcast, connection: Connection, user: User) -> None:
    """Really sent, by the worker that starts after this: the ledger and the inbox are true."""
    people = launching.count_of(broadcast).total
    launching.claim(broadcast, BroadcastStatus.DRAFT, to=BroadcastStatus.RUNNING)
    broadcast.scheduled_by = user.id
    way = Way(connection, (Carrier(connection),))
    launching.launch(workspace, broadcast, way, confirmed_count=people, not_before=now())


def _next_tuesday_at_seven(workspace: Workspace) -> datetime:
    local = now().astimezone(ZoneInfo(workspace.time_zone))
    days = (1 - local.weekday()) % 7 or 7
    return (local + timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)


if __name__ == "__main__":
    main()
