"""What Postmark's records and types of bounces mean."""

import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import postmark
from mailrith.events.reports import Unusable
from tests.events.providers.cases import MARK, MESSAGE_ID, RECIPIENT
from tests.events.providers.cases.postmark import SAMPLE

DELIVERY = {
    "RecordType": "Delivery",
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Recipient": RECIPIENT,
    "DeliveredAt": "2014-08-01T13:28:10.2735393-04:00",
    "Details": "250 OK",
    "Metadata": {"mailrith": MARK},
}
CHANGE = {
    "RecordType": "SubscriptionChange",
    "MessageID": "a4909a96-73d7-4c49-b148-a54522d3f7ac",
    "ChangedAt": "2022-06-05T17:17:32Z",
    "Recipient": RECIPIENT,
    "Origin": "Recipient",
    "SuppressSending": True,
    "SuppressionReason": "ManualSuppression",
    "Metadata": {"mailrith": MARK},
}


def _read(event):
    [found] = postmark.parse(json.dumps(event).encode())
    return found


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("HardBounce", FactKind.HARD_BOUNCE),
        ("BadEmailAddress", FactKind.HARD_BOUNCE),
        ("Transient", FactKind.DEFERRED),
        ("DnsError", FactKind.DEFERRED),
        ("SoftBounce", FactKind.SOFT_BOUNCE),
        ("DMARCPolicy", FactKind.BLOCK),
        ("SpamNotification", FactKind.BLOCK),
        ("VirusNotification", FactKind.BLOCK),
        ("Blocked", FactKind.BLOCK),
        ("SpamComplaint", FactKind.COMPLAINT),
        ("Unsubscribe", FactKind.UNSUBSCRIBED),
        ("ManuallyDeactivated", FactKind.REJECTED),
    ],
)
def test_each_type_of_bounce_has_its_kind(type_, kind):
    assert _read(SAMPLE | {"Type": type_}).kind == kind


def test_a_hard_bounce_over_words_about_the_sender_is_a_block():
    details = "smtp;550 5.7.1 Message rejected as spam"

    assert _read(SAMPLE | {"Details": details}).kind == FactKind.BLOCK


@pytest.mark.parametrize("type_", ["AutoResponder", "AddressChange", "ChallengeVerification"])
def test_an_automatic_answer_is_no_bounce(type_):
    found = _read(SAMPLE | {"Type": type_})

    assert isinstance(found, Unusable)
    assert "automatic answer" in found.words


def test_a_delivery_is_a_delivery():
    found = _read(DELIVERY)

    assert (found.kind, found.message_id) == (FactKind.DELIVERED, MESSAGE_ID)
    assert found.recipient == RECIPIENT
    assert found.occurred_at.isoformat() == "2014-08-01T17:28:10.273539+00:00"


def test_a_complaint_is_a_complaint():
    assert _read(SAMPLE | {"RecordType": "SpamComplaint"}).kind == FactKind.COMPLAINT


def test_who_left_at_postmark_is_unsubscribed():
    assert _read(CHANGE).kind == FactKind.UNSUBSCRIBED


@pytest.mark.parametrize(
    "fields",
    [
        {"SuppressSending": False, "SuppressionReason": None},  # a re-subscription
        {"SuppressSending": "true"},
        {"SuppressionReason": "HardBounce"},
        {"SuppressionReason": "SpamComplaint"},
    ],
)
def test_no_other_change_of_a_subscription_changes_anybody(fields):
    found = _read(CHANGE | fields)

    assert isinstance(found, Unusable)
    assert not found.refused


@pytest.mark.parametrize("record", ["Open", "Click"])
def test_opens_and_clicks_are_left_alone(record):
    assert "itself" in _read(SAMPLE | {"RecordType": record}).words


def test_events_without_a_number_are_told_apart_by_what_they_say():
    later = DELIVERY | {"DeliveredAt": "2014-08-01T13:28:11Z"}

    assert _read(DELIVERY).event_id == _read(dict(DELIVERY)).event_id
    assert _read(DELIVERY).event_id != _read(later).event_id
