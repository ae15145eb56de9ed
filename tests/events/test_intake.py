"""The door: those who come together are stored together, each is answered for its own row, and nobody for a row that is not there."""

import threading
from dataclasses import replace

import pytest
import redis
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from mailrith.core import queue
from mailrith.core.db import db
from mailrith.events import intake
from mailrith.events.endpoints import Endpoint
from mailrith.events.intake import Intake, NotStored
from mailrith.events.models import HookRequest
from mailrith.events.providers import generic
from mailrith.events.reports import Keys
from mailrith.events.shelf import Shelf
from tests.support import factories

pytestmark = pytest.mark.usefixtures("run_jobs")
PEOPLE = 12


def test_those_who_come_meanwhile_are_stored_together(bring, groups, monkeypatch):
    found = bring([b"%d" % number for number in range(PEOPLE)])

    assert found == [True] * PEOPLE
    assert sorted(stored()) == sorted(b"%d" % number for number in range(PEOPLE))
    assert groups == [1, PEOPLE - 1]  # the first alone; the others waited for it


def test_a_connection_that_is_gone_spoils_only_its_own(bring, endpoint):
    gone = Endpoint(endpoint.connection_id + 1000, "generic", generic, Keys(()))

    found = bring([b"a", b"b", b"c", b"d"], {2: gone})

    assert found == [True, True, NotStored, True]
    assert sorted(stored()) == [b"a", b"b", b"d"]


def test_what_the_database_cannot_keep_spoils_only_its_own(bring, endpoint, app):
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite keeps everything")
    odd = replace(endpoint, source="x" * 40)

    found = bring([b"a", b"b", b"c"], {2: odd})

    assert found == [True, True, NotStored]
    assert sorted(stored()) == [b"a", b"b"]


def test_the_way_to_the_database_is_no_connection_of_the_pool(bring):
    bring([b"%d" % number for number in range(PEOPLE)])

    db.session.remove()
    assert db.engine.pool.checkedout() == 0


def test_a_way_to_the_database_that_was_cut_off_is_replaced(endpoint, app):
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite is no server")
    door = Intake()
    assert door.bring(endpoint, "application/json", b"a")
    mine = door._shelf._way.connection.dbapi_connection.info.backend_pid
    db.session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
    db.session.rollback()

    assert door.bring(endpoint, "application/json", b"b")

    assert sorted(stored()) == [b"a", b"b"]


def test_when_the_database_is_away_nobody_is_told_that_it_is_stored(bring, monkeypatch):
    def away(_shelf, _rows):
        raise OperationalError("INSERT", {}, Exception("the server is gone"))

    monkeypatch.setattr(Shelf, "put", away)

    found = bring([b"a", b"b", b"c"])

    assert set(found) <= {NotStored, OperationalError}
    assert stored() == []


def test_what_is_large_goes_in_several_transactions(bring, groups, monkeypatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 10)

    assert bring([b"0123456"] * 4) == [True] * 4
    assert groups == [1, 1, 1, 1]


def test_a_burst_calls_one_worker(bring, redis_url):
    bring([b"%d" % number for number in range(PEOPLE)])

    with redis.Redis.from_url(redis_url) as client:
        assert client.llen(f"rq:queue:{queue.EVENTS}") == 1


def stored():
    db.session.rollback()
    return list(db.session.scalars(select(HookRequest.body)))


@pytest.fixture
def endpoint(cast):
    connection = factories.make_connection(cast.workspace)
    return Endpoint(connection.id, "generic", generic, Keys(()))


@pytest.fixture
def groups(monkeypatch):
    """How many rows each transaction stored."""
    found, real = [], Shelf.put

    def put(shelf, rows):
        found.append(len(rows))
        real(shelf, rows)

    monkeypatch.setattr(Shelf, "put", put)
    return found


@pytest.fixture
def bring(app, endpoint, monkeypatch):
    """Bring bodies from threads at once; the first is held at the database until all others wait. Gives what each heard."""
    door = Intake()

    def all_of_them(bodies, others=None):
        db.session.rollback()
        heard = [None] * len(bodies)
        real, first = intake._write, threading.Event()

        def write(shelf, group):
            if not first.is_set():
                first.set()
                while len(door._waiting) < len(bodies) - 1:
                    threading.Event().wait(0.001)
            real(shelf, group)

        monkeypatch.setattr(intake, "_write", write)

        def one(number):
            with app.app_context():
                to = (others or {}).get(number, endpoint)
                try:
                    heard[number] = door.bring(to, "application/json", bodies[number])
                except Exception as error:
                    heard[number] = type(error)

        threads = [threading.Thread(target=one, args=(n,)) for n in range(len(bodies))]
        threads[0].start()
        assert first.wait(20)
        for thread in threads[1:]:
            thread.start()
        for thread in threads:
            thread.join(30)
        return heard

    return all_of_them
