"""What holds for every service's webhook module: who is believed, and that nothing in a body can do harm."""

import copy
import dataclasses
import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, providers
from mailrith.events.models import FactKind
from mailrith.events.reports import BadSignature, Keys, Report, Unusable
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, find_all

CASES = find_all()


def _each(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


EVERY = _each(CASES)
SIGNING = _each([case for case in CASES if case.covers_body])
# All others sign once for all their tries, so age says nothing.
SIGNING_AGAIN = _each([case for case in CASES if case.stale])
BATCHING = _each([case for case in CASES if case.batches])
ODD = (None, True, 0, -1, 1e300, 10**60, "", "x", "\0\ud800", "x" * 5000, [], [None], {}, {"a": []})


@EVERY
def test_a_connection_of_this_service_uses_its_module(case):
    assert (providers.for_connection(case.name) is case.provider) is case.registered


@EVERY
def test_what_the_service_posts_is_taken(case):
    new = case.secrets[0]

    assert case.provider.verify(case.sign(case.body([case.sample]), new), case.keys(new)) is None


@EVERY
def test_during_a_rotation_both_keys_are_taken(case):
    new, old, _ = case.secrets

    for secret in (new, old):
        post = case.sign(case.body([case.sample]), secret)
        assert case.provider.verify(post, case.keys(new, old)) is None


@EVERY
def test_a_stranger_s_key_is_refused(case):
    new, old, strange = case.secrets

    found = case.provider.verify(case.sign(case.body([case.sample]), strange), case.keys(new, old))

    assert isinstance(found, BadSignature)
    assert not {new, old, strange} & set(found.sentence.split())


@EVERY
def test_nothing_is_taken_before_a_key_is_set(case):
    post = case.sign(case.body([case.sample]), case.secrets[0])

    for keys in (Keys(()), Keys(("",), ("",))):
        found = case.provider.verify(post, keys)
        assert isinstance(found, BadSignature)
        assert found.sentence.endswith(".")


@EVERY
def test_what_is_not_signed_is_refused(case):
    new = case.secrets[0]
    signed = case.sign(case.body([case.sample]), new)

    bare = dataclasses.replace(signed, headers=Headers(), body=case.body([case.sample]))

    assert isinstance(case.provider.verify(bare, case.keys(new)), BadSignature)


@SIGNING
def test_no_byte_of_a_signed_body_can_be_changed(case):
    new = case.secrets[0]
    signed = case.sign(case.body([case.sample]), new)

    places = range(0, len(signed.body), max(1, len(signed.body) // 60))
    for place in places:
        changed = bytearray(signed.body)
        changed[place] ^= 1
        other = dataclasses.replace(signed, body=bytes(changed))
        found = case.provider.verify(other, case.keys(new))
        # What is not covered by a signature (SNS) may change only where it is not read.
        assert isinstance(found, BadSignature) or case.provider.parse(
            other.body
        ) == case.provider.parse(signed.body)


@SIGNING_AGAIN
def test_a_signature_that_is_too_old_is_refused_where_the_service_signs_again(case):
    assert isinstance(case.provider.verify(case.stale(), case.keys(case.secrets[0])), BadSignature)


@EVERY
@settings(deadline=None, max_examples=60)
@given(
    headers=st.dictionaries(st.sampled_from(["authorization", "x-mailrith-secret"]), st.text()),
    body=st.binary(),
)
def test_no_request_makes_the_check_fall_over(case, headers, body):
    signed = case.sign(case.body([case.sample]), case.secrets[0])
    names = [name for name, _ in signed.headers]
    odd = Headers()
    for name in (*names, *headers):
        odd[name] = headers.get(name.lower(), "é\u2603=").replace("\r", "").replace("\n", "")
    other = dataclasses.replace(signed, headers=odd, body=body)

    assert isinstance(case.provider.verify(other, case.keys(*case.secrets)), BadSignature)


@EVERY
def test_the_sample_is_a_hard_bounce_of_our_message(case):
    [found] = case.provider.parse(_body(case, case.sample))

    assert found.kind == FactKind.HARD_BOUNCE
    assert found.message_id == MESSAGE_ID
    assert found.recipient == RECIPIENT
    assert found.occurred_at.tzinfo is UTC
    assert found.occurred_at.year >= 2016
    assert found.event_id
    assert "5.1.1" in found.diagnostic


@EVERY
def test_an_event_that_comes_again_is_the_same_event(case):
    new, old, _ = case.secrets
    first = case.provider.parse(case.sign(case.body([case.sample]), new).body)
    again = case.provider.parse(case.sign(case.body([case.sample]), old).body)

    assert [each.event_id for each in first] == [each.event_id for each in again]


@EVERY
def test_a_kind_that_we_do_not_know_is_left_alone(case):
    [found] = case.provider.parse(_body(case, _with(case.sample, case.kind, "moon_landing")))

    assert isinstance(found, Unusable)
    assert not found.refused


@EVERY
def test_an_event_without_a_kind_is_refused_in_words(case):
    [found] = case.provider.parse(_body(case, _without(case.sample, case.kind)))

    assert isinstance(found, Unusable)
    assert found.words.endswith(".")


@EVERY
def test_no_value_of_any_field_makes_reading_fall_over(case):
    for path in _paths(case.sample):
        for odd in (*ODD, ...):
            changed = _without(case.sample, path) if odd is ... else _with(case.sample, path, odd)
            found = case.provider.parse(_body(case, changed))
            _check_storable(found)


@BATCHING
def test_a_bad_event_does_not_spoil_its_neighbours(case):
    for odd in (None, 5, "text", [], {}):
        found = case.provider.parse(_body(case, case.sample, odd, case.sample))

        assert [type(each) for each in found] == [Report, Unusable, Report]
        assert found[0] == found[2]


@BATCHING
def test_too_many_events_are_refused_whole(case):
    assert isinstance(case.provider.parse(_body(case, *[{}] * (payload.MAX_ITEMS + 1))), Unreadable)


@EVERY
@settings(deadline=None, max_examples=60)
@given(
    body=st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_is_posted_is_read_or_refused(case, body):
    _check_storable(case.provider.parse(body))


def _check_storable(found):
    if isinstance(found, Unreadable):
        assert found.sentence
        return
    for each in found:
        assert isinstance(each, (Report, Unusable))
        json.dumps(dataclasses.asdict(each), default=str).encode()
        if isinstance(each, Unusable):
            each.event.encode()
            continue
        assert isinstance(each.kind, FactKind)
        assert each.occurred_at is None or each.occurred_at.tzinfo is UTC
        assert each.recipient is None or each.recipient
        assert len(each.diagnostic) <= 1024
        assert len(each.enhanced_status) <= 11
        for text in (each.message_id, each.event_id, each.diagnostic, each.recipient or ""):
            assert "\0" not in text
            text.encode()


def _body(case, *events):
    return case.sign(case.body(list(events)), case.secrets[0]).body


def _paths(value, path=()):
    """Every place in a value, the inner ones too."""
    children = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for name, child in children:
        yield (*path, name)
        yield from _paths(child, (*path, name))


def _with(sample, path, value):
    changed = copy.deepcopy(sample)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def _without(sample, path):
    changed = copy.deepcopy(sample)
    place = changed
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return changed


@EVERY
def test_its_events_can_be_read_on_the_command_line(case):
    named = providers.named(case.name)

    assert type(named) is type(case.provider)
    assert named.parse(b"{}") == case.provider.parse(b"{}")
    assert case.name in providers.names()
