"""What the edge asks before it stores anything."""

import json
from dataclasses import replace

import pytest

from mailrith.events import actions, sources
from mailrith.events.actions import Endpoint
from mailrith.events.reports import BadSignature
from tests.events.providers.cases import find_all, theirs
from tests.events.providers.cases.mailgun import SAMPLE, body, sign

MAILGUN = Endpoint(1, "mailgun", sources.reader("mailgun", {}), theirs("key"))


@pytest.mark.parametrize("case", find_all(), ids=lambda case: case.name)
@pytest.mark.any_database
def test_each_service_is_believed_with_its_own_key(app, case):
    post = case.sign(case.body([case.sample]), case.secrets[0])
    right = Endpoint(1, case.name, case.provider, case.keys(case.secrets[0]))
    wrong = Endpoint(1, case.name, case.provider, case.keys(case.secrets[2]))

    assert actions.refuse(right, post) is None
    assert isinstance(actions.refuse(wrong, post), BadSignature)


def test_a_signature_of_mailgun_is_good_for_one_body(app):
    post = sign(body([SAMPLE]), "key")
    forged = json.loads(post.body)
    forged["event-data"]["recipient"] = "victim@post.example"

    assert actions.refuse(MAILGUN, post) is None
    assert isinstance(actions.refuse(MAILGUN, with_body(post, forged)), BadSignature)
    assert actions.refuse(MAILGUN, post) is None  # Mailgun comes again


def test_what_is_not_signed_uses_no_token_up(app):
    post = sign(body([SAMPLE]), "stranger")

    assert isinstance(actions.refuse(MAILGUN, post), BadSignature)
    again = json.loads(post.body)
    again["signature"] |= json.loads(sign(body([SAMPLE]), "key").body)["signature"]
    assert actions.refuse(MAILGUN, with_body(post, again)) is None


def with_body(post, value):
    return replace(post, body=json.dumps(value).encode())
