"""Samples are what the services would have posted: believed by their own modules, and read as what they say."""

from base64 import b64encode
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
from werkzeug.datastructures import Headers
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from mailrith.cli import main
from mailrith.core import clock
from mailrith.core.errors import Invalid
from mailrith.delivery import message_ids
from mailrith.events import actions, providers, samples
from mailrith.events.actions import Endpoint
from mailrith.events.reports import Keys, Post, Report
from mailrith.events.samples import About, Secrets
from tests.events.providers.cases import amazon_ses

URL = "https://news.example.org/hooks/x/y"
WHSEC = "whsec_" + b64encode(b"k" * 24).decode()
MESSAGE_ID = "<0123abcd.1f.k1.0123456789abcdef0123@post.example>"
EC_KEY = ec.derive_private_key(1234567, ec.SECP256R1())


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key):
    shown = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(shown).decode()


def proof(name):
    """What signs for this service, and what a connection has that believes it."""
    if name == "sendgrid":
        return Secrets(URL, private_key=pem(EC_KEY)), Keys(("ours",), (public(EC_KEY),))
    if name == "amazon-ses":
        topic = amazon_ses.arn("news")
        signing = Secrets(URL, "", pem(amazon_ses.key()), topic, amazon_ses.CERTIFICATE_URL)
        return signing, Keys(("ours",), (topic,))
    secret = WHSEC if name == "resend" else "canary-secret"
    return Secrets(URL, secret), Keys((secret,), (secret,))


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize("name", samples.names())
def test_a_sample_is_believed_and_says_its_kind(app, name, kind):
    signing, keys = proof(name)
    about = About(MESSAGE_ID, "ann@post.example", "event-1", clock.now())
    made = samples.make(name, kind, about, signing)
    reader = amazon_ses.PROVIDER if name == "amazon-ses" else providers.named(name)
    post = Post(Headers(list(made.headers.items())), made.body, URL)

    assert actions.refuse(Endpoint(1, name, reader, keys), post) == 1
    (found,) = reader.parse(made.body)
    assert isinstance(found, Report)
    assert (str(found.kind), found.recipient) == (kind, "ann@post.example")
    same = message_ids.from_mark(about.mark).partition("@")[0]
    assert found.message_id.partition("@")[0] == same


@pytest.mark.parametrize("name", samples.names())
def test_without_what_signs_there_is_no_sample(name):
    with pytest.raises(Invalid):
        samples.make(
            name, "complaint", About(MESSAGE_ID, "a@b.example", "1", clock.now()), Secrets(URL)
        )


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


def test_the_command_posts_it_and_prints_the_answer(app, listening):
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


def test_the_command_fails_when_the_server_refuses(app, listening):
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
        (["--provider", "generic", "--kind", "lost"], "hard_bounce, soft_bounce"),
    ],
)
def test_what_is_missing_is_said(app, arguments, words):
    done = CliRunner().invoke(main, ["events", "send", "http://127.0.0.1:9/x", *arguments])

    assert done.exit_code == 1
    assert words in done.output
