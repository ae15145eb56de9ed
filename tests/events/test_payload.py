"""Values out of a stranger's JSON: the right type, or nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailrith.events import payload
from mailrith.events.models import FactKind
from mailrith.events.reports import Unusable

MOMENT = datetime(2018, 3, 6, 19, 10, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        1520363423,
        "1520363423",
        1520363423000,
        "1520363423000",
        1520363423.0,
        "2018-03-06T19:10:23Z",
        "2018-03-06T20:10:23+01:00",
        "2018-03-06T14:10:23.0000000-05:00",
    ],
)
def test_a_moment_is_read_as_each_service_writes_it(value):
    assert payload.moment({"at": value}, "at") == MOMENT


@pytest.mark.parametrize(
    "value",
    [None, True, "", "now", "2018-03-06 19:10:23", -1, 1e300, 10**400, "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_moment_is_none(value):
    assert payload.moment(value) is None


@given(value=st.integers() | st.floats() | st.text(alphabet="0123456789.-+TZ:e ") | st.text())
@settings(deadline=None)
def test_every_moment_is_in_utc(value):
    found = payload.moment(value)

    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a ", "a"),
        (5, "5"),
        (True, ""),
        (1.5, ""),
        (None, ""),
        (["a"], ""),
        ("a\0b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
    ],
)
def test_a_text_is_what_a_database_can_keep(value, text):
    assert payload.text({"a": {"b": value}}, "a", "b") == text


def test_what_is_missing_on_the_way_is_nothing():
    assert payload.at({"a": []}, "a", "b", "c") is None
    assert payload.text(None, "a") == ""


def test_a_mark_goes_before_a_message_id():
    both = payload.report(FactKind.BLOCK, mark="a-1-k-b", message_id="<other@post.example>")
    odd = payload.report(FactKind.BLOCK, mark="no mark", message_id="<other@post.example>")

    assert both.message_id == "a.1.k.b@mark.invalid"
    assert odd.message_id == "other@post.example"


def test_an_event_of_somebody_else_s_message_is_left_alone():
    found = payload.report(FactKind.HARD_BOUNCE, recipient="ann@post.example")

    assert isinstance(found, Unusable)
    assert not found.refused


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ann@post.example", "ann@post.example"),
        ('"Ann" <ann@post.example>', "ann@post.example"),
        ("", None),
        ("<>", None),
        ("x" * 321, None),
    ],
)
def test_a_recipient_is_the_address_alone(written, address):
    assert payload.report(FactKind.BLOCK, mark="a", recipient=written).recipient == address


def test_what_is_too_long_is_cut_and_what_is_no_status_is_dropped():
    found = payload.report(
        FactKind.BLOCK, mark="a", diagnostic="x" * 2000, enhanced_status="5.1.1 and more"
    )

    assert (len(found.diagnostic), found.enhanced_status) == (1024, "")
