"""What tests of the front door share: mail that arrives, a limiter that forgets, people with passwords."""

import email
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import policy
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password

from mailrith.accounts.models import User
from mailrith.core import config
from mailrith.web.limits import limiter
from tests.support import factories
from tests.support.smtpd import Smtpd

PASSWORD = "a sentence about leeks"
OTHER_PASSWORD = "and another about beans"


@dataclass
class Inbox:
    """What the installation's mail server has taken so far."""

    smtpd: Smtpd
    run_jobs: Callable[[], int]

    def letters(self) -> list[EmailMessage]:
        self.run_jobs()
        return [
            email.message_from_bytes(received.content, policy=policy.default)  # type: ignore[misc]
            for received in self.smtpd.messages
        ]

    def newest(self) -> EmailMessage:
        return self.letters()[-1]

    def link(self) -> str:
        """The path of the first link in the newest letter."""
        return links_in(self.newest())[0].removeprefix(config.current().public_url)


def links_in(letter: EmailMessage) -> list[str]:
    part = letter.get_body(("plain",))
    assert part is not None
    return re.findall(r"https?://\S+", part.get_content())


@pytest.fixture
def inbox(app: Flask, smtpd: Smtpd, run_jobs: Callable[[], int]) -> Inbox:
    """The installation can send mail, and this is where it goes."""
    url = f"smtp://{smtpd.host}:{smtpd.port}"
    config.install(replace(config.current(), system_smtp_url=url))
    return Inbox(smtpd, run_jobs)


@pytest.fixture(autouse=True)
def _forgetful_limits(request: pytest.FixtureRequest) -> None:
    """Every test begins with nobody having tried anything, and hashes at a price for tests."""
    if "app" in request.fixturenames:
        app = request.getfixturevalue("app")
        app.extensions["security"].pwd_context.update(argon2__rounds=1, argon2__memory_cost=64)
        limiter.reset()


@pytest.fixture
def csrf_on(app: Flask) -> Iterator[None]:
    """As in production; other tests post without a token."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


@lru_cache(maxsize=1)
def _hash() -> str:
    return str(hash_password(PASSWORD))


def person(name: str = "Hannah", **changes: Any) -> User:
    """Somebody who can sign in with PASSWORD."""
    return factories.make_user(name, **{"password": _hash()} | changes)


def sign_in(client: FlaskClient, user: User, password: str = PASSWORD) -> Any:
    return client.post("/sign-in", data={"email": user.email, "password": password})


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/profile").status_code == 200


def plain(page: str) -> str:
    """A page without what differs between any two answers: tokens, and the time of day."""
    page = re.sub(r"in \d+ seconds|data-wait=\"\d+\"|\d\d:\d\d(:\d\d)?", "", page)
    return re.sub(r"[A-Za-z0-9_.-]{60,}", "", page)


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def statements(app: Flask) -> Any:
    """`with statements() as seen:` collects the SQL that is sent meanwhile."""
    from contextlib import contextmanager

    from sqlalchemy import event

    from mailrith.core.db import db

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.append(statement)

        engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
