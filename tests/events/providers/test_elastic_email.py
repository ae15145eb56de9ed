"""What Elastic Email's notifications mean."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import elastic_email
from mailrith.events.reports import Unusable
from tests.events.providers.cases.elastic_email import SAMPLE


def _read(**changes):
    [found] = elastic_email.parse(json.dumps(SAMPLE | changes).encode())
    return found


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Delivered", FactKind.DELIVERED),
        ("AbuseReport", FactKind.COMPLAINT),
        ("Unsubscribed", FactKind.UNSUBSCRIBED),
    ],
)
def test_each_status_has_its_kind(status, kind):
    assert _read(status=status, category="").kind == kind


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("NoMailbox", FactKind.HARD_BOUNCE),
        ("Spam", FactKind.BLOCK),  # a filter, not a person
        ("BlackListed", FactKind.BLOCK),
        ("SPFProblem", FactKind.BLOCK),
        ("ContentFilter", FactKind.BLOCK),
        ("Ignore", FactKind.REJECTED),
        ("ManualCancel", FactKind.REJECTED),
        ("AccountProblem", FactKind.SOFT_BOUNCE),
        ("DNSProblem", FactKind.SOFT_BOUNCE),
        ("Timeout", FactKind.SOFT_BOUNCE),
        ("Unknown", FactKind.SOFT_BOUNCE),
        ("Brand new", FactKind.SOFT_BOUNCE),
        ("", FactKind.SOFT_BOUNCE),
    ],
)
def test_only_a_missing_mailbox_is_the_end(category, kind):
    assert _read(category=category, message="").kind == kind


def test_a_missing_mailbox_that_the_server_calls_full_is_not_missing():
    assert _read(message="552 5.2.2 mailbox full").kind == FactKind.SOFT_BOUNCE


@pytest.mark.parametrize("status", ["Sent", "Opened", "Clicked"])
def test_what_is_of_no_use_is_left_alone(status):
    found = _read(status=status)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_form_says_the_same_as_json():
    form = urlencode(SAMPLE).encode()

    assert elastic_email.parse(form) == elastic_email.parse(json.dumps(SAMPLE).encode())


def test_a_time_without_a_zone_is_utc():
    assert _read().occurred_at == datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_without_our_mark_its_own_message_id_is_what_there_is():
    assert _read(postback="").message_id == SAMPLE["messageid"]
