"""A workspace's connections, and short ways to their pages."""

import pytest

from tests.support import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def home(cast):
    return f"/w/{cast.workspace.slug}/connections"


@pytest.fixture
def connection(cast, smtpd):
    return factories.make_connection(cast.workspace, port=smtpd.port)


@pytest.fixture
def filled(cast, smtpd):
    """The form as a person fills it in; None leaves a field out."""

    def fill(**changes):
        values = {
            "name": "Northpost SMTP",
            "host": "127.0.0.1",
            "port": str(smtpd.port),
            "secure_mode": "none",
            "username": "",
            "password": "",
            "from_name": "Hannah",
            "from_email": "hannah@allotmentpost.example",
            "workspaces": str(cast.workspace.id),
        } | changes
        return {name: value for name, value in values.items() if value is not None}

    return fill


def address(home, connection, more=""):
    """The address of a page of the connection."""
    return f"{home}/{connection.public_id}{more}"
