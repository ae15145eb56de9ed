from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask

from mailrith.core import config, queue

CALLS: list[int] = []


def note(number: int) -> None:
    CALLS.append(number)


NOTE = "tests.core.test_queue.note"


def test_a_job_runs_after_the_commit(session: Any, run_jobs: Callable[[], int]) -> None:
    queue.enqueue(NOTE, 1)
    before = run_jobs()
    session.commit()

    assert (before, run_jobs(), CALLS) == (0, 1, [1])


def test_a_job_that_fails_can_be_looked_at_for_a_day(session: Any, redis_url: str) -> None:
    queue.push([queue.Call(NOTE, (1,), queue.WORK)])

    with redis.Redis.from_url(redis_url) as client:
        [key] = client.keys("rq:job:*")
        assert client.hget(key, "failure_ttl") == b"86400"


def test_a_rollback_forgets_the_job(session: Any, run_jobs: Callable[[], int]) -> None:
    queue.enqueue(NOTE, 1)
    session.rollback()
    session.commit()

    assert run_jobs() == 0


def test_a_released_savepoint_does_not_let_the_job_out(
    session: Any, run_jobs: Callable[[], int]
) -> None:
    with session.begin_nested():
        queue.enqueue(NOTE, 1)
    inside = run_jobs()
    session.commit()

    assert (inside, run_jobs()) == (0, 1)


def test_a_lost_queue_does_not_fail_the_commit(
    session: Any, app: Flask, make_settings: Any
) -> None:
    there = config.current()
    config.install(make_settings(database_url=there.database_url, redis_url="unix:///nowhere.sock"))

    queue.enqueue(NOTE, 1)
    session.commit()

    assert not queue.reachable()
    assert queue.worker_names() == []
    config.install(there)


def test_jobs_are_stored_as_json_never_as_pickle(
    session: Any, run_jobs: Any, redis_url: str
) -> None:
    queue.enqueue(NOTE, 7)
    session.commit()

    client = redis.Redis.from_url(redis_url)
    (key,) = client.keys("rq:job:*")
    import zlib

    assert (
        zlib.decompress(client.hget(key, "data"))
        == b'["tests.core.test_queue.note", null, [7], {}]'
    )


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()
