"""What Mailjet's events and errors mean."""

import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import mailjet
from mailrith.events.reports import Unusable
from tests.events.providers.cases.mailjet import SAMPLE


def _read(**fields):
    [found] = mailjet.parse(json.dumps(SAMPLE | fields).encode())
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("sent", FactKind.DELIVERED),
        ("bounce", FactKind.HARD_BOUNCE),
        ("blocked", FactKind.REJECTED),
        ("spam", FactKind.COMPLAINT),
        ("unsub", FactKind.UNSUBSCRIBED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event).kind == kind


@pytest.mark.parametrize(
    ("hard", "error", "kind"),
    [
        (True, "user unknown", FactKind.HARD_BOUNCE),
        (True, "invalid domain", FactKind.HARD_BOUNCE),
        (False, "user unknown", FactKind.SOFT_BOUNCE),
        ("no boolean", "user unknown", FactKind.SOFT_BOUNCE),
        (False, "mailbox inactive", FactKind.SOFT_BOUNCE),
        (True, "quota exceeded", FactKind.SOFT_BOUNCE),
        (False, "greylisted", FactKind.DEFERRED),
        (True, "greylisted", FactKind.HARD_BOUNCE),
        (True, "content blocked", FactKind.BLOCK),
        (False, "Sender Blocked", FactKind.BLOCK),
        (True, "preblocked", FactKind.REJECTED),
    ],
)
def test_a_bounce_is_sorted_by_its_error(hard, error, kind):
    assert _read(hard_bounce=hard, error=error, comment="").kind == kind


@pytest.mark.parametrize("event", ["open", "click", "typofix"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_message_without_a_mark_is_named_as_mailjet_names_it():
    assert _read(CustomID="").message_id == str(SAMPLE["MessageID"])


def test_an_event_is_told_apart_by_all_that_it_says():
    changes = ({}, {"event": "spam"}, {"time": 1}, {"MessageID": 7}, {"email": "b@post.example"})

    assert len({_read(**fields).event_id for fields in changes}) == 5
