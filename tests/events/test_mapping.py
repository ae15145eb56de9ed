"""A relay's own JSON, read as somebody described it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.core.errors import Invalid
from mailrith.core.strict_json import Unreadable
from mailrith.events import mapping
from mailrith.events.models import FactKind
from mailrith.events.reports import Report, Unusable

SETTINGS = {
    "events": "data.events",
    "kind": ["event.type", "event.severity"],
    "kinds": {
        "Delivered": "delivered",
        "bounce permanent": "hard_bounce",
        "bounce": "bounce",
        "spam": "complaint",
        "opened": "nothing",
    },
    "message_id": "mail.headers.Message-ID",
    "recipient": "to.0.email",
    "occurred_at": "at",
    "event_id": "id",
    "enhanced_status": "smtp.status",
    "diagnostic": "smtp.text",
}
EVENT = {
    "event": {"type": "Bounce", "severity": "permanent"},
    "mail": {"headers": {"Message-ID": "<1.a@post.example>"}},
    "to": [{"email": "ann@post.example"}],
    "at": 1778051289,
    "id": 7,
    "smtp": {"status": "5.1.1", "text": "550 5.1.1 user unknown"},
}


def _body(*events):
    return json.dumps({"data": {"events": list(events)}}).encode()


def _parse(*events, **settings):
    return mapping.parse(mapping.check(SETTINGS | settings), _body(*events))


def test_every_part_is_found_where_the_mapping_says():
    assert _parse(EVENT) == [
        Report(
            FactKind.HARD_BOUNCE,
            "1.a@post.example",
            "ann@post.example",
            datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC),
            "7",
            "5.1.1",
            "550 5.1.1 user unknown",
        )
    ]


@pytest.mark.parametrize(
    ("event", "text", "kind"),
    [
        ({"type": "delivered"}, "", FactKind.DELIVERED),
        ({"type": " SPAM "}, "", FactKind.COMPLAINT),
        ({"type": "bounce"}, "550 5.1.1 user unknown", FactKind.HARD_BOUNCE),
        ({"type": "bounce"}, "550 5.7.1 blocked, see Spamhaus", FactKind.BLOCK),
        ({"type": "bounce"}, "552 5.2.2 mailbox full", FactKind.SOFT_BOUNCE),
        ({"type": "bounce"}, "", FactKind.SOFT_BOUNCE),
    ],
)
def test_words_become_kinds(event, text, kind):
    [found] = _parse(EVENT | {"event": event, "smtp": {"text": text}})

    assert found.kind == kind


@pytest.mark.parametrize("event", [{"type": "opened"}, {"type": "bounce", "severity": "odd"}])
def test_a_word_without_a_meaning_changes_nothing(event):
    [found] = _parse(EVENT | {"event": event})

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_yes_or_no_is_a_word_too():
    kinds = {"true": "hard_bounce", "false": "soft_bounce"}

    found = _parse(EVENT | {"hard": True}, EVENT | {"hard": False}, kind=["hard"], kinds=kinds)

    assert [each.kind for each in found] == [FactKind.HARD_BOUNCE, FactKind.SOFT_BOUNCE]


def test_the_mark_of_a_delivery_is_as_good_as_its_message_id():
    mark = "0123abcd-1f-k1-0123456789abcdef0123"

    [found] = _parse(EVENT | {"mail": {"headers": {"Message-ID": mark}}})

    assert found.message_id == "0123abcd.1f.k1.0123456789abcdef0123@mark.invalid"


def test_one_bad_event_does_not_spoil_its_neighbours():
    found = _parse(EVENT, None, 5, {}, EVENT)

    assert [type(each) for each in found] == [Report, Unusable, Unusable, Unusable, Report]


@pytest.mark.parametrize("whole", [EVENT, [EVENT]])
def test_without_a_path_to_events_the_body_is_one_or_a_list_of_them(whole):
    read = mapping.check(SETTINGS | {"events": ""})

    assert mapping.parse(read, json.dumps(whole).encode()) == _parse(EVENT)


def test_a_body_without_events_is_refused_whole():
    found = mapping.parse(mapping.check(SETTINGS), b'{"data": {}}')

    assert found == Unreadable("The body has nothing at data.events.")


def test_a_trial_says_which_paths_lead_nowhere():
    read = mapping.check(SETTINGS | {"recipient": "to.1.email", "diagnostic": "smtp.words"})

    [tried] = mapping.attempt(read, _body(EVENT))

    assert isinstance(tried.result, Report)
    assert tried.nowhere == ("recipient", "diagnostic")


def test_a_trial_says_so_when_the_name_is_not_there():
    [tried] = mapping.attempt(mapping.check(SETTINGS | {"kind": ["what"]}), _body(EVENT))

    assert tried.result.words == "Its name does not stand where the mapping looks for it."
    assert tried.nowhere == ("kind",)


def test_every_place_of_a_sample_leads_back_to_its_value():
    sample = {"a": {"b.c": [1, {"d\\e": "x"}], "": 2, "f": None}, "g": True}

    found = dict(mapping.places(json.dumps(sample).encode()))

    assert found == {"a.b\\.c.0": "1", "a.b\\.c.1.d\\\\e": "x", "a.f": "", "g": "true"}
    assert mapping.reach(sample, "a.b\\.c.1.d\\\\e") == "x"


def test_a_huge_sample_offers_so_many_places_and_no_more():
    found = mapping.places(json.dumps(list(range(5000))).encode())

    assert len(found) == mapping.MOST_PLACES


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": []}, "kind"),
        ({"kind": ["a", "b", "c", "d"]}, "kind"),
        ({"kind": [""]}, "kind"),
        ({"kind": "event"}, "kind"),
        ({"kinds": {}}, "kinds"),
        ({"kinds": {"x": "moon"}}, "kinds"),
        ({"kinds": {" ": "delivered"}}, "kinds"),
        ({"kinds": {"Bounce": "bounce", "bounce": "block"}}, "kinds"),
        ({"kinds": {str(number): "block" for number in range(51)}}, "kinds"),
        ({"message_id": ""}, "message_id"),
        ({"message_id": None}, "message_id"),
        ({"message_id": "a..b"}, "message_id"),
        ({"recipient": "a."}, "recipient"),
        ({"recipient": ".a"}, "recipient"),
        ({"recipient": "a\\b"}, "recipient"),
        ({"recipient": "a\nb"}, "recipient"),
        ({"occurred_at": 5}, "occurred_at"),
        ({"events": "x" * 201}, "events"),
        ({"something": "else"}, None),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changes, field):
    with pytest.raises(Invalid) as wrong:
        mapping.check(SETTINGS | changes)

    assert wrong.value.field == field
    assert wrong.value.message.endswith(".")


@pytest.mark.parametrize("settings", [None, 5, "text", [], {}])
def test_what_is_no_mapping_is_refused(settings):
    with pytest.raises(Invalid):
        mapping.check(settings)


def test_what_was_checked_can_be_kept_and_read_again():
    read = mapping.check(SETTINGS)

    assert mapping.check(json.loads(read.model_dump_json())) == read


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    sample=_JSON,
    event=st.fixed_dictionaries(dict.fromkeys(EVENT, _JSON)),
    raw=st.binary(),
)
def test_no_sample_makes_reading_fall_over(sample, event, raw):
    read = mapping.check(SETTINGS)
    for body in (json.dumps(sample).encode(), _body(event, sample), raw):
        found = mapping.parse(read, body)
        offered = mapping.places(body)
        assert isinstance(found, Unreadable) or all(
            isinstance(each, (Report, Unusable)) for each in found
        )
        if not isinstance(offered, Unreadable):
            for path, _ in offered:
                if len(path) <= 200 and path == path.strip():
                    assert path in mapping.check(SETTINGS | {"kind": [path]}).kind
