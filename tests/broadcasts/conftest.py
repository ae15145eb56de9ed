"""The undo window, and a place where system mail is kept."""

from dataclasses import replace

import pytest

from mailrith.accounts.models import SystemMail
from mailrith.core import config
from mailrith.core.db import db


@pytest.fixture
def undo_seconds(app):
    def wait(seconds):
        config.install(replace(config.current(), undo_seconds=seconds))

    return wait


@pytest.fixture
def told(app, session):
    """What the installation has written to its people: subjects, oldest first."""
    config.install(replace(config.current(), system_smtp_url="smtp://127.0.0.1:9"))

    def subjects():
        return [mail.subject for mail in db.session.query(SystemMail).order_by(SystemMail.id)]

    return subjects
