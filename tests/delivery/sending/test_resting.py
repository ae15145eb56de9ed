"""The sessions of all workers together are never more than the connection allows, counted at the server: also those that stay warm."""

import threading

import pytest

from mailrith.accounts.models import Workspace
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine
from tests.support import factories_delivery as make
from tests.support.smtpd import Smtpd


def test_workers_that_take_turns_with_one_session_hand_it_over(counting, worker, runs):
    first, second = worker(), worker()

    for run_id, work in zip(runs(4, people=2, max_sessions=1), (first, second) * 2, strict=True):
        work(run_id)()

    assert len(counting.messages) == 8
    assert (counting.most, counting.connections) == (1, 4)


def test_a_slice_that_comes_to_another_gets_sessions_and_the_limit_holds(counting, worker, runs):
    first, second = runs(2, people=15, max_sessions=3, per_second=30)

    joins = [worker()(first)]
    counting.wait_for("MAIL")
    joins.append(worker()(second))
    for join in joins:
        join()

    assert len(counting.messages) == 30
    assert counting.most <= 3


def test_what_nobody_else_lacks_stays_warm(counting, worker, runs):
    work = worker()

    for run_id in runs(2, people=2, max_sessions=1):
        work(run_id)()

    assert (len(counting.messages), counting.connections) == (4, 1)


def test_a_killed_workers_warm_session_is_forgotten_and_another_opens_one(
    counting, worker, runs, monkeypatch
):
    monkeypatch.setattr("mailrith.delivery.pacing.sessions.SHARE_SECONDS", 1)
    first, second = runs(2, people=2, max_sessions=1)
    killed = worker()
    killed(first)()
    killed.engine.discard()  # what the kernel does: lines are cut, and Valkey hears nothing

    worker()(second)()

    assert len(counting.messages) == 4
    assert counting.most == 1


class Counting(Smtpd):
    """Knows how many sessions were open at once."""

    most = 0

    async def _accept(self, reader, writer):
        self.most = max(self.most, len(self._tasks))
        await super()._accept(reader, writer)


class Worker:
    """Runs slices with sessions of its own, each in a thread."""

    def __init__(self, app, present):
        self.engine, self._app, self._present = engine.Engine(), app, present

    def __call__(self, run_id):
        failures = []

        def work():
            self._present.engine = self.engine
            with self._app.app_context():
                try:
                    jobs.send_slice(run_id)
                except BaseException as error:
                    failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()

        def join():
            thread.join(15)
            assert not thread.is_alive(), "the slice does not end"
            assert not failures, failures

        return join


@pytest.fixture
def counting():
    server = Counting().start()
    yield server
    server.stop()


@pytest.fixture
def worker(app, monkeypatch):
    present, made = threading.local(), []
    monkeypatch.setattr(engine, "current", lambda: present.engine)

    def make_one():
        made.append(Worker(app, present))
        return made[-1]

    yield make_one
    for each in made:
        each.engine.close()
    present.engine = engine.Engine()  # for what tidies up after every test


@pytest.fixture
def runs(session, counting):
    """Ids of runs through one connection."""

    def make_some(count, *, people, **limits):
        run, _ = make.make_sending_run(counting, people, **limits)
        workspace = session.get(Workspace, run.workspace_id)
        connection = session.get(Connection, run.connection_id)
        ids = [run.id]
        for _ in range(count - 1):
            again = make.make_run(workspace, connection)
            jobs.freeze(again.id)
            ids.append(again.id)
        db.session.commit()
        return ids

    return make_some
