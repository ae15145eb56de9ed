"""What the services' own packages sign is believed here, and what our samples sign is believed by theirs."""

import json
import re
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sendgrid.helpers.eventwebhook import EventWebhook
from standardwebhooks import Webhook

from mailrith.core import clock
from mailrith.events import samples
from mailrith.events.providers import resend, sendgrid
from mailrith.events.providers.amazon_ses import AmazonSes
from mailrith.events.reports import BadSignature, Keys
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, amazon_ses, post

WHSEC = "whsec_" + b64encode(b"twenty-four random bytes").decode()
ABOUT = samples.About(f"<{MESSAGE_ID}>", RECIPIENT, "event-1", clock.now())


def test_resend_s_events_are_believed_when_the_package_of_standard_webhooks_signs_them():
    body = json.dumps({"type": "email.delivered", "data": {"to": [RECIPIENT]}})
    moment = clock.now()
    headers = {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": Webhook(WHSEC).sign("msg_1", moment, body),
    }

    assert resend.verify(post(body.encode(), headers), Keys((), (WHSEC,))) is None
    other = post(body.replace("delivered", "bounced").encode(), headers)
    assert isinstance(resend.verify(other, Keys((), (WHSEC,))), BadSignature)


def test_a_sample_of_resend_is_believed_by_the_package_of_standard_webhooks():
    made = samples.make("resend", "hard_bounce", ABOUT, samples.Secrets("", WHSEC))
    headers = {name.replace("svix", "webhook"): value for name, value in made.headers.items()}

    assert Webhook(WHSEC).verify(made.body, headers)["type"] == "email.bounced"


@pytest.fixture(scope="module")
def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def shown(ec_key):
    """The verification key, as SendGrid shows it."""
    key = ec_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(key).decode()


def test_a_sample_of_sendgrid_is_believed_by_its_own_package_and_by_us_alike(ec_key, shown):
    pem = ec_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = samples.make("sendgrid", "complaint", ABOUT, samples.Secrets("", private_key=pem))
    signature, moment = made.headers[sendgrid.SIGNATURE], made.headers[sendgrid.TIMESTAMP]

    for body in (made.body, made.body + b" "):
        theirs = EventWebhook(shown).verify_signature(body.decode(), signature, moment)
        ours = sendgrid.verify(post(body, made.headers), Keys((), (shown,)))
        assert (ours is None) == theirs == (body == made.body)


def test_what_moto_publishes_is_believed_and_read(monkeypatch):
    """Moto stands for Amazon: its SNS signs (version 2) with a certificate that it serves where SNS would."""
    import boto3
    import requests
    from moto import mock_aws

    arrived = []
    event = json.dumps(amazon_ses.SAMPLE)
    with mock_aws():
        sns = boto3.client("sns", "eu-central-1", aws_access_key_id="a", aws_secret_access_key="a")
        topic = sns.create_topic(Name="news")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://news.example/hooks/x/y")
        with monkeypatch.context() as patch:
            patch.setattr(requests, "post", lambda url, **given: arrived.append(given))
            sns.publish(TopicArn=topic, Message=event)
        (given,) = arrived
        body = json.dumps(given["json"]).encode()  # as requests writes it
        address = json.loads(body)["SigningCertURL"]
        certificate = requests.get(address, timeout=5).content

    provider = AmazonSes(lambda asked: certificate if asked == address else None)
    message = post(body, given["headers"])
    assert json.loads(body)["SignatureVersion"] == "2"
    assert provider.verify(message, Keys((), (topic,))) is None
    assert isinstance(provider.verify(message, Keys((), (topic + "x",))), BadSignature)
    changed = post(re.sub(rb"5\.1\.1", b"5.2.2", body), given["headers"])
    assert isinstance(provider.verify(changed, Keys((), (topic,))), BadSignature)
    (report,) = provider.parse(body)
    assert (str(report.kind), report.recipient) == ("hard_bounce", RECIPIENT)
