"""Who may speak for Amazon, and what SES means."""

import copy
import json

import pytest

from mailrith.events import providers
from mailrith.events.models import FactKind
from mailrith.events.providers.amazon_ses import AmazonSes
from mailrith.events.reports import BadSignature, Confirmation, Unusable
from tests.events.providers.cases import MARK, MESSAGE_ID, RECIPIENT, theirs
from tests.events.providers.cases.amazon_ses import (
    CERTIFICATE_URL,
    CONFIRMATION,
    ENVELOPE,
    PROVIDER,
    SAMPLE,
    arn,
    certificate,
    keys,
    signed,
)

NOTIFICATION = ENVELOPE | {"TopicArn": arn("news"), "Message": json.dumps(SAMPLE)}
OTHERS_URL = "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem"


def test_a_connection_of_amazon_ses_uses_its_module():
    assert isinstance(providers.for_connection("amazon-ses"), AmazonSes)


# Who may post


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("without", ["", "Subject"])
def test_both_versions_of_the_signature_are_taken(version, without):
    message = {n: v for n, v in NOTIFICATION.items() if n != without}

    assert PROVIDER.verify(signed(message | {"SignatureVersion": version}), keys("news")) is None


@pytest.mark.parametrize("version", ["0", "3", "", None])
def test_no_other_version_is_taken(version):
    post = signed(NOTIFICATION)
    body = json.dumps(json.loads(post.body) | {"SignatureVersion": version}).encode()

    assert isinstance(PROVIDER.verify(_with_body(post, body), keys("news")), BadSignature)


def test_a_confirmation_is_signed_over_its_own_fields():
    post = signed(CONFIRMATION | {"TopicArn": arn("news")})

    assert PROVIDER.verify(post, keys("news")) is None


@pytest.mark.parametrize(
    "field", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
)
def test_no_signed_field_can_be_changed_or_left_out(field):
    post = signed(NOTIFICATION)
    message = json.loads(post.body)
    both = keys("news", "letters")

    for changed in (
        message | {field: arn("letters") if field == "TopicArn" else "SubscriptionConfirmation"},
        {name: value for name, value in message.items() if name != field},
    ):
        body = json.dumps(changed).encode()
        assert isinstance(PROVIDER.verify(_with_body(post, body), both), BadSignature)


def test_the_address_of_a_confirmation_cannot_be_changed():
    post = signed(CONFIRMATION | {"TopicArn": arn("news")})
    changed = json.loads(post.body) | {"SubscribeURL": "https://sns.us-east-1.amazonaws.com/?evil"}

    found = PROVIDER.verify(_with_body(post, json.dumps(changed).encode()), keys("news"))

    assert isinstance(found, BadSignature)


def test_a_topic_that_nobody_named_is_refused_although_amazon_signed_it():
    found = PROVIDER.verify(signed(NOTIFICATION), keys("another"))

    assert isinstance(found, BadSignature)
    assert "topic" in found.sentence


