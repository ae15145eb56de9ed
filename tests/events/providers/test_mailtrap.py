"""What Mailtrap's events mean, and when its signature is asked for."""

import json

import pytest

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import mailtrap
from mailrith.events.reports import BadSignature, Keys, Unusable
from tests.events.providers.cases import basic, ours
from tests.events.providers.cases.mailtrap import SAMPLE, body


def _read(**changes):
    [found] = mailtrap.parse(body([SAMPLE | changes]))
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("delivery", FactKind.DELIVERED),
        ("soft bounce", FactKind.DEFERRED),  # ten more tries follow
        ("suspension", FactKind.DEFERRED),
        ("bounce", FactKind.HARD_BOUNCE),
        ("spam", FactKind.COMPLAINT),
        ("unsubscribe", FactKind.UNSUBSCRIBED),
        ("reject", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event, response="").kind == kind


def test_a_bounce_that_is_about_the_sender_is_a_block():
    assert _read(response="550 5.7.1 blocked, see Spamhaus").kind == FactKind.BLOCK


@pytest.mark.parametrize("event", ["open", "click", "inbound.message_received"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


@pytest.mark.parametrize("wrong", [b"[]", b"{}", b'{"events": {}}', b"5"])
def test_a_body_without_events_is_refused_whole(wrong):
    assert isinstance(mailtrap.parse(wrong), Unreadable)


def test_while_no_signing_secret_is_set_a_secret_of_ours_is_enough():
    assert mailtrap.verify(basic(b"{}", "whs_ours"), ours("whs_ours")) is None


def test_once_a_signing_secret_is_set_a_password_is_not_enough():
    found = mailtrap.verify(basic(json.dumps({}).encode(), "whs_ours"), Keys(("whs_ours",), ("k",)))

    assert isinstance(found, BadSignature)
