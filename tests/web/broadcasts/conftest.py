"""A workspace that could send, and short ways to its pages."""

import pytest

from tests.support.factories import make_connection, make_subscriber
from tests.support.factories_broadcasts import make_broadcast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def connection(cast):
    return make_connection(cast.workspace, verified_at=None)


@pytest.fixture
def reader(cast):
    return make_subscriber(cast.workspace, name="Amara Singh")


@pytest.fixture
def draft(cast, connection, reader):
    return make_broadcast(cast.workspace, connection_id=connection.id)


@pytest.fixture
def base(cast):
    return f"/w/{cast.workspace.slug}/broadcasts"


@pytest.fixture
def at(base, draft):
    """The address of a page of the draft."""
    return lambda page: f"{base}/{draft.public_id}/{page}"