@pytest.mark.parametrize(
    "address",
    [
        OTHERS_URL,
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",  # another region
        "https://sns.us-east-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com:444/SimpleNotificationService-1.pem",
        "https://evil@sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/evil/SimpleNotificationService-1.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem?x=.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem#",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-../1.pem",
        "https://s3.amazonaws.com/SimpleNotificationService-1.pem",
        "",
        None,
        7,
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(address):
    asked = []
    provider = AmazonSes(lambda url: asked.append(url) or certificate())

    found = provider.verify(signed(NOTIFICATION | {"SigningCertURL": address}), keys("news"))

    assert isinstance(found, BadSignature)
    assert asked == []


def test_the_certificate_of_china_comes_from_china():
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:news"
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem"
    asked = []
    provider = AmazonSes(lambda given: asked.append(given) or certificate())

    post = signed(NOTIFICATION | {"TopicArn": topic, "SigningCertURL": url})

    assert provider.verify(post, theirs(topic)) is None
    assert asked == [url]


@pytest.mark.parametrize("topic", ["news", "arn:aws:sns:*:*:*", "arn:aws:sns:evil.example/:1:a"])
def test_what_is_no_arn_leads_nowhere(topic):
    post = signed(NOTIFICATION | {"TopicArn": topic})

    assert isinstance(PROVIDER.verify(post, theirs(topic)), BadSignature)


@pytest.mark.parametrize("pem", [None, b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAA\n"])
def test_without_a_certificate_nothing_is_taken(pem):
    provider = AmazonSes(lambda url: pem)

    assert isinstance(provider.verify(signed(NOTIFICATION), keys("news")), BadSignature)


def test_a_message_delivered_raw_is_refused_with_what_to_do():
    post = _with_body(signed(NOTIFICATION), json.dumps(SAMPLE).encode())

    assert "raw message delivery" in PROVIDER.verify(post, keys("news")).sentence


# What it means


def test_a_confirmation_hands_on_the_address_that_says_yes():
    [found] = PROVIDER.parse(signed(CONFIRMATION | {"TopicArn": arn("news")}).body)

    assert isinstance(found, Confirmation)
    assert found.url == CONFIRMATION["SubscribeURL"]
    assert not found.refused


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription",
        "http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.us-east-1.amazonaws.com.evil.example/",
        None,
    ],
)
def test_no_other_address_is_handed_on(url):
    [found] = PROVIDER.parse(
        signed(CONFIRMATION | {"TopicArn": arn("news"), "SubscribeURL": str(url)}).body
    )

    assert not isinstance(found, Confirmation)
    assert found.refused


def test_a_topic_that_leaves_is_left_alone():
    leaves = CONFIRMATION | {"TopicArn": arn("news"), "Type": "UnsubscribeConfirmation"}
    [found] = PROVIDER.parse(signed(leaves).body)

    assert type(found) is Unusable
    assert not found.refused


@pytest.mark.parametrize(
    ("type_", "subtype", "person", "kind"),
    [
        ("Permanent", "General", {}, FactKind.HARD_BOUNCE),
        ("Permanent", "NoEmail", {}, FactKind.HARD_BOUNCE),
        ("Permanent", "Suppressed", {}, FactKind.REJECTED),
        ("Permanent", "OnAccountSuppressionList", {}, FactKind.REJECTED),
        ("Transient", "General", {}, FactKind.SOFT_BOUNCE),
        ("Transient", "MailboxFull", {}, FactKind.SOFT_BOUNCE),
        ("Transient", "ContentRejected", {}, FactKind.BLOCK),
        ("Transient", "General", {"status": "5.4.4"}, FactKind.HARD_BOUNCE),
        ("Undetermined", "Undetermined", {}, FactKind.SOFT_BOUNCE),
        (
            "Permanent",
            "General",
            {"status": "5.7.1", "diagnosticCode": "smtp; 554 5.7.1 rejected as spam"},
            FactKind.BLOCK,
        ),
    ],
)
def test_each_bounce_has_its_kind(type_, subtype, person, kind):
    person = {"emailAddress": RECIPIENT} | person
    bounce = {"bounceType": type_, "bounceSubType": subtype, "bouncedRecipients": [person]}

    assert _read("Bounce", bounce=bounce)[0].kind == kind


def test_everybody_whom_a_bounce_names_gets_a_report_and_nobody_else():
    people = ["jane@post.example", "Richard <richard@post.example>"]
    bounce = SAMPLE["bounce"] | {"bouncedRecipients": [{"emailAddress": each} for each in people]}
    mail = SAMPLE["mail"] | {"destination": ["mary@post.example", *people]}

    found = _read("Bounce", bounce=bounce, mail=mail)

    assert [each.recipient for each in found] == ["jane@post.example", "richard@post.example"]
    assert {each.message_id for each in found} == {MESSAGE_ID}


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ({"complaintFeedbackType": "abuse"}, FactKind.COMPLAINT),
        ({}, FactKind.COMPLAINT),
        ({"complaintFeedbackType": "auth-failure"}, FactKind.BLOCK),
        ({"complaintFeedbackType": "virus"}, FactKind.BLOCK),
        ({"complaintSubType": "OnAccountSuppressionList"}, FactKind.REJECTED),
    ],
)
def test_a_complaint_is_one_when_a_person_says_so(complaint, kind):
    complaint = {"complainedRecipients": [{"emailAddress": RECIPIENT}]} | complaint

    [found] = _read("Complaint", complaint=complaint)

    assert (found.kind, found.recipient) == (kind, RECIPIENT)


