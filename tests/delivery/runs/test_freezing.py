"""The audience is written down once, and everybody is accounted for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict
from mailrith.delivery import actions, jobs, signals
from mailrith.delivery.models import Delivery, Run, RunPhase
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression.models import Suppression
from tests.support import factories
from tests.support import factories_delivery as make


def test_everybody_of_the_audience_gets_one_row_and_the_rest_is_counted(session, scene):
    workspace, connection = scene
    people = [factories.make_subscriber(workspace) for _ in range(5)]
    people[0].status = SubscriberStatus.UNSUBSCRIBED
    people[1].status = SubscriberStatus.BOUNCED
    factories.save(
        Suppression(workspace_id=workspace.id, fingerprint=people[2].fingerprint, reason="manual")
    )
    factories.make_subscriber(factories.make_workspace())
    run = make.make_run(workspace, connection)

    jobs.freeze(run.id)

    assert sorted(d.email for d in make.deliveries(run)) == sorted(p.email for p in people[3:])
    session.refresh(run)
    assert run.frozen_count == 2
    assert {k: v for k, v in run.left_out.items() if v} == {
        "Unsubscribed": 1,
        "Bounced": 1,
        "Suppressed": 1,
    }


def test_freezing_twice_changes_nothing(session, scene):
    workspace, connection = scene
    factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection, not_before=now() + timedelta(minutes=1))
    jobs.freeze(run.id)
    factories.make_subscriber(workspace)

    jobs.freeze(run.id)

    assert len(make.deliveries(run)) == 1


def test_an_address_that_is_there_twice_by_mistake_is_mailed_once(session, scene):
    workspace, connection = scene
    one, two, other = (factories.make_subscriber(workspace) for _ in range(3))
    two.fingerprint = one.fingerprint
    run = make.make_run(workspace, connection)

    jobs.freeze(run.id)

    assert sorted(d.email for d in make.deliveries(run)) == sorted([one.email, other.email])
    session.refresh(run)
    assert run.frozen_count == 2


def test_the_first_message_waits_for_the_end_of_the_undo_window(session, scene):
    workspace, connection = scene
    factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection, not_before=now() + timedelta(seconds=30))

    jobs.freeze(run.id)
    jobs.start_due()
    session.refresh(run)
    assert (run.phase, run.started_at) == (RunPhase.PREPARING, None)

    run.not_before = now()
    session.commit()
    jobs.start_due()
    session.refresh(run)
    assert run.phase == RunPhase.SENDING


def test_an_audience_that_grew_by_more_than_a_tenth_is_asked_about(session, scene):
    workspace, connection = scene
    for _ in range(12):
        factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection, confirmed_count=10)

    jobs.freeze(run.id)

    session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "count_grew")
    with pytest.raises(Conflict):
        actions.resume(run)
    actions.confirm_count(run)
    session.commit()
    jobs.start_due()
    session.refresh(run)
    assert (run.phase, run.confirmed_count) == (RunPhase.SENDING, 12)


def test_an_audience_that_grew_by_a_tenth_is_not(session, scene):
    workspace, connection = scene
    for _ in range(11):
        factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection, confirmed_count=10)

    jobs.freeze(run.id)

    session.refresh(run)
    assert run.phase == RunPhase.SENDING


def test_a_run_of_nobody_is_finished_at_once(session, scene):
    run = make.make_run(*scene, audience=Audience().to_json())
    finished = []

    with signals.run_finished.connected_to(lambda _, run_id: finished.append(run_id)):
        jobs.freeze(run.id)

    session.refresh(run)
    assert (run.phase, run.frozen_count) == (RunPhase.FINISHED, 0)
    assert finished == [run.id]


def test_undo_leaves_nothing(session, scene):
    workspace, connection = scene
    factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection, not_before=now() + timedelta(seconds=30))
    jobs.freeze(run.id)

    actions.withdraw(run)
    session.commit()

    assert session.scalars(select(Run)).all() == []
    assert session.scalars(select(Delivery)).all() == []


def test_undo_is_refused_once_sending_has_begun(session, scene):
    workspace, connection = scene
    factories.make_subscriber(workspace)
    run = make.make_run(workspace, connection)
    jobs.freeze(run.id)
    session.refresh(run)

    with pytest.raises(Conflict):
        actions.withdraw(run)
    session.rollback()
    assert len(make.deliveries(run)) == 1


def test_a_withdrawn_run_is_not_frozen_any_more(session, scene):
    run = make.make_run(*scene)
    run_id = run.id
    actions.withdraw(run)
    session.commit()

    jobs.freeze(run_id)

    assert session.scalars(select(Delivery)).all() == []


def test_create_run_freezes_through_the_queue(session, scene, run_jobs):
    workspace, connection = scene
    factories.make_subscriber(workspace)
    letter = make.make_letter(workspace, connection)
    run = actions.create_run(
        workspace_id=workspace.id,
        connection_id=connection.id,
        letter=letter,
        audience=Audience("everyone"),
        source="broadcast",
        source_public_id=None,
        confirmed_count=1,
        not_before=now() + timedelta(minutes=1),
    )
    session.commit()

    run_jobs()

    session.refresh(run)
    assert run.frozen_count == 1


@pytest.fixture
def scene(session):
    workspace = factories.make_workspace()
    yield workspace, factories.make_connection(workspace)
    db.session.rollback()


@pytest.mark.parametrize(("ramp", "first"), [({"ramp_start": 5, "ramp_target": 50}, 2), ({}, 0)])
def test_while_a_connection_warms_up_whoever_joined_last_comes_first(session, scene, ramp, first):
    workspace, connection = scene
    for name, value in ramp.items():
        setattr(connection, name, value)
    joined = [now() - timedelta(days=days) for days in (300, 20, 1)]
    people = [factories.make_subscriber(workspace, subscribed_at=at) for at in joined]
    run = make.make_run(workspace, connection)

    jobs.freeze(run.id)

    emails = [delivery.email for delivery in make.deliveries(run)]
    assert emails[0] == people[first].email
    assert len(emails) == 3
