"""What Scaleway's events mean, and whose certificate is believed."""

import json

import pytest

from mailrith.connections.models import Provider
from mailrith.events import providers
from mailrith.events.models import FactKind
from mailrith.events.providers.scaleway import AUTHORITY, Scaleway
from mailrith.events.reports import BadSignature, Confirmation, Unusable
from tests.events.providers.cases.scaleway import (
    CASE,
    CERTIFICATE_URL,
    ENVELOPE,
    SAMPLE,
    arn,
    certificate,
    keys,
    served,
    signed,
)

MESSAGE = ENVELOPE | {"TopicArn": arn("news"), "Message": json.dumps(SAMPLE)}
CONFIRMATION = ENVELOPE | {
    "Type": "SubscriptionConfirmation",
    "TopicArn": arn("news"),
    "Token": "abc",
    "Message": "You have chosen to subscribe to the topic.",
    "SubscribeURL": "https://sns.mnq.fr-par.scaleway.com/?Action=ConfirmSubscription&Token=abc",
}


def _read(**changes):
    message = MESSAGE | {"Message": json.dumps(SAMPLE | changes)}
    [found] = CASE.provider.parse(json.dumps(message).encode())
    return found


def _verify(post, **stands):
    addresses = served() | {
        {"signer": CERTIFICATE_URL, "authority": AUTHORITY.format(region="fr-par")}[name]: found
        for name, found in stands.items()
    }
    return Scaleway(addresses.get).verify(post, keys("news"))


def test_a_connection_of_scaleway_uses_it():
    assert isinstance(providers.for_connection(Provider.SCALEWAY), Scaleway)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("email_delivered", FactKind.DELIVERED),
        ("email_deferred", FactKind.DEFERRED),
        ("email_mailbox_not_found", FactKind.HARD_BOUNCE),
        ("email_spam", FactKind.BLOCK),  # a filter, not a person
        ("email_blocklisted", FactKind.REJECTED),
    ],
)
def test_each_event_has_its_kind(event, kind):
    assert _read(type=event).kind == kind


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (550, "5.1.1 user unknown", FactKind.HARD_BOUNCE),
        (550, "5.7.1 blocked, see Spamhaus", FactKind.BLOCK),
        (552, "5.2.2 mailbox full", FactKind.SOFT_BOUNCE),
        (None, "", FactKind.SOFT_BOUNCE),
    ],
)
def test_a_dropped_mail_is_what_the_other_server_says(code, words, kind):
    assert _read(email_response_code=code, email_response_message=words).kind == kind


@pytest.mark.parametrize("event", ["email_queued", "blocklist_created", "unknown_type"])
def test_what_is_of_no_use_is_left_alone(event):
    found = _read(type=event)

    assert isinstance(found, Unusable)
    assert not found.refused


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_kinds_of_signature_are_known(version):
    assert _verify(signed(MESSAGE | {"SignatureVersion": version})) is None


def test_a_subscription_is_confirmed_at_scaleway():
    post = signed(CONFIRMATION)

    assert _verify(post) is None
    [found] = CASE.provider.parse(post.body)
    assert isinstance(found, Confirmation)
    assert found.url == CONFIRMATION["SubscribeURL"]


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.mnq.fr-par.scaleway.com/?Token=abc",
        "https://sns.mnq.nl-ams.scaleway.com/?Token=abc",
        "https://sns.mnq.fr-par.scaleway.com.evil.example/",
        "https://sns.mnq.fr-par.scaleway.com@evil.example/",
        "https://127.0.0.1/",
        "",
    ],
)
def test_a_subscription_is_confirmed_nowhere_else(address):
    body = json.dumps(CONFIRMATION | {"SubscribeURL": address}).encode()

    [found] = CASE.provider.parse(body)

    assert not isinstance(found, Confirmation)
    assert found.refused


@pytest.mark.parametrize(
    "address",
    [
        "http://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns_certificate_1.crt",
        "https://strange.s3.fr-par.scw.cloud/sns_certificate_1.crt",
        "https://messaging.s3.fr-par.scw.cloud.evil.example/a.crt",
        "https://messaging.s3.fr-par.scw.cloud@evil.example/a.crt",
        "https://messaging.s3.fr-par.scw.cloud:8443/a.crt",
        "https://messaging.s3.fr-par.scw.cloud/../a.crt",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(address):
    asked = []

    found = Scaleway(asked.append).verify(
        signed(MESSAGE | {"SigningCertURL": address}), keys("news")
    )

    assert isinstance(found, BadSignature)
    assert asked == []


@pytest.mark.parametrize(
    "signer",
    [
        certificate("signer", "stranger"),
        certificate("signer", "signer"),
        certificate("signer", "authority", until=2025),
        b"no certificate",
    ],
    ids=["another authority", "its own", "expired", "none"],
)
def test_only_certificates_of_scaleway_s_authority_are_believed(signer):
    assert isinstance(_verify(signed(MESSAGE), signer=signer), BadSignature)


@pytest.mark.parametrize(
    "authority",
    [certificate("authority", "root"), certificate("authority", "root", ca=True, until=2025), b""],
    ids=["no authority", "expired", "none"],
)
def test_an_authority_that_is_none_vouches_for_nobody(authority):
    assert isinstance(_verify(signed(MESSAGE), authority=authority), BadSignature)


def test_another_customer_s_topic_is_refused_although_scaleway_signed_it():
    assert isinstance(_verify(signed(MESSAGE | {"TopicArn": arn("strange")})), BadSignature)
