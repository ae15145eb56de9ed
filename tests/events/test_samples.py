"""Samples are what the services would have posted: believed by their own modules, and read as what they say."""

from base64 import b64encode
from dataclasses import replace
from threading import Thread

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from mailrith.cli import main
from mailrith.connections import credentials
from mailrith.core import clock, config, outbound
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.events import samples, signing_certificates, sources
from mailrith.events.models import DeliveryFact
from mailrith.events.samples import About, Secrets
from tests.events.providers.cases import amazon_ses, postal, scaleway
from tests.support import factories
from tests.support.factories_events import make_delivery, make_run, message_id

URL = "https://news.example.org/hooks/x/y"
WHSEC = "whsec_" + b64encode(b"k" * 24).decode()
MESSAGE_ID = "<0123abcd.1f.k1.0123456789abcdef0123@post.example>"
TOPICS = {
    "amazon-ses": (amazon_ses, amazon_ses.key),
    "scaleway": (scaleway, lambda: scaleway.key("signer")),
}
THEIRS = {
    "mailgun",
    "mandrill",
    "resend",
    "zeptomail",
    "mailersend",
    "mailtrap",
}  # sign with a word
EC_KEY = ec.derive_private_key(1234567, ec.SECP256R1())


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key):
    shown = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(shown).decode()


def proof(name, own="canary-secret"):
    """What signs for this service, and the key of the service's that a connection then has."""
    if name == "sendgrid":
        return Secrets(URL, private_key=pem(EC_KEY)), public(EC_KEY)
    if name == "postal":
        return Secrets(URL, private_key=pem(postal.private("a"))), postal.pem("a")
    if name in TOPICS:
        case, key = TOPICS[name]
        topic = case.arn("news")
        return Secrets(URL, "", pem(key()), topic, case.CERTIFICATE_URL), topic
    if name in THEIRS:
        secret = WHSEC if name == "resend" else "canary-secret"
        return Secrets(URL, secret), secret
    return Secrets(URL, own), ""


class Topics:
    """What stands at the addresses of certificates."""

    async def get(self, url, **_):
        found = scaleway.served().get(url) or amazon_ses.load(url)
        return outbound.Answer(200 if found else 404, found or b"")


@pytest.fixture
def connection(cast, monkeypatch):
    monkeypatch.setattr(outbound, "get", Topics().get)
    signing_certificates.forget()
    connection = factories.make_connection(cast.workspace)
    credentials.make_hook_secrets(connection)
    db.session.commit()
    yield connection
    signing_certificates.forget()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", samples.names())
def test_every_kind_of_a_service_passes_the_endpoint_and_is_applied(
    client, cast, connection, run_jobs, name
):
    hook = credentials.hook_secrets(connection)
    path = f"/hooks/{connection.public_id}/{hook.path_secret}"
    signing, key = proof(name, hook.signing_secret)
    signing = replace(signing, url=config.current().public_url + path)
    connection.events_source = name
    credentials.seal_service_keys(connection, (key,) if key else ())
    run = make_run(cast.workspace, connection)
    sent = {
        kind: make_delivery(run, factories.make_subscriber(cast.workspace))
        for kind in samples.kinds(name)
    }
    db.session.commit()

    for kind, delivery in sent.items():
        about = About(message_id(delivery), delivery.email, f"event-{kind}", clock.now())
        made = samples.make(name, kind, about, signing)
        for _ in range(2):  # the second one changes nothing
            answer = client.post(path, data=made.body, headers=made.headers)
            assert answer.status_code == 200, answer.json
    run_jobs()

    facts = db.session.scalars(select(DeliveryFact)).all()
    assert {fact.delivery_id: str(fact.kind) for fact in facts} == {
        delivery.id: kind for kind, delivery in sent.items()
    }
    assert len(facts) == len(sent)


def test_there_are_samples_of_everything_that_is_read():
    known = {source.name for source in sources.choices()} - {"mapping"}  # whose form its owner says

    assert set(samples.names()) == known
    for name in samples.names():
        assert {"hard_bounce", "soft_bounce", "delivered"} <= set(samples.kinds(name))


@pytest.mark.parametrize("name", samples.names())
def test_without_what_signs_there_is_no_sample(name):
    kind = samples.kinds(name)[0]
    with pytest.raises(Invalid):
        samples.make(name, kind, About(MESSAGE_ID, "a@b.example", "1", clock.now()), Secrets(URL))


@pytest.fixture
def listening():
    """A server that keeps what is posted to it."""
    kept = []

    @Request.application
    def answer(request):
        kept.append((request.headers.get("Mailrith-Signature"), request.get_data()))
        return Response('{"message": "Stored."}', 200 if "wrong" not in request.path else 403)

    server = make_server("127.0.0.1", 0, answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", kept
    server.shutdown()
    thread.join()


def test_the_command_posts_it_and_prints_the_answer(listening):
    base, kept = listening
    done = CliRunner().invoke(
        main,
        ["events", "send", f"{base}/hooks/x/y", "--provider", "generic", "--kind", "complaint"],
        env={"SECRET": "canary"},
    )

    assert done.exit_code == 0, done.output
    assert '"status": 200' in done.output
    assert "canary" not in done.output
    ((signature, body),) = kept
    assert signature.startswith("t=")
    assert b'"complaint"' in body


def test_the_command_fails_when_the_server_refuses(listening):
    done = CliRunner().invoke(
        main,
        ["events", "send", f"{listening[0]}/wrong", "--provider", "generic", "--secret", "x"],
    )

    assert done.exit_code == 1
    assert '"status": 403' in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--provider", "pigeon"], "There are samples of amazon-ses"),
        (["--provider", "ses"], "The private key is missing"),
        (["--provider", "generic"], "The secret is missing"),
        (
            ["--provider", "azure", "--kind", "complaint"],
            "Of azure there are samples of hard_bounce",
        ),
    ],
)
def test_what_is_missing_is_said(arguments, words):
    done = CliRunner().invoke(main, ["events", "send", "http://127.0.0.1:9/x", *arguments])

    assert done.exit_code == 1
    assert words in done.output
