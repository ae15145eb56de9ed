"""What Mailgun's events mean, and a signature that covers no body."""

import copy
import json
from datetime import timedelta

import pytest

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import mailgun
from mailrith.events.reports import BadSignature, Unusable
from tests.events.providers.cases import MESSAGE_ID, theirs
from tests.events.providers.cases.mailgun import SAMPLE, body, sign


def _read(status=None, **fields):
    changed = copy.deepcopy(SAMPLE) | fields
    changed["delivery-status"] |= status or {}
    [found] = mailgun.parse(body([changed]))
    return found


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"event": "delivered"}, FactKind.DELIVERED),
        ({"event": "complained"}, FactKind.COMPLAINT),
        ({"event": "unsubscribed"}, FactKind.UNSUBSCRIBED),
        ({"event": "rejected", "reject": {"reason": "Sandbox"}}, FactKind.REJECTED),
        ({"severity": "temporary"}, FactKind.DEFERRED),
        ({"severity": None}, FactKind.DEFERRED),
        ({"severity": "permanent"}, FactKind.HARD_BOUNCE),
        ({"reason": "generic"}, FactKind.HARD_BOUNCE),
        ({"reason": "suppress-bounce"}, FactKind.REJECTED),
        ({"reason": "suppress-complaint"}, FactKind.REJECTED),
        ({"reason": "suppress-unsubscribe"}, FactKind.REJECTED),
        ({"reason": "old"}, FactKind.SOFT_BOUNCE),
        ({"reason": "espblock"}, FactKind.BLOCK),
    ],
)
def test_each_event_has_its_kind(fields, kind):
    assert _read(**fields).kind == kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (
            {"code": 605, "message": "Not delivering to previously bounced address"},
            FactKind.REJECTED,
        ),
        ({"bounce-type": "soft"}, FactKind.SOFT_BOUNCE),
        ({"message": "5.7.1 rejected as spam", "enhanced-code": "5.7.1"}, FactKind.BLOCK),
        ({"code": 552, "message": "5.2.2 mailbox full", "enhanced-code": ""}, FactKind.SOFT_BOUNCE),
    ],
)
def test_a_permanent_failure_is_sorted_by_what_the_other_server_said(status, kind):
    assert _read(status).kind == kind


@pytest.mark.parametrize("event", ["opened", "clicked", "accepted", "stored"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_message_without_a_mark_is_found_by_its_message_id():
    found = _read(**{"user-variables": {}})

    assert found.message_id == "20130503192659.13651.20287@mg.letters.example"
    assert _read().message_id == MESSAGE_ID


def test_the_words_carry_the_reply_code():
    assert _read().diagnostic.startswith("550 5.1.1 The email account")
    assert _read({"message": "550 said it"}).diagnostic == "550 said it"


def test_an_event_that_is_signed_anew_is_the_same_event():
    unsigned = body([SAMPLE])
    first, again = sign(unsigned, "key"), sign(unsigned, "key", timedelta(hours=7))

    assert first.body != again.body
    assert mailgun.verify(again, theirs("key")) is None
    assert mailgun.parse(first.body) == mailgun.parse(again.body)


def test_ids_are_told_apart_by_the_day():
    assert _read().event_id != _read(timestamp=1521243339 + 86400).event_id


@pytest.mark.parametrize("age", [timedelta(hours=12, minutes=1), timedelta(minutes=-11)])
def test_a_signature_holds_for_half_a_day(age):
    assert isinstance(mailgun.verify(sign(body([SAMPLE]), "key", age), theirs("key")), BadSignature)


def test_the_token_is_what_is_bound():
    signed = sign(body([SAMPLE]), "key").body

    assert mailgun.token_of(signed) == json.loads(signed)["signature"]["token"]


@pytest.mark.parametrize("unread", [b"{}", b"[]", b'{"event-data": []}', b"timestamp=1&token=2"])
def test_a_body_without_an_event_is_refused_whole(unread):
    assert isinstance(mailgun.parse(unread), Unreadable)
