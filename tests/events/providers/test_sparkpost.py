"""What SparkPost's events and classes of bounces mean."""

import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import sparkpost
from mailrith.events.reports import Unusable
from tests.events.providers.cases.sparkpost import SAMPLE

EVENT = SAMPLE["msys"]["message_event"]


def _read(name="message_event", **fields):
    [found] = sparkpost.parse(json.dumps([{"msys": {name: EVENT | fields}}]).encode())
    return found


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("delivery", FactKind.DELIVERED),
        ("delay", FactKind.DEFERRED),
        ("bounce", FactKind.HARD_BOUNCE),
        ("out_of_band", FactKind.HARD_BOUNCE),
        ("spam_complaint", FactKind.COMPLAINT),
        ("list_unsubscribe", FactKind.UNSUBSCRIBED),
        ("link_unsubscribe", FactKind.UNSUBSCRIBED),
        ("policy_rejection", FactKind.REJECTED),
        ("generation_failure", FactKind.REJECTED),
        ("generation_rejection", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind_whatever_its_class_is_called(type_, kind):
    assert _read(type=type_).kind == kind
    assert _read(name="some_event", type=type_).kind == kind


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("10", FactKind.HARD_BOUNCE),
        (30, FactKind.HARD_BOUNCE),
        ("90", FactKind.UNSUBSCRIBED),
        *((number, FactKind.SOFT_BOUNCE) for number in ("20", "21", "22", "23", "24", "40", "70")),
        *((number, FactKind.BLOCK) for number in ("25", "50", "51", "52", "53", "54")),
    ],
)
def test_each_class_of_bounce_has_its_kind(number, kind):
    assert _read(bounce_class=number).kind == kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("550 5.1.1 No such user", FactKind.HARD_BOUNCE),
        ("550 something", FactKind.SOFT_BOUNCE),
        ("554 5.7.1 rejected as spam", FactKind.BLOCK),
    ],
)
def test_an_undetermined_bounce_is_told_by_its_words(reason, kind):
    assert _read(bounce_class="1", raw_reason=reason).kind == kind


@pytest.mark.parametrize(
    "fields",
    [
        {"bounce_class": "60"},
        {"bounce_class": "80"},
        {"bounce_class": "100"},
        {"type": "open"},
        {"type": "initial_open"},
        {"type": "amp_click"},
        {"type": "injection"},
        {"type": "spam_complaint", "fbtype": "not-spam"},
    ],
)
def test_what_is_of_no_use_is_left_alone(fields):
    found = _read(**fields)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_the_empty_event_is_a_test():
    [found] = sparkpost.parse(b'[{"msys": {}}]')

    assert not found.refused
    assert "test" in found.words


def test_a_message_without_a_mark_is_named_as_sparkpost_names_it():
    assert _read(rcpt_meta={}).message_id == EVENT["message_id"]


def test_the_moment_may_be_written_in_both_ways():
    assert _read().occurred_at.isoformat() == "2016-06-01T23:42:28+00:00"
    assert _read(timestamp="2018-10-11T23:24:45.000+00:00").occurred_at.year == 2018
