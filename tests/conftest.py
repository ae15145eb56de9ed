"""Fixtures for everybody: an app on each database, the cast, a real queue, and a way to run what was queued."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import scoped_session

from mailrith.core import config, setting_values
from mailrith.core.db import Base, db
from mailrith.demo.valkey import EmbeddedValkey
from mailrith.web.limits import limiter
from tests.support import cast as cast_members
from tests.support import databases
from tests.support.browser import Browser
from tests.support.chromium import browser  # noqa: F401 - a fixture
from tests.support.mailboxes import bounce_box  # noqa: F401 - a fixture
from tests.support.mailhost import mailhost  # noqa: F401 - a fixture
from tests.support.puppet import start_puppet  # noqa: F401 - a fixture
from tests.support.serving import closed_port  # noqa: F401 - a fixture
from tests.support.smtpd import smtpd, start_smtpd  # noqa: F401 - fixtures

# A busy machine is no fault of what is tried.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

KEY = config.Key("k1", bytes(range(32)))


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is the same on any database is tried on the quicker one alone."""
    if metafunc.definition.get_closest_marker("any_database"):
        metafunc.definition.add_marker(pytest.mark.parametrize("app", ["sqlite"], indirect=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests come first, so that no process ends with one while the other has nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Valkey, empty at the start of each session."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(Path(folder), persistent=False)
        server.start()
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
def _valkey(redis_url: str) -> Iterator[redis.Redis]:
    """One connection for what the fixtures do: a new one for each test costs more than what is asked through it."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture(scope="session")
def make_settings(
    redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., config.Settings]:
    """Settings for tests: loopback connections allowed, no waiting before a send."""

    def make(**changes: Any) -> config.Settings:
        values: dict[str, Any] = {
            "keys": (KEY,),
            "redis_url": redis_url,
            "public_url": "http://127.0.0.1:8000",
            "data_dir": tmp_path_factory.mktemp("data"),
            "allowed_networks": setting_values.networks("127.0.0.0/8 ::1/128"),
            "undo_seconds": 0,
        }
        return config.Settings(**values | changes)

    return make


@pytest.fixture(scope="session")
def _apps(make_settings: Callable[..., config.Settings]) -> Iterator[Callable[[str], Flask]]:
    """One migrated app for each engine, made when first asked for."""
    from contextlib import ExitStack

    made: dict[str, Flask] = {}
    with ExitStack() as stack:

        def get(engine: str) -> Flask:
            if engine not in made:
                maker = databases.postgresql if engine == "postgresql" else databases.sqlite
                made[engine] = _make_app(make_settings(database_url=stack.enter_context(maker())))
                stack.callback(_dispose, made[engine])
            return made[engine]

        yield get


@pytest.fixture(params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, _apps: Callable[[str], Flask], _valkey: redis.Redis
) -> Iterator[Flask]:
    """The app, on an empty database of each engine in turn, and an empty queue server."""
    app = _apps(request.param)
    # SQLite counts from one again in each test: what the last one left under these numbers must go.
    _valkey.flushdb()
    config.install(app.extensions["mailrith_settings"])
    # There is one limiter in a process, and it counts where the app made last does.
    vars(limiter).update(app.extensions["mailrith_limiter"])
    yield app
    with app.app_context():
        _empty_tables()


@pytest.fixture
def session(app: Flask) -> Iterator[scoped_session[Any]]:
    """The session of an app context that lasts for the test."""
    with app.app_context():
        yield db.session
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def cast(session: scoped_session[Any]) -> cast_members.Cast:
    return cast_members.assemble()


@pytest.fixture
def signed_in(client: FlaskClient, cast: cast_members.Cast) -> FlaskClient:
    """Alice's browser."""
    cast_members.sign_in(client, cast.alice)
    return client


@pytest.fixture
def run_jobs(app: Flask, _valkey: redis.Redis) -> Iterator[Callable[[], int]]:
    """Run everything that waits in the queue, in this process, as a worker would. Returns how many jobs ran.

    A job that raises fails the test.
    """
    import importlib
    import json
    import zlib

    _valkey.flushdb()

    def run() -> int:
        from mailrith.core import queue

        done = 0
        while True:
            job_id = next(
                (found for name in queue.QUEUES if (found := _valkey.lpop(f"rq:queue:{name}"))),
                None,
            )
            if job_id is None:
                return done
            stored = _valkey.hget(f"rq:job:{job_id.decode()}", "data")
            with contextlib.suppress(zlib.error):
                stored = zlib.decompress(stored)
            function, _, arguments, keywords = json.loads(stored)
            module, _, name = function.rpartition(".")
            with app.app_context():
                getattr(importlib.import_module(module), name)(*arguments, **keywords)
            done += 1

    yield run
    _valkey.flushdb()


def _make_app(settings: config.Settings) -> Flask:
    from mailrith.app import create_app
    from mailrith.structure import upgrade

    config.install(settings)
    app = create_app(settings)
    app.test_client_class = Browser
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.extensions["mailrith_settings"] = settings
    app.extensions["mailrith_limiter"] = dict(vars(limiter))
    with app.app_context():
        upgrade()
    return app


def _dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _empty_tables() -> None:
    """Each statement goes past SQLAlchemy, to PostgreSQL all in one: this runs after every test that has a database."""
    db.session.remove()
    delete = [f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)]
    with db.engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "postgresql":
            driver.execute("SET LOCAL session_replication_role = replica; " + "; ".join(delete))
        else:
            for statement in delete:
                driver.execute(statement)
