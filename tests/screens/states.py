"""Broadcasts in every state that has a picture, written straight into the ledger of the sample."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select

from mailrith.accounts.models import User, Workspace
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.connections.models import Connection
from mailrith.content.letter import Recipient
from mailrith.content.markdown import document_from_markdown
from mailrith.content.merge import Person
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Pause, Run, RunPhase, RunRoute
from mailrith.delivery.sending import letters
from mailrith.demo import letters as sample_letters
from mailrith.demo.mailbox import Mailbox, arrived_now
from mailrith.subscribers.links import unsubscribe_url
from mailrith.subscribers.models import Subscriber, SubscriberStatus, Tag
from mailrith.web import chrome
from tests.screens import coming_in, connections, decisions, events, lists
from tests.support.factories import make_user, make_workspace, save
from tests.support.factories_broadcasts import make_broadcast

State = DeliveryState
# (state, cause, the server's words, how many)
Group = tuple[DeliveryState, str, str, int]

if TYPE_CHECKING:
    from tests.screens.world import World

WELL = ("", "")
GROUPS: Mapping[str, tuple[Group, ...]] = {
    "sending": (
        (State.SENT, *WELL, 8914),
        (State.FAILED, "policy_refused", "451 4.7.1 Limit for outlook.example reached", 37),
        (State.FAILED, "mailbox_unknown", "550 5.1.1 No such user here", 4),
        (
            State.DEFERRED,
            "greylisted",
            "450 4.2.0 Greylisted, please try again in 300 seconds",
            212,
        ),
        (State.IN_DOUBT, "", "", 3),
        (State.SKIPPED, "unsubscribed", "", 2),
        (State.QUEUED, *WELL, 3308),
    ),
    "paused": ((State.SENT, *WELL, 3120), (State.QUEUED, *WELL, 2784)),
    "held": ((State.QUEUED, *WELL, 2784),),
    "canceling": (
        (State.SENT, *WELL, 1204),
        (State.SENDING, *WELL, 6),
        (State.CANCELED, *WELL, 900),
    ),
    "finished": (
        (State.SENT, *WELL, 12391),
        (State.FAILED, "mailbox_unknown", "550 5.1.1 No such user here", 61),
        (State.FAILED, "mailbox_full", "452 4.2.2 Over quota", 22),
        (State.IN_DOUBT, "", "", 3),
        (State.SKIPPED, "unsubscribed", "", 3),
    ),
    "failed": ((State.FAILED, "content_refused", "554 5.7.1 Looks like spam", 214),),
    "sent": ((State.SENT, *WELL, 12334),),
}


def make(ids: dict[str, Any]) -> None:
    """Fill `ids` with what screens name. Commits."""
    coming_in.make(ids)
    workspace, user = ids["workspace"], ids["user"]
    connection = db.session.scalars(select(Connection)).first()
    assert connection is not None
    _sample(ids, workspace)
    _people(ids, workspace)
    ids["newcomer"] = make_user("Imani")
    ids["empty"] = make_workspace(ids["newcomer"], name="Seed Library")
    ids["connection"] = connection.public_id
    ids["empty_draft"] = make_broadcast(
        workspace, subject="", preview_text="", markdown="", audience={}, created_by=user.id
    ).public_id
    _letters_in_the_inbox(workspace, connection)
    lists.make(ids)
    connections.make(ids)
    events.make(ids)
    stage = _Stage(ids, workspace, user, connection)
    stage.add("sent", "A short defence of the dandelion", RunPhase.FINISHED, status="completed")
    stage.add("failed", "New gate code from Monday", RunPhase.FINISHED, status="failed")
    stage.add(
        "finished", "What to sow in the last week of April", RunPhase.FINISHED, status="completed"
    )
    stage.add(
        "canceling", "Plot-holders’ meeting, corrected", RunPhase.CANCELING, group="canceling"
    )
    stage.add(
        "preparing", "Chitting, earthing up, and other potato words", RunPhase.PREPARING, group=""
    )
    stage.add(
        "paused_system",
        "Slug season, without pellets",
        RunPhase.PAUSED,
        group="paused",
        pause_cause="auth_refused",
        pause_words="535 5.7.8 Username and password not accepted",
    )
    stage.add(
        "paused_limit",
        "Your seed order, and three I would skip",
        RunPhase.PAUSED,
        group="paused",
        pause_cause=Pause.DAILY_LIMIT,
    )
    stage.add(
        "paused_person",
        "Save the date: the autumn seed swap",
        RunPhase.PAUSED,
        group="paused",
        pause_cause=Pause.PERSON,
    )
    stage.add(
        "held",
        "Plots for next year: put your name down",
        RunPhase.PAUSED,
        pause_cause=Pause.COUNT_GREW,
    )
    stage.add("sending", "The hungry gap, and what to eat in it", RunPhase.SENDING)
    decisions.make(ids, workspace, connection)


@contextmanager
def undoable(world: "World") -> Iterator[None]:
    """One send can still be taken back."""
    with world.app.app_context():
        run = db.session.scalars(
            select(Run).where(Run.source_public_id == world.ids["preparing"])
        ).one()
        before = run.not_before
        run.not_before, run.phase = now() + timedelta(seconds=26), RunPhase.QUEUED
        db.session.commit()
        yield
        run.not_before, run.phase = before, RunPhase.PREPARING
        db.session.commit()


@contextmanager
def moving(world: "World") -> Iterator[None]:
    """Mail is leaving right now, 14 a second."""
    with world.app.app_context():
        run = db.session.scalars(
            select(Run).where(Run.source_public_id == world.ids["sending"])
        ).one()
        newest = (
            select(Delivery)
            .where(Delivery.run_id == run.id, Delivery.state == State.SENT)
            .order_by(Delivery.id.desc())
            .limit(300)
        )
        moment = now() + timedelta(seconds=2)  # when the page has been opened
        for at, delivery in enumerate(db.session.scalars(newest)):
            delivery.updated_at = moment - timedelta(seconds=at / 14)
        db.session.commit()
    yield


@contextmanager
def no_worker(world: "World") -> Iterator[None]:
    """Nothing takes jobs."""
    before = dict(chrome._pulse)
    chrome._pulse.update(dict.fromkeys(before, (float("inf"), False)))
    yield
    chrome._pulse.update(before)


class _Stage:
    """Puts broadcasts with a run on it."""

    def __init__(
        self, ids: dict[str, Any], workspace: Workspace, user: User, connection: Connection
    ) -> None:
        self.ids, self.workspace, self.user, self.connection = ids, workspace, user, connection
        self.people = list(
            db.session.scalars(
                select(Subscriber).where(Subscriber.status == SubscriberStatus.ACTIVE).limit(400)
            )
        )

    def add(
        self,
        name: str,
        subject: str,
        phase: RunPhase,
        *,
        group: str | None = None,
        status: str = "running",
        **pause: Any,
    ) -> None:
        broadcast = make_broadcast(
            self.workspace,
            subject=subject,
            connection_id=self.connection.id,
            status=BroadcastStatus(status),
            scheduled_by=self.user.id,
            created_by=self.user.id,
        )
        groups = GROUPS.get(name if group is None else group, ())
        people = sum(number for *_, number in groups)
        began = now() - timedelta(minutes=11)
        ended = began + timedelta(minutes=9) if phase == RunPhase.FINISHED else None
        run = save(
            Run(
                workspace_id=self.workspace.id, connection_id=self.connection.id, source="broadcast",
                source_public_id=broadcast.public_id, audience=broadcast.audience, phase=phase,
                letter=letters.freeze(
                    workspace=self.workspace, connection=self.connection, subject=subject,
                    preview_text="", body_document=broadcast.body_document,
                ).to_json(),
                frozen_count=people or None, confirmed_count=people or 12480,
                left_out={"Unconfirmed": 41, "Unsubscribed": 158, "Bounced": 96, "Suppressed": 5},
                not_before=began, frozen_at=began if people else None,
                started_at=began if people else None, finished_at=ended, **pause,
            )
        )  # fmt: skip
        save(RunRoute(run_id=run.id, connection_id=self.connection.id))
        broadcast.run_id = run.id
        broadcast.completed_at = ended
        db.session.commit()
        self._deliver(run, groups)
        self.ids[name] = broadcast.public_id

    def _deliver(self, run: Run, groups: tuple[Group, ...]) -> None:
        rows: list[dict[str, Any]] = []
        for state, cause, words, number in groups:
            for _ in range(number):
                at = len(rows)
                person = self.people[at % len(self.people)]
                local, _, domain = person.email.partition("@")
                email = person.email if at < len(self.people) else f"{local}.{at}@{domain}"
                rows.append({
                    "workspace_id": run.workspace_id, "run_id": run.id, "email": email,
                    "subscriber_id": person.id if at < len(self.people) else None,
                    "fingerprint": secrets.token_bytes(16), "state": state, "cause": cause,
                    "diagnostic": words, "attempt": 1, "connection_id": self.connection.id,
                    "next_attempt_at": now() + timedelta(minutes=4) if state == State.DEFERRED else None,
                    "updated_at": now() - timedelta(seconds=max(0, (8914 - at) / 14) if state == State.SENT else 90),
                })  # fmt: skip
        if rows:
            db.session.execute(insert(Delivery), rows)
            db.session.commit()


def _letters_in_the_inbox(workspace: Workspace, connection: Connection) -> None:
    people = db.session.scalars(select(Subscriber).limit(6)).all()
    letter = letters.freeze(
        workspace=workspace, connection=connection, subject=sample_letters.SENT_SUBJECT,
        preview_text=sample_letters.SENT_PREVIEW,
        body_document=document_from_markdown(sample_letters.SENT).to_json(),
    )  # fmt: skip
    compiled = letters.compiled(Run(public_id=uuid4(), source="broadcast"), letter)
    arrivals = []
    for person in people:
        link = unsubscribe_url(workspace.id, person.id, person.fingerprint, 0)
        raw = compiled.build(
            Recipient(
                person.email, Person(person.name, person.email),
                f"{person.id}@allotmentpost.example", link, now(),
            )
        )  # fmt: skip
        arrivals.append(arrived_now(person.email, connection.from_name, letter.subject, raw))
    Mailbox(config.current().data_dir).add(arrivals)


def _sample(ids: dict[str, Any], workspace: Workspace) -> None:
    for broadcast in db.session.scalars(select(Broadcast)):
        if broadcast.status == BroadcastStatus.DRAFT:
            ids["draft"] = broadcast.public_id
        elif broadcast.status == BroadcastStatus.SCHEDULED:
            ids["scheduled"] = broadcast.public_id
    ids["tag"] = db.session.scalars(select(Tag.public_id)).first()


def _people(ids: dict[str, Any], workspace: Workspace) -> None:
    for status in SubscriberStatus:
        person = db.session.scalars(select(Subscriber).where(Subscriber.status == status)).first()
        if person is None:
            continue
        ids[f"person_{status.value.lower()}"] = person.public_id
        ids[f"leave_{status.value.lower()}"] = _leave(workspace, person)
    staying = select(Subscriber).where(Subscriber.status == SubscriberStatus.ACTIVE)
    last = db.session.scalars(staying.order_by(Subscriber.id.desc()).limit(20)).all()
    ids["leavers"] = iter([_leave(workspace, person) for person in last])  # each leaves once


def _leave(workspace: Workspace, person: Subscriber) -> str:
    return unsubscribe_url(workspace.id, person.id, person.fingerprint, 0).rpartition("/")[2]
