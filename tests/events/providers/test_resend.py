"""What Resend's events mean, and the edges of its signature."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from mailrith.events.models import FactKind
from mailrith.events.providers import resend
from mailrith.events.reports import BadSignature, Unusable
from tests.events.providers.cases import MESSAGE_ID, post, theirs
from tests.events.providers.cases.resend import SAMPLE, keys, sign

BODY = json.dumps(SAMPLE).encode()


def _read(**data):
    event = copy.deepcopy(SAMPLE)
    kind = data.pop("event", None)
    event["type"] = kind or event["type"]
    event["data"] |= data
    [found] = resend.parse(json.dumps(event).encode())
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("email.delivered", FactKind.DELIVERED),
        ("email.delivery_delayed", FactKind.DEFERRED),
        ("email.complained", FactKind.COMPLAINT),
        ("email.failed", FactKind.REJECTED),
        ("email.suppressed", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event).kind == kind


@pytest.mark.parametrize(
    ("bounce", "kind"),
    [
        ({"type": "Permanent", "subType": "General"}, FactKind.HARD_BOUNCE),
        ({"type": "Permanent", "subType": "Suppressed"}, FactKind.REJECTED),
        ({"type": "Permanent", "subType": "OnAccountSuppressionList"}, FactKind.REJECTED),
        ({"type": "Transient", "subType": "MailboxFull"}, FactKind.SOFT_BOUNCE),
        ({"type": "Undetermined", "subType": "Undetermined"}, FactKind.SOFT_BOUNCE),
        ({}, FactKind.SOFT_BOUNCE),
        (
            {"type": "Permanent", "diagnosticCode": ["smtp; 550 5.7.1 blocked by Spamhaus"]},
            FactKind.BLOCK,
        ),
        (
            {"type": "Permanent", "diagnosticCode": "smtp; 552 5.2.2 mailbox full"},
            FactKind.SOFT_BOUNCE,
        ),
    ],
)
def test_a_bounce_is_as_hard_as_type_and_words_say_together(bounce, kind):
    assert _read(bounce=bounce).kind == kind


def test_the_sentence_that_resend_writes_itself_is_not_taken_for_the_receiver_s_words():
    sentence = (
        "We recommend removing it. It can have a negative impact on your reputation as a sender."
    )

    found = _read(bounce={"type": "Permanent", "subType": "General", "message": sentence})

    assert found.kind == FactKind.HARD_BOUNCE
    assert found.diagnostic == sentence


@pytest.mark.parametrize(
    "event", ["email.opened", "email.clicked", "email.sent", "contact.created"]
)
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_of_several_people_none_is_named():
    assert _read(to=["ann@post.example", "bob@post.example"]).recipient is None


def test_without_the_mark_a_message_id_leads_to_the_delivery():
    named = [{"name": "Message-ID", "value": f"<{MESSAGE_ID}>"}]

    assert _read(headers=named).message_id == MESSAGE_ID
    assert _read(headers=[], message_id=f"<{MESSAGE_ID}>").message_id == MESSAGE_ID


def test_the_time_is_that_of_the_event_and_not_of_the_message():
    assert _read().occurred_at == datetime(2026, 5, 6, 7, 8, 9, 126000, tzinfo=UTC)


def test_two_events_of_one_message_have_two_ids():
    assert _read().event_id != _read(event="email.delivery_delayed").event_id


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        (timedelta(minutes=4), True),
        (timedelta(minutes=-4), True),
        (timedelta(minutes=6), False),
        (timedelta(minutes=-6), False),
    ],
)
def test_a_signature_is_good_for_five_minutes(age, taken):
    found = resend.verify(sign(BODY, "whs_new", age), keys("whs_new"))

    assert (found is None) is taken


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp"])
def test_id_and_timestamp_are_part_of_what_is_signed(name):
    signed = sign(BODY, "whs_new")
    signed.headers[name] = str(int(signed.headers["svix-timestamp"]) + 1)

    assert isinstance(resend.verify(signed, keys("whs_new")), BadSignature)


def test_one_right_signature_among_several_is_enough():
    signed = sign(BODY, "whs_new")
    signed.headers["svix-signature"] = f"v1,AAAA v2,x v1,*** {signed.headers['svix-signature']}"

    assert resend.verify(signed, keys("whs_new")) is None


def test_a_right_signature_under_another_version_does_not_count():
    signed = sign(BODY, "whs_new")
    signed.headers["svix-signature"] = signed.headers["svix-signature"].replace("v1,", "v1a,")

    assert isinstance(resend.verify(signed, keys("whs_new")), BadSignature)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_***", "é", " "])
def test_a_key_that_is_none_lets_nobody_in(secret):
    found = resend.verify(sign(BODY, ""), replace(keys(), theirs=(secret,)))

    assert "whsec_" in found.sentence


@pytest.mark.parametrize("timestamp", ["now", "-1", "१७", "9" * 40])
def test_a_timestamp_that_is_none_is_refused(timestamp):
    signed = sign(BODY, "whs_new")
    signed.headers["svix-timestamp"] = timestamp

    assert isinstance(resend.verify(signed, keys("whs_new")), BadSignature)


@pytest.mark.parametrize(
    ("secret", "message_id", "moment", "body", "signature"),
    [
        (
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "msg_loFOjxBNrRLzqYUf",
            1731705121,
            b'{"event_type":"ping","data":{"success":true}}',
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
        ),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ],
)
def test_the_examples_in_svix_s_own_documents_are_taken(
    secret, message_id, moment, body, signature
):
    headers = {
        "svix-id": message_id,
        "svix-timestamp": str(moment),
        "svix-signature": signature,
    }

    with time_machine.travel(moment, tick=False):
        assert resend.verify(post(body, headers), theirs(secret)) is None
        assert isinstance(resend.verify(post(body + b" ", headers), theirs(secret)), BadSignature)
