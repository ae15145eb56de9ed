"""What Azure's delivery reports mean, and what Event Grid wants to hear first."""

import copy
import json

import pytest

from mailrith.events.models import FactKind
from mailrith.events.providers import azure
from mailrith.events.reports import BadSignature, Keys, Unusable
from tests.events.providers.cases import post
from tests.events.providers.cases.azure import SAMPLE

SECRET = Keys(("whs_new", "whs_old"))


def _read(status, words=""):
    event = copy.deepcopy(SAMPLE)
    event["data"]["status"] = status
    event["data"]["deliveryStatusDetails"] = {"statusMessage": words}
    [found] = azure.parse(json.dumps([event]).encode())
    return found


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        ("Delivered", "", FactKind.DELIVERED),
        ("Bounced", "", FactKind.HARD_BOUNCE),
        ("Bounced", "550 5.7.1 blocked, see Spamhaus", FactKind.BLOCK),
        ("Suppressed", "", FactKind.REJECTED),
        ("FilteredSpam", "", FactKind.BLOCK),
        ("FilteredSpam", "complaint", FactKind.BLOCK),
        ("Quarantined", "", FactKind.BLOCK),
        ("Failed", "", FactKind.SOFT_BOUNCE),
        ("Failed", "550 5.1.1 user unknown", FactKind.HARD_BOUNCE),
        ("Failed", "552 5.2.2 mailbox full", FactKind.SOFT_BOUNCE),
    ],
)
def test_each_status_has_its_kind(status, words, kind):
    assert _read(status, words).kind == kind


def test_a_status_that_comes_before_the_end_is_left_alone():
    assert isinstance(_read("Expanded"), Unusable)


def test_cloud_events_say_the_same():
    event = {
        "specversion": "1.0",
        "id": SAMPLE["id"],
        "type": SAMPLE["eventType"],
        "time": SAMPLE["eventTime"],
        "data": SAMPLE["data"],
    }

    assert azure.parse(json.dumps(event).encode()) == azure.parse(json.dumps([SAMPLE]).encode())


def test_a_view_is_left_alone():
    event = SAMPLE | {"eventType": "Microsoft.Communication.EmailEngagementTrackingReportReceived"}

    [found] = azure.parse(json.dumps([event]).encode())

    assert found.words == "Mailrith counts opens and clicks itself."


def test_the_question_of_event_grid_is_answered_with_its_code():
    asked = [{"id": "1", "eventType": azure.VALIDATION, "data": {"validationCode": "512d-38b6"}}]
    body = json.dumps(asked).encode()

    answer = azure.answer(post(body, {}))

    assert json.loads(answer.body) == {"validationResponse": "512d-38b6"}
    [found] = azure.parse(body)
    assert isinstance(found, Unusable)
    assert not found.refused


def test_the_question_of_cloud_events_is_answered_with_the_origin():
    answer = azure.answer(post(b"", {"WebHook-Request-Origin": "eventgrid.azure.net"}))

    assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"


@pytest.mark.parametrize("origin", ["", "a b", "a\x0bSet-Cookie: x", "x" * 300])
def test_an_origin_that_is_none_is_not_repeated(origin):
    assert azure.answer(post(b"", {"WebHook-Request-Origin": origin})) is None


@pytest.mark.parametrize(
    "body",
    [json.dumps([SAMPLE]).encode(), b"[5]", b"{", b"null", b'[{"eventType": 5, "data": []}]'],
)
def test_events_themselves_need_no_answer(body):
    assert azure.answer(post(body, {})) is None


@pytest.mark.parametrize("secret", ["whs_new", "whs_old"])
def test_the_secret_may_stand_in_the_address(secret):
    url = f"https://letters.example/hooks/1/path?secret={secret}"

    assert azure.verify(post(b"[]", {}, url), SECRET) is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?secret=",
        "?secret=whs_other",
        "?code=whs_new",
        "?secret=x&secret=whs_new",
        "?%",
        "?secret=whs_new" + "&a=1" * 30,
    ],
)
def test_any_other_address_is_refused(query):
    url = f"https://letters.example/hooks/1/path{query}"

    assert isinstance(azure.verify(post(b"[]", {}, url), SECRET), BadSignature)
    assert isinstance(azure.verify(post(b"[]", {}, f"https://[{query}"), SECRET), BadSignature)
    assert isinstance(azure.verify(post(b"[]", {}, url), Keys(("",))), BadSignature)
