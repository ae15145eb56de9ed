"""`POST /hooks/<connection>/<secret>`: verify, store, answer."""

import structlog
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.strict_json import Unreadable
from mailrith.events import actions
from mailrith.events.actions import Endpoint
from mailrith.events.reports import BadSignature, Post
from mailrith.hooks import answers
from mailrith.hooks.answers import Ready

# bytes. SendGrid posts 768 KB at most; Mandrill and SparkPost post up to a thousand events at once, which with long
# diagnostics, and percent-encoded as Mandrill does it, are some three million.
MAX_BODY = 5_000_000
NOWHERE = "There is no webhook at this address. Copy it again from the connection's page."
TOO_LARGE = "The body is larger than 5 MB. Send the events in parts."
FULL = "Too many events are waiting. Please send it again later."

log = structlog.get_logger()


def receive(request: Request, connection: str, secret: str) -> Response | Ready:
    """Take what a provider posts for a connection. The secret is part of the address and never logged."""
    endpoint = actions.endpoint(connection, secret)
    if endpoint is None:
        return answers.say(404, NOWHERE)
    body = _body(request)
    if isinstance(body, Response):
        return body
    post = _post(request, body)
    found = actions.refuse(endpoint, post)
    if found is not None and not endpoint.fresh:  # perhaps by a secret that was changed just now
        endpoint = actions.endpoint(connection, secret, fresh=True)
        found = actions.refuse(endpoint, post) if endpoint else found
    if endpoint is None:
        return answers.say(404, NOWHERE)
    if found is not None:
        return _refuse(endpoint, found)
    return _take(endpoint, request.content_type or "", post)


def look(request: Request, connection: str, secret: str) -> Response:
    """Some services look before they post: Mandrill whether somebody is there, Event Grid (CloudEvents) whether it may."""
    endpoint = actions.endpoint(connection, secret, fresh=True)
    if endpoint is None:
        return answers.say(404, NOWHERE)
    if request.method == "HEAD" and actions.is_probed(endpoint):
        return Response(status=200)
    post = _post(request, b"")
    wanted = actions.answer(endpoint, post) if request.method == "OPTIONS" else None
    if wanted is None:
        return answers.wrong_method()
    found = actions.believe(endpoint, post)
    if found is not None:
        return answers.say(403, found.sentence)
    return Response(wanted.body, headers=wanted.headers)


def _body(request: Request) -> bytes | Response:
    """The raw body, or the answer to one that is too long or packed. Reads at most MAX_BODY bytes."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return answers.say(415, "Send the body uncompressed.")
    request.max_content_length = MAX_BODY + 1  # a body without a length is cut there, not refused
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return answers.say(413, TOO_LARGE)
    except ClientDisconnected:
        return answers.say(400, "The body ended too early. Nothing was stored.")
    return body if len(body) <= MAX_BODY else answers.say(413, TOO_LARGE)


def _post(request: Request, body: bytes) -> Post:
    """The request, at the public address that it was posted to: behind a proxy we see another one."""
    query = request.query_string.decode("latin-1")
    url = config.current().public_url + request.path + (f"?{query}" if query else "")
    return Post(request.headers, body, url)


def _refuse(endpoint: Endpoint, found: BadSignature | Unreadable) -> Response:
    log.warning("hook_refused", connection=endpoint.connection_id, why=type(found).__name__)
    actions.note_refusal(endpoint, found)
    db.session.commit()
    return answers.say(403 if isinstance(found, BadSignature) else 400, found.sentence)


def _take(endpoint: Endpoint, content_type: str, post: Post) -> Response | Ready:
    """Store what is believed, and answer."""
    if not actions.store(endpoint, content_type, post.body):
        return answers.later(FULL)
    wanted = actions.answer(endpoint, post)
    return answers.STORED if wanted is None else answers.body(wanted.body)
