"""What ZeptoMail's notifications mean, and over what they are signed."""

import copy
import hmac
import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import zeptomail
from mailrith.events.reports import BadSignature, Keys, Unusable
from tests.events.providers.cases import RECIPIENT, basic, ours, post, theirs
from tests.events.providers.cases.zeptomail import SAMPLE, sign

BODY = json.dumps(SAMPLE).encode()


def _read(event, **detail):
    changed = copy.deepcopy(SAMPLE)
    changed["event_name"] = event
    changed["event_message"][0]["event_data"][0]["details"][0] |= detail
    return zeptomail.parse(json.dumps(changed).encode())


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (["hardbounce"], FactKind.HARD_BOUNCE),
        ("hard_bounce", FactKind.HARD_BOUNCE),
        (["softbounce"], FactKind.SOFT_BOUNCE),
        (["feedback_loop"], FactKind.COMPLAINT),
        (["delivered"], FactKind.DELIVERED),
    ],
)
def test_each_event_has_its_kind_however_its_name_is_written(event, kind):
    [found] = _read(event, diagnostic_message="", reason="")

    assert found.kind == kind


def test_a_hard_bounce_that_is_about_the_sender_is_a_block():
    [found] = _read(["hardbounce"], diagnostic_message="550 5.7.1 blocked, see Spamhaus")

    assert found.kind == FactKind.BLOCK


@pytest.mark.parametrize("event", ["email_open", "email_link_click", "something"])
def test_what_is_of_no_use_is_left_alone(event):
    [found] = _read([event])

    assert isinstance(found, Unusable)
    assert not found.refused


def test_without_a_named_person_the_event_is_about_everybody_it_went_to():
    changed = copy.deepcopy(SAMPLE)
    message = changed["event_message"][0]
    message["email_info"]["to"] = [
        {"email_address": {"address": "ann@post.example"}},
        {"email_address": [{"address": "bob@post.example"}]},
    ]
    del message["event_data"]

    found = zeptomail.parse(json.dumps(changed).encode())

    assert [each.recipient for each in found] == ["ann@post.example", "bob@post.example"]
    assert len({each.event_id for each in found}) == 2


def test_a_message_alone_is_read_like_a_list_of_one():
    alone = SAMPLE | {"event_message": SAMPLE["event_message"][0]}

    assert zeptomail.parse(json.dumps(alone).encode()) == zeptomail.parse(BODY)


def test_the_form_says_the_same_as_json():
    assert zeptomail.parse(sign(BODY, "k").body) == zeptomail.parse(BODY)
    assert zeptomail.parse(BODY)[0].recipient == RECIPIENT


def test_bare_json_may_be_signed_too():
    signature = quote(b64encode(hmac.new(b"k", BODY, "sha256").digest()).decode())
    header = {"Producer-Signature": f"ts=1;s={signature};s-algorithm=HmacSHA256"}

    assert zeptomail.verify(post(BODY, header), theirs("k")) is None
    assert isinstance(zeptomail.verify(post(BODY + b" ", header), theirs("k")), BadSignature)


def test_where_there_is_no_key_of_theirs_a_secret_of_ours_is_enough_and_afterwards_not():
    signed = basic(BODY, "whs_ours")

    assert zeptomail.verify(signed, ours("whs_ours")) is None
    assert isinstance(zeptomail.verify(signed, Keys(("whs_ours",), ("k",))), BadSignature)
