"""What Brevo's events mean, and the one of its times that is true."""

import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import brevo
from mailrith.events.reports import Unusable
from tests.events.providers.cases import MARK, MESSAGE_ID
from tests.events.providers.cases.brevo import SAMPLE


def _read(**fields):
    [found] = brevo.parse(json.dumps(SAMPLE | fields).encode())
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("delivered", FactKind.DELIVERED),
        ("deferred", FactKind.DEFERRED),
        ("hard_bounce", FactKind.HARD_BOUNCE),
        ("invalid_email", FactKind.HARD_BOUNCE),
        ("soft_bounce", FactKind.SOFT_BOUNCE),
        ("spam", FactKind.COMPLAINT),
        ("complaint", FactKind.COMPLAINT),
        ("unsubscribed", FactKind.UNSUBSCRIBED),
        ("blocked", FactKind.REJECTED),
        ("error", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event).kind == kind


@pytest.mark.parametrize(
    "event", ["request", "opened", "unique_opened", "proxy_open", "click", "list_addition"]
)
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_the_moment_is_the_one_in_utc():
    assert _read().occurred_at.isoformat() == "2018-03-06T19:10:23+00:00"
    assert _read(ts_epoch=1604933623).occurred_at.isoformat() == "2020-11-09T14:53:43+00:00"
    assert _read(ts_epoch=None).occurred_at is None


@pytest.mark.parametrize(
    ("custom", "message_id"),
    [
        (f"mailrith:{MARK}", MESSAGE_ID),
        (f"other:1|mailrith:{MARK}|more:2", MESSAGE_ID),
        ("other:1", "201803062010.27287306012@smtp-relay.post.example"),
        (f"notmailrith:{MARK}", "201803062010.27287306012@smtp-relay.post.example"),
    ],
)
def test_the_mark_is_found_among_others(custom, message_id):
    assert _read(**{"X-Mailin-custom": custom}).message_id == message_id


def test_an_event_is_told_apart_by_all_that_it_says():
    keys = {
        _read(**fields).event_id
        for fields in (
            {},
            {"event": "spam"},
            {"ts_epoch": 1},
            {"message-id": "a"},
            {"email": "b@c"},
        )
    }

    assert len(keys) == 5
