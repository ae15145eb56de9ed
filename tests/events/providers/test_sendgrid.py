"""What SendGrid's events mean, and its key as people paste it."""

import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import sendgrid
from mailrith.events.reports import BadSignature, Unusable
from tests.events.providers.cases import post, theirs
from tests.events.providers.cases.sendgrid import SAMPLE, shown, sign


def _read(**fields):
    changed = {name: value for name, value in (SAMPLE | fields).items() if value is not None}
    [found] = sendgrid.parse(json.dumps([changed]).encode())
    return found


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"event": "delivered", "response": "250 OK"}, FactKind.DELIVERED),
        ({"event": "deferred", "response": "400 try again later"}, FactKind.DEFERRED),
        ({"event": "bounce", "type": "bounce"}, FactKind.HARD_BOUNCE),
        (
            {"event": "bounce", "type": "blocked", "bounce_classification": None, "status": "4.0.0"}
            | {"reason": "450 try later"},
            FactKind.SOFT_BOUNCE,
        ),
        ({"event": "bounce", "bounce_classification": "Reputation"}, FactKind.BLOCK),
        ({"event": "bounce", "bounce_classification": "Content"}, FactKind.BLOCK),
        (
            {"event": "bounce", "bounce_classification": "Frequency or Volume Too High"},
            FactKind.BLOCK,
        ),
        ({"event": "bounce", "bounce_classification": "Technical"}, FactKind.SOFT_BOUNCE),
        ({"event": "dropped", "reason": "Bounced Address"}, FactKind.REJECTED),
        ({"event": "spamreport"}, FactKind.COMPLAINT),
        ({"event": "unsubscribe"}, FactKind.UNSUBSCRIBED),
        ({"event": "group_unsubscribe", "asm_group_id": 42}, FactKind.UNSUBSCRIBED),
    ],
)
def test_each_event_has_its_kind(fields, kind):
    assert _read(**fields).kind == kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("552 5.2.2 The mailbox is full", FactKind.SOFT_BOUNCE),
        ("550 5.1.1 No such user", FactKind.HARD_BOUNCE),
        ("", FactKind.SOFT_BOUNCE),
    ],
)
def test_a_mailbox_that_is_not_available_is_told_by_the_words(reason, kind):
    found = _read(bounce_classification="Mailbox Unavailable", reason=reason, status="")

    assert found.kind == kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("550 5.7.1 Message rejected as spam", FactKind.BLOCK),
        ("552 5.2.2 Mailbox is full", FactKind.SOFT_BOUNCE),
        ("550 said no", FactKind.HARD_BOUNCE),
    ],
)
def test_the_other_server_s_words_spare_the_person_and_never_harm_one(reason, kind):
    fields = {"reason": reason, "status": None, "bounce_classification": "Unclassified"}

    assert _read(**fields).kind == kind
    assert _read(**fields, type="blocked").kind != FactKind.HARD_BOUNCE


@pytest.mark.parametrize("event", ["open", "click", "processed", "group_resubscribe"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_message_without_a_mark_is_found_by_the_message_id():
    assert _read(mailrith=None).message_id == "14c5d75ce93.dfd.64b469@post.example"


def test_the_moment_and_the_id_are_sendgrid_s_own():
    found = _read()

    assert found.occurred_at.isoformat() == "2017-12-15T00:59:29+00:00"
    assert found.event_id == SAMPLE["sg_event_id"]


def test_sendgrid_s_own_example_is_taken():
    # What its libraries are tested with: github.com/sendgrid/sendgrid-python, test/unit/test_eventwebhook.py.
    key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
    headers = {
        sendgrid.SIGNATURE: "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
        sendgrid.TIMESTAMP: "1600112502",
    }
    body = (
        b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
        b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
        b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
        b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
    )

    assert sendgrid.verify(post(body, headers), theirs(key)) is None
    assert isinstance(sendgrid.verify(post(body.strip(), headers), theirs(key)), BadSignature)


def test_the_key_may_be_pasted_with_lines_around_it():
    signed = sign(b"[]", "1234567")
    pem = f"-----BEGIN PUBLIC KEY-----\n{shown('1234567')}\n-----END PUBLIC KEY-----\n"

    assert sendgrid.verify(signed, theirs(pem)) is None


@pytest.mark.parametrize("key", ["nonsense", "AAAA", "é", "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAA=="])
def test_a_key_that_is_none_counts_as_missing(key):
    found = sendgrid.verify(sign(b"[]", "1234567"), theirs(key))

    assert isinstance(found, BadSignature)
    assert "missing" in found.sentence


def test_the_timestamp_is_part_of_what_is_signed():
    signed = sign(b"[]", "1234567")
    signed.headers[sendgrid.TIMESTAMP] = "1600112503"

    assert isinstance(sendgrid.verify(signed, theirs(shown("1234567"))), BadSignature)
