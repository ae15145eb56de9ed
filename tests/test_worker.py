"""A worker drains when it is asked to stop, keeps its pulse, and outlives a job that fails."""

import signal
import time
from collections import Counter

import pytest
import redis
import structlog
from rq.serializers import JSONSerializer
from sqlalchemy import select

from mailrith import worker
from mailrith.core import config
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