@pytest.mark.parametrize(
    ("event", "details", "kind"),
    [
        ("Delivery", {"delivery": {"recipients": [RECIPIENT]}}, FactKind.DELIVERED),
        (
            "DeliveryDelay",
            {"deliveryDelay": {"delayedRecipients": [{"emailAddress": RECIPIENT}]}},
            FactKind.DEFERRED,
        ),
        ("Reject", {"reject": {"reason": "Bad content"}}, FactKind.REJECTED),
        ("Rendering Failure", {"failure": {"errorMessage": "no name"}}, FactKind.REJECTED),
        (
            "Subscription",
            {"subscription": {"newTopicPreferences": {"unsubscribeAll": True}}},
            FactKind.UNSUBSCRIBED,
        ),
    ],
)
def test_each_other_event_has_its_kind(event, details, kind):
    [found] = _read(event, **details)

    assert (found.kind, found.recipient) == (kind, RECIPIENT)


@pytest.mark.parametrize(
    ("event", "details"),
    [
        ("Send", {"send": {}}),
        ("Open", {"open": {}}),
        ("Click", {"click": {}}),
        ("Complaint", {"complaint": {"complaintFeedbackType": "not-spam"}}),
        ("Subscription", {"subscription": {"newTopicPreferences": {"unsubscribeAll": False}}}),
        ("Subscription", {"subscription": {"newTopicPreferences": {}}}),
    ],
)
def test_what_is_of_no_use_is_left_alone(event, details):
    [found] = _read(event, **details)

    assert isinstance(found, Unusable)
    assert not found.refused


def test_the_greeting_of_a_new_topic_is_no_event():
    text = "Successfully validated SNS topic for Amazon SES event publishing."
    [found] = PROVIDER.parse(signed(NOTIFICATION | {"Message": text}).body)

    assert not found.refused


@pytest.mark.parametrize(
    ("headers", "message_id"),
    [
        ([{"name": "X-SES-MESSAGE-TAGS", "value": f"a=b, mailrith={MARK}"}], MESSAGE_ID),
        ([{"name": "Message-ID", "value": "<1.a@letters.example>"}], "1.a@letters.example"),
    ],
)
def test_a_notification_of_the_older_kind_is_found_by_its_headers(headers, message_id):
    event = copy.deepcopy(SAMPLE) | {"notificationType": "Bounce"}
    del event["eventType"]
    del event["mail"]["tags"]
    event["mail"]["headers"] = headers

    [found] = PROVIDER.parse(signed(NOTIFICATION | {"Message": json.dumps(event)}).body)

    assert found.message_id == message_id


def test_the_id_is_the_one_that_sns_keeps_for_all_tries():
    assert _read("Bounce")[0].event_id == ENVELOPE["MessageId"]
    assert CERTIFICATE_URL not in repr(_read("Bounce"))


def _read(event, **details):
    changed = copy.deepcopy(SAMPLE) | {"eventType": event} | details
    return PROVIDER.parse(signed(NOTIFICATION | {"Message": json.dumps(changed)}).body)


def _with_body(post, body):
    return type(post)(post.headers, body, post.url)
