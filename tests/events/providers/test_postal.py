"""What Postal's events mean, in which forms its key may be pasted, and that the weaker signature does not open what the stronger closes."""

import copy
import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1

from mailrith.events.models import FactKind
from mailrith.events.providers import postal
from mailrith.events.reports import BadSignature, Unusable
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, post, theirs
from tests.events.providers.cases.postal import SAMPLE, keys, pem, private, sign

BODY = json.dumps(SAMPLE).encode()


def _read(event="MessageDeliveryFailed", **payload):
    changed = copy.deepcopy(SAMPLE)
    changed["event"] = event
    changed["payload"] |= payload
    [found] = postal.parse(json.dumps(changed).encode())
    return found


def _bare(secret):
    return "".join(line for line in pem(secret).splitlines() if "-" not in line)


def _with_sha1(body, secret):
    return b64encode(private(secret).sign(body, padding.PKCS1v15(), SHA1())).decode()


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("MessageSent", FactKind.DELIVERED),
        ("MessageDelayed", FactKind.DEFERRED),
        ("MessageHeld", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(event).kind == kind


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("550 5.1.1 no such user", FactKind.HARD_BOUNCE),
        ("554 5.7.1 Service unavailable; blocked using zen.spamhaus.org", FactKind.BLOCK),
        ("552 5.2.2 mailbox full", FactKind.SOFT_BOUNCE),
        ("", FactKind.SOFT_BOUNCE),
    ],
)
def test_a_failure_is_what_the_other_server_says(output, kind):
    assert _read(output=output, details="Maximum number of delivery attempts reached").kind == kind


def test_a_mail_to_the_return_path_loses_nobody():
    returned = {
        "original_message": SAMPLE["payload"]["message"],
        "bounce": {"id": 2, "subject": "Out of office", "from": "ann@post.example"},
    }
    body = {"event": "MessageBounced", "uuid": "u", "timestamp": 1778051289.4, "payload": returned}

    [found] = postal.parse(json.dumps(body).encode())

    assert (found.kind, found.message_id) == (FactKind.SOFT_BOUNCE, MESSAGE_ID)
    assert found.recipient == RECIPIENT
    assert found.diagnostic == "Out of office"


@pytest.mark.parametrize(
    "event", ["MessageLoaded", "MessageLinkClicked", "DomainDNSError", "SendLimitExceeded"]
)
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(event)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_mail_that_came_in_is_left_alone():
    message = SAMPLE["payload"]["message"] | {"direction": "incoming"}

    assert isinstance(_read("MessageSent", message=message), Unusable)


@pytest.mark.parametrize(
    "shown",
    [
        pem("a"),
        pem("a").replace("\n", "\r\n"),
        _bare("a"),
        f"v=DKIM1; t=s; h=sha256; p={_bare('a')};",
        f'postal._domainkey IN TXT ("v=DKIM1; h=sha256; " "p={_bare("a")[:60]}" "{_bare("a")[60:]};")',
    ],
    ids=["pem", "pem from Windows", "bare", "record", "record in parts"],
)
def test_the_key_may_be_pasted_as_it_is_found(shown):
    assert postal.verify(sign(BODY, "a"), theirs(shown)) is None
    assert isinstance(postal.verify(sign(BODY, "b"), theirs(shown)), BadSignature)


@pytest.mark.parametrize("shown", ["no key", "p=", "-----BEGIN PUBLIC KEY-----", "é", "AAAA"])
def test_what_is_no_key_is_as_good_as_none(shown):
    found = postal.verify(sign(BODY, "a"), theirs(shown))

    assert "default-dkim-record" in found.sentence


def test_older_servers_sign_with_sha1():
    signed = post(BODY, {"X-Postal-Signature": _with_sha1(BODY, "a")})

    assert postal.verify(signed, keys("a")) is None


def test_a_stronger_signature_that_is_wrong_is_not_mended_by_a_weaker_one():
    headers = {
        "X-Postal-Signature-256": sign(BODY, "b").headers["x-postal-signature-256"],
        "X-Postal-Signature": _with_sha1(BODY, "a"),
    }

    assert isinstance(postal.verify(post(BODY, headers), keys("a")), BadSignature)
