"""What Mandrill's events mean, the address it signs, and the batch that tries it."""

import json
from urllib.parse import urlencode

import pytest

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import mandrill
from mailrith.events.reports import BadSignature, Keys, Unusable
from tests.events.providers.cases import theirs
from tests.events.providers.cases.mandrill import SAMPLE, URL, body, sign


def _read(**fields):
    [found] = mandrill.parse(body([SAMPLE | fields]))
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("delivered", FactKind.DELIVERED),
        ("deferral", FactKind.DEFERRED),
        ("hard_bounce", FactKind.HARD_BOUNCE),
        ("soft_bounce", FactKind.SOFT_BOUNCE),
        ("spam", FactKind.COMPLAINT),
        ("unsub", FactKind.UNSUBSCRIBED),
        ("reject", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event).kind == kind


@pytest.mark.parametrize("event", ["send", "open", "click", "inbound"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_change_of_mandrill_s_own_list_is_left_alone():
    [found] = mandrill.parse(body([{"type": "blacklist", "action": "add", "reject": {}}]))

    assert not found.refused


def test_the_address_is_part_of_what_is_signed():
    post = sign(body([SAMPLE]), "key", url="http://10.0.0.7:8000/hooks/0192/whp_secret")
    seen = type(post)(post.headers, post.body, URL)

    assert isinstance(mandrill.verify(seen, theirs("key")), BadSignature)
    assert mandrill.verify(sign(body([SAMPLE]), "key"), theirs("key")) is None


def test_every_field_is_part_of_what_is_signed():
    post = sign(body([SAMPLE]) + b"&another=1", "key")

    assert mandrill.verify(post, theirs("key")) is None
    shorter = type(post)(post.headers, body([SAMPLE]), URL)
    assert isinstance(mandrill.verify(shorter, theirs("key")), BadSignature)


def test_the_empty_batch_that_tries_the_address_is_taken_without_a_key():
    post = sign(b"mandrill_events=%5B%5D", mandrill.TRIAL_KEY)

    assert mandrill.verify(post, Keys(())) is None
    assert mandrill.parse(post.body) == []


def test_the_word_that_everybody_knows_signs_no_event():
    for events in ([SAMPLE], [{}]):
        post = sign(body(events), mandrill.TRIAL_KEY)
        assert isinstance(mandrill.verify(post, theirs("key")), BadSignature)


@pytest.mark.parametrize(
    "unread",
    [
        b"",
        b"other=1",
        b"mandrill_events=%5B%5D&mandrill_events=%5B%5D",
        b"mandrill_events=%FF",
        b"mandrill_events=nonsense",
        urlencode({"mandrill_events": json.dumps("text")}).encode(),
    ],
)
def test_a_form_that_is_none_is_refused_whole(unread):
    assert isinstance(mandrill.parse(unread), Unreadable)


def test_an_event_is_told_apart_by_kind_message_and_moment():
    changes = ({}, {"event": "soft_bounce"}, {"_id": "b"}, {"ts": 1461095247})

    assert len({_read(**fields).event_id for fields in changes}) == 4
