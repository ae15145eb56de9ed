"""What SMTP2GO's events mean, as JSON and as a form."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import smtp2go
from mailrith.events.reports import Unusable
from tests.events.providers.cases import MESSAGE_ID
from tests.events.providers.cases.smtp2go import SAMPLE


def _read(**changes):
    [found] = smtp2go.parse(json.dumps(SAMPLE | changes).encode())
    return found


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("delivered", FactKind.DELIVERED),
        ("spam", FactKind.COMPLAINT),
        ("unsubscribe", FactKind.UNSUBSCRIBED),
        ("reject", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event=event, message="", context="").kind == kind


@pytest.mark.parametrize(
    ("bounce", "words", "kind"),
    [
        ("hard", "550 5.1.1 user unknown", FactKind.HARD_BOUNCE),
        ("hard", "550 5.7.1 message rejected as spam", FactKind.BLOCK),
        ("hard", "552 5.2.2 mailbox full", FactKind.SOFT_BOUNCE),
        ("soft", "550 5.1.1 user unknown", FactKind.SOFT_BOUNCE),
        ("", "550 5.1.1 user unknown", FactKind.HARD_BOUNCE),
    ],
)
def test_a_bounce_is_never_harder_than_smtp2go_says(bounce, words, kind):
    assert _read(bounce=bounce, message=words).kind == kind


@pytest.mark.parametrize("event", ["processed", "open", "click", "resubscribe", "sms-delivered"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event=event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_form_says_the_same_as_json():
    flat = {name: value for name, value in SAMPLE.items() if isinstance(value, str)}

    assert smtp2go.parse(urlencode(flat).encode()) == smtp2go.parse(json.dumps(flat).encode())


@pytest.mark.parametrize(
    "name", ["X-Mailrith-Delivery", "x-mailrith-delivery", "X_Mailrith_Delivery"]
)
def test_the_header_is_found_however_its_name_is_written(name):
    event = SAMPLE | {"X-Mailrith-Delivery": None}

    [found] = smtp2go.parse(json.dumps(event | {name: SAMPLE["X-Mailrith-Delivery"]}).encode())

    assert found.message_id == MESSAGE_ID


@pytest.mark.parametrize(
    "time", ["2026-05-06 07:08:09", "2026-05-06T07:08:09Z", 1778051289, "1778051289"]
)
def test_a_time_without_a_zone_is_utc(time):
    assert _read(time=time).occurred_at == datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_without_an_id_the_same_event_is_still_the_same():
    assert _read(id=None).event_id == _read(id=None, subject="Other").event_id
    assert _read(id=None).event_id != _read(id=None, event="delivered").event_id


@pytest.mark.parametrize("body", [b"", b"text", b"a=b&" * 300, "é=ü".encode()])
def test_what_is_neither_json_nor_a_form_is_refused_whole(body):
    assert isinstance(smtp2go.parse(body), Unreadable)
