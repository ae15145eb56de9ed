"""Each line of the review that asks for something leads to the very place, and only whoever may go there is led."""

import re
from dataclasses import replace
from urllib.parse import urldefrag

import pytest

from mailrith.connections.models import ConnectionWorkspace
from mailrith.connections.sender_checks.dmarc import Dmarc
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.core.db import db
from mailrith.subscribers.audience import Audience
from tests.connections.sender_checks.test_reading import GOOD
from tests.support.cast import sign_in
from tests.support.factories import make_member, make_subscriber, make_user

BUTTON = re.compile(r'<a class="btn btn-quiet btn-sm" href="([^"]+)">([^<]+)</a>')


@pytest.fixture
def ways(signed_in, at):
    """What stands on the buttons -> (path, spot) behind it; each page exists and has its spot."""

    def look():
        found = {
            label: urldefrag(url) for url, label in BUTTON.findall(signed_in.get(at("review")).text)
        }
        for path, spot in found.values():
            page = signed_in.get(path)
            assert page.status_code == 200
            assert not spot or f'id="{spot}"' in page.text
        return {
            label: (path.rpartition("/w/")[2].partition("/")[2], spot)
            for label, (path, spot) in found.items()
        }

    return look


def test_a_connection_that_wants_something_is_reached_at_the_part_that_does(
    ways, cast, draft, connection
):
    missing = replace(GOOD, sender=connection.from_email, dmarc=Dmarc(Outcome.NONE))
    connection.sender_report, connection.per_day = missing.as_data(), 1
    cast.workspace.address, draft.subject = "", ""
    make_subscriber(cast.workspace)
    db.session.commit()
    page = f"connections/{connection.public_id}"

    found = ways()
    assert found["Verify it"] == (page, "verify")
    assert found["See what to publish"] == (f"{page}/sender", "")
    assert found["Look at its limits"] == (page, "per_day")
    assert found["Set the address"][0].startswith("settings")
    assert found["Open the letter"][0].endswith("/letter")


def test_one_that_cannot_send_is_opened(ways, draft, connection):
    connection.enabled, draft.audience = False, Audience().to_json()
    db.session.commit()

    found = ways()
    assert found["Open the connection"] == (f"connections/{connection.public_id}", "")
    assert found["Choose"] == (f"broadcasts/{draft.public_id}/audience", "")


def test_without_a_connection_the_picker_is_reached(ways, draft):
    db.session.query(ConnectionWorkspace).delete()
    draft.connection_id = None
    db.session.commit()

    assert ways()["Choose a connection"] == (f"broadcasts/{draft.public_id}/audience", "by-h")


def test_whoever_may_not_see_connections_is_not_led_there(client, cast, at, draft):
    guest = make_user()
    make_member(cast.workspace, guest, broadcasts="manage")
    sign_in(client, guest)
    page = client.get(at("review")).text

    assert "has not been verified" in page
    assert ">Verify it<" not in page
