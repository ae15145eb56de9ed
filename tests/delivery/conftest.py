"""Slices that run beside the test, as they would in a worker."""

import threading
import time

import pytest

from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine
from tests.support.resolver import names  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _fresh_engine():
    yield
    engine.current().discard()
    engine.current().draining = False


@pytest.fixture
def in_background(app):
    """Run a slice in a thread; the answer joins it. What it raises fails the test."""
    threads = []

    def start(run):
        failures, run_id = [], run.id

        def work():
            with app.app_context():
                try:
                    jobs.send_slice(run_id)
                except BaseException as error:
                    failures.append(error)

        db.session.commit()  # an open transaction would keep SQLite's one write lock from the slice
        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)

        def join(seconds=10):
            thread.join(seconds)
            assert not thread.is_alive(), "the slice does not end"
            assert not failures, failures

        return join

    yield start
    engine.current().draining = True
    for thread in threads:
        thread.join(15)


@pytest.fixture
def until():
    """Wait until something is true."""

    def wait(condition, seconds=5):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.01)

    return wait
