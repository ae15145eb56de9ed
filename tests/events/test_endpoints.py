"""What is remembered of a webhook, and who reads it anew."""

from datetime import timedelta

import pytest

from mailrith.connections import credentials
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import endpoints
from tests.support import factories


@pytest.fixture
def find(cast, monkeypatch):
    """Look for a webhook some seconds after the first look. Gives how often the database was read."""
    connection = factories.make_connection(cast.workspace)
    credentials.make_hook_secrets(connection)
    db.session.commit()
    secret = credentials.hook_secrets(connection).path_secret
    key, began, reads, real = str(connection.public_id), now(), [], endpoints._read

    def read(found):
        reads.append(found)
        if len(reads) > 1:
            # Somebody else comes while this one reads.
            assert endpoints.find(key, secret).fresh is False
        return real(found)

    def look(seconds):
        monkeypatch.setattr(endpoints, "now", lambda: began + timedelta(seconds=seconds))
        assert endpoints.find(key, secret) is not None
        return len(reads)

    monkeypatch.setattr(endpoints, "_read", read)
    return look


def test_what_was_read_holds_for_a_while(find):
    assert [find(0), find(0.5)] == [1, 1]


def test_one_reads_anew_and_the_others_go_on_meanwhile(find):
    assert [find(0), find(0.8), find(0.9)] == [1, 2, 2]


def test_nothing_is_remembered_for_longer_than_a_second(find, monkeypatch):
    find(0)
    monkeypatch.setattr(endpoints, "_read", lambda key: None)

    with pytest.raises(AssertionError):
        find(1.0)
