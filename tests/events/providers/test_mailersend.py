"""What MailerSend's events mean in both forms, and the key that everybody knows."""

import copy
import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import mailersend
from mailrith.events.reports import BadSignature, Keys, Unusable
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, theirs
from tests.events.providers.cases.mailersend import SAMPLE, sign

PING = b'{"type": "webhook.test", "message": "This is a test webhook message"}'


def _read(event="activity.hard_bounced", **data):
    changed = copy.deepcopy(SAMPLE)
    changed["type"] = event
    changed["data"] |= data
    [found] = mailersend.parse(json.dumps(changed).encode())
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("activity.delivered", FactKind.DELIVERED),
        ("activity.deferred", FactKind.DEFERRED),
        ("activity.hard_bounced", FactKind.HARD_BOUNCE),
        ("activity.soft_bounced", FactKind.SOFT_BOUNCE),
        ("activity.spam_complaint", FactKind.COMPLAINT),
        ("activity.unsubscribed", FactKind.UNSUBSCRIBED),
        ("activity.suppressed", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event).kind == kind


def test_a_hard_bounce_that_is_about_the_sender_is_a_block():
    meta = {"bounce_code": 550, "bounce_reason": "5.7.1 Message rejected as spam"}

    assert _read(meta=meta).kind == FactKind.BLOCK


@pytest.mark.parametrize(
    "event", ["activity.opened", "activity.clicked_unique", "activity.sent", "maintenance.start"]
)
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_nothing_to_say_is_an_empty_list_and_no_harm():
    assert _read(meta=[]).diagnostic == ""


def test_without_a_mark_there_is_the_id_of_the_answer_to_the_final_dot():
    assert _read(tags=["news"]).message_id == "61eec2dc16ae8b627a4b87e7"


def test_the_older_form_says_the_same():
    older = {
        "type": "activity.hard_bounced",
        "created_at": "2026-05-06T07:08:09.126000Z",
        "data": {
            "object": "activity",
            "id": "5f23bb3fd0ee8a2b5a3a1f22",
            "type": "hard_bounced",
            "email": {
                "message": {"id": "61eec2dc16ae8b627a4b87e7"},
                "recipient": {"email": RECIPIENT},
                "tags": SAMPLE["data"]["tags"],
            },
            "morph": {"object": "recipient_bounce", "reason": "550 5.1.1 user unknown"},
        },
    }

    [found] = mailersend.parse(json.dumps(older).encode())

    assert (found.kind, found.message_id, found.recipient) == (
        FactKind.HARD_BOUNCE,
        MESSAGE_ID,
        RECIPIENT,
    )
    assert found.event_id == _read().event_id
    assert found.diagnostic == "550 5.1.1 user unknown"


def test_the_ping_of_a_new_webhook_is_taken_before_there_is_a_secret():
    assert mailersend.verify(sign(PING, mailersend.PING_KEY), Keys(())) is None

    [found] = mailersend.parse(PING)
    assert isinstance(found, Unusable)
    assert not found.refused


def test_the_public_key_is_good_for_nothing_else():
    for body in (json.dumps(SAMPLE).encode(), b"[" + PING + b"]", b"", b"{"):
        found = mailersend.verify(sign(body, mailersend.PING_KEY), theirs("whs_new"))
        assert isinstance(found, BadSignature)
