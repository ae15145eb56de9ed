"""A worker drains when it is asked to stop, keeps its pulse, and outlives a job that fails."""

import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from mailrith import worker
from mailrith.core import config, queue
from mailrith.core.db import db
from mailrith.subscribers.models import Tag
from tests.chaos.kill import wait_for_lines
from tests.chaos.stage import stage
from tests.support import factories


def boom(workspace_id):
    db.session.add(Tag(workspace_id=workspace_id, name="half", name_key="half"))
    db.session.flush()
    raise ValueError("broken")


def test_a_job_that_fails_is_logged_and_leaves_nothing_half_done(app, monkeypatch):
    with app.app_context():
        workspace = factories.make_workspace()
        workspace_id = workspace.id
        db.session.rollback()

    monkeypatch.setattr(worker, "log", structlog.get_logger())

    with structlog.testing.capture_logs() as logged:
        job(app, "boom", workspace_id).perform()

    with app.app_context():
        assert db.session.scalars(select(Tag)).all() == []
    [failure] = [line for line in logged if line["event"] == "job_failed"]
    assert (failure["job"], failure["ids"]) == ("tests.test_worker.boom", [workspace_id])


def test_a_worker_does_without_what_only_migrations_need():
    loaded = "import sys, mailrith.worker; print({'alembic', 'flask_migrate'} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", loaded], check=True, capture_output=True, text=True
    )

    assert said.stdout.strip() == "set()"


def test_of_all_workers_one_makes_room_for_a_job(empty_queues):
    work_waits()

    assert [one() for one in (busy(), busy(), busy())] == [True, False, False]


def test_when_a_job_still_waits_another_worker_makes_room(empty_queues, monkeypatch):
    monkeypatch.setitem(worker.ROOM_SECONDS, queue.WORK, 0.001)
    work_waits()
    busy()()

    assert until(busy())


def test_room_is_made_for_work_also_just_after_some_was_made_for_events(empty_queues):
    queue.push([queue.Call("nobody.calls", (), queue.EVENTS)])
    assert busy()()

    work_waits()

    assert [busy()(), busy()()] == [True, False]


def test_after_a_turn_of_events_a_slice_goes_on_for_a_while(app, empty_queues, monkeypatch):
    monkeypatch.setattr(worker.AppJob, "app", app, raising=False)
    monkeypatch.setattr(worker.SimpleWorker, "execute_job", lambda *_: None)
    events = Queue(queue.EVENTS, connection=queue.connect())
    worker.WarmWorker([events], connection=events.connection).execute_job(None, events)
    queue.push([queue.Call("nobody.calls", (), queue.EVENTS)])
    for_events = busy()()

    work_waits()

    assert (for_events, busy()()) == (False, True)


def test_nobody_makes_room_for_more_sending(empty_queues):
    queue.push([queue.Call("nobody.calls", (), queue.MAIL)])

    assert not busy()()


def test_while_the_queue_is_away_nobody_makes_room(empty_queues, make_settings):
    config.install(make_settings(database_url="sqlite://", redis_url="unix:///nowhere.sock"))

    assert not busy()()


@pytest.mark.parametrize(
    ("last", "then"),
    [
        (queue.MAIL, [queue.WORK, queue.EVENTS, queue.MAIL]),
        (queue.EVENTS, [queue.WORK, queue.MAIL, queue.EVENTS]),
    ],
)
def test_sending_and_events_take_turns_and_work_comes_first(empty_queues, last, then):
    queues = {name: Queue(name, connection=queue.connect()) for name in worker.ORDER}
    warm = worker.WarmWorker(list(queues.values()), connection=queue.connect())

    for job_of in (last, queue.WORK):
        warm.reorder_queues(queues[job_of])

    assert [one.name for one in warm._ordered_queues] == then


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_stopped_worker_finishes_what_is_on_the_wire_and_leaves_nobody_in_doubt():
    with stage("sqlite", slice_seconds=20) as here:
        port, log = here.start_sink("--delay-ms", "50")
        run_id = here.make_run(port, 600, sessions=4)
        first = here.start("worker")
        wait_for_lines(log, 60, first, 120)

        first.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        first.wait(12)

        assert time.monotonic() - asked < 10
        assert first.returncode == 0
        assert set(here.counts(run_id)) == {"sent", "queued"}
        here.start("worker")
        assert here.wait_until_finished(run_id, 120) == {"sent": 600}
        heard = Counter(line.partition("\t")[0] for line in log.read_text().splitlines())
        assert set(heard.values()) == {1}
        assert len(heard) == 600


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_worker_is_soon_not_listed_any_more():
    with stage("sqlite") as here:
        client = redis.Redis.from_url(here.settings.redis_url)
        process = here.start("worker")
        keys = until(lambda: client.keys("rq:worker:*"))

        process.kill()
        process.wait()

        assert all(0 < client.ttl(key) <= worker.PULSE_SECONDS for key in keys)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_waits_for_a_queue_that_is_away():
    with stage("sqlite") as here:
        here.valkey.stop()
        process = here.start("worker")
        until(lambda: b"queue_away" in (here.folder / "worker-0.log").read_bytes())
        assert process.poll() is None

        here.valkey.start()

        client = redis.Redis.from_url(here.settings.redis_url)
        assert until(lambda: client.keys("rq:worker:*"))


@pytest.fixture
def empty_queues(redis_url, make_settings, monkeypatch):
    monkeypatch.setattr(config, "_current", make_settings(database_url="sqlite://"))
    monkeypatch.setattr(worker, "ROOM_SECONDS", dict.fromkeys(worker.ROOM_SECONDS, 600.0))
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield
        client.flushdb()


def busy():
    """What a slice of another worker asks."""
    return worker.Waiting(worker.ORDER)


def work_waits():
    queue.push([queue.Call("nobody.calls", (), queue.WORK)])


def until(condition, seconds=90):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def job(app, name, *ids):
    client = redis.Redis.from_url(config.current().redis_url)
    made = worker.AppJob.create(
        f"{__name__}.{name}", ids, connection=client, serializer=JSONSerializer
    )
    worker.AppJob.app = app
    return made
