"""The letter of a run as each connection carries it."""

import json
from email import message_from_bytes, policy
from uuid import UUID

import pytest

from mailrith.connections import presets
from mailrith.connections.models import Provider
from mailrith.content.headers import mark_of
from mailrith.content.reading_back import differences
from mailrith.core import config
from mailrith.delivery.models import Run
from mailrith.delivery.sending import letters, message_ids
from tests.support.factories_content import make_recipient
from tests.support.factories_delivery import BODY

RUN = Run(public_id=UUID("0198c0de-0000-7000-8000-00000badf00d"), source="broadcast")
LETTER = letters.FrozenLetter(
    subject="The hungry gap",
    preview_text="",
    from_name="Hannah",
    from_email="hannah@allotmentpost.example",
    reply_to="",
    envelope_sender="hannah@allotmentpost.example",
    workspace_name="The Allotment Post",
    postal_address="PO Box 418",
    list_id="weekly.allotmentpost.example",
    body_document=BODY,
)


@pytest.fixture(autouse=True)
def _settings(make_settings):
    config.install(make_settings(database_url="sqlite://"))


def recipient(delivery_id: int):
    return make_recipient(message_id=message_ids.make(RUN.public_id, delivery_id, LETTER.domain))


@pytest.mark.parametrize("provider", Provider)
@pytest.mark.parametrize("delivery_id", [1, 2**63 - 1])
def test_every_service_gets_a_message_that_reads_back_and_leads_to_its_delivery(
    provider, delivery_id
):
    carried = presets.carried(presets.of(provider), {"configuration_set": "news"})
    compiled = letters.compiled(RUN, LETTER, carried)
    person = recipient(delivery_id)

    built = compiled.build(person)

    assert not list(differences(compiled.letter, person, built))
    head, _, _ = built.partition(b"\r\n\r\n")
    assert head.isascii()
    message = message_from_bytes(built, policy=policy.default)
    for name, value in carried.headers:
        assert message.get_all(name) == [value]
    if carried.trace:
        name, before, after = carried.trace
        [value] = message_from_bytes(built).get_all(name)
        mark = "".join(value.splitlines()).removeprefix(before).removesuffix(after)
        assert message_ids.read(message_ids.from_mark(mark)) == delivery_id
        if before.startswith("{"):
            assert mark in json.dumps(json.loads(value))


def test_parts_of_one_run_carry_what_their_own_connection_wants():
    postmark = letters.compiled(RUN, LETTER, presets.carried(presets.of(Provider.POSTMARK), {}))
    own = letters.compiled(RUN, LETTER)

    assert b"\r\nX-PM-Message-Stream: broadcast\r\n" in postmark.build(recipient(1))
    assert b"X-PM-" not in own.build(recipient(1))


def test_a_carrier_that_is_not_chosen_leaves_no_trace_in_the_frozen_letter():
    assert not {"carried", "carrier_headers", "trace"} & set(LETTER.to_json())


def test_mark_says_nothing_about_the_person():
    person = recipient(7)

    assert "amara" not in mark_of(person.message_id)
    assert "postbox" not in mark_of(person.message_id)
