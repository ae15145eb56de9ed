"""`POST /hooks/<connection>/<secret>`: verify, store, answer. Answers are JSON with one sentence.

Providers give up for good on most statuses when something of ours is broken; only 429 is retried by all of them.
"""

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import MailrithError
from mailrith.core.strict_json import Unreadable
from mailrith.events import actions
from mailrith.events.actions import Endpoint
from mailrith.events.reports import BadSignature, Post

# bytes. SendGrid posts 768 KB at most; Mandrill and SparkPost post up to a thousand events at once, which with long
# diagnostics, and percent-encoded as Mandrill does it, are some three million.
MAX_BODY = 5_000_000
RETRY_AFTER = 60  # seconds
ADDRESS = "/hooks/<connection>/<secret>"
NOWHERE = "There is no webhook at this address. Copy it again from the connection's page."
TOO_LARGE = "The body is larger than 5 MB. Send the events in parts."

blueprint = Blueprint("hooks", __name__)
log = structlog.get_logger()


@blueprint.route(ADDRESS, methods=["POST"], provide_automatic_options=False)
def receive(connection: str, secret: str) -> Response:
    """Take what a provider posts for a connection. The secret is part of the address and never logged."""
    endpoint = actions.endpoint(connection, secret)
    if endpoint is None:
        return _answer(404, NOWHERE)
    body = _body()
    if isinstance(body, Response):
        return body
    post = _post(body)
    found = actions.refuse(endpoint, post)
    if found is not None and not endpoint.fresh:  # perhaps by a secret that was changed just now
        endpoint = actions.endpoint(connection, secret, fresh=True)
        found = actions.refuse(endpoint, post) if endpoint else found
    if endpoint is None:
        return _answer(404, NOWHERE)
    return _refuse(endpoint, found) if found is not None else _take(endpoint, post)


@blueprint.route(ADDRESS, methods=["HEAD", "OPTIONS"], provide_automatic_options=False)
def look(connection: str, secret: str) -> Response:
    """Some services look before they post: Mandrill whether somebody is there, Event Grid (CloudEvents) whether it may."""
    endpoint = actions.endpoint(connection, secret, fresh=True)
    if endpoint is None:
        return _answer(404, NOWHERE)
    if request.method == "HEAD" and actions.is_probed(endpoint):
        return Response(status=200)
    post = _post(b"")
    wanted = actions.answer(endpoint, post) if request.method == "OPTIONS" else None
    if wanted is None:
        abort(405)
    found = actions.believe(endpoint, post)
    if found is not None:
        return _answer(403, found.sentence)
    return Response(wanted.body, headers=wanted.headers)


@blueprint.errorhandler(DBAPIError)
@blueprint.errorhandler(MailrithError)
def not_stored(error: DBAPIError | MailrithError) -> Response:
    """The database is away, or the key that sealed the secrets: the provider has to come again when it is mended."""
    db.session.rollback()
    log.error("hook_not_stored", why=type(error).__name__)
    return _later("Mailrith cannot store events just now. Please send it again.")


def _body() -> bytes | Response:
    """The raw body, or the answer to one that is too long or packed. Reads at most MAX_BODY bytes."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return _answer(415, "Send the body uncompressed.")
    request.max_content_length = MAX_BODY + 1  # a body without a length is cut there, not refused
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _answer(413, TOO_LARGE)
    except ClientDisconnected:
        return _answer(400, "The body ended too early. Nothing was stored.")
    return body if len(body) <= MAX_BODY else _answer(413, TOO_LARGE)


def _take(endpoint: Endpoint, post: Post) -> Response:
    """Store what is believed, and answer."""
    if not actions.store(endpoint, request.content_type or "", post.body):
        return _later("Too many events are waiting. Please send it again later.")
    wanted = actions.answer(endpoint, post)
    if wanted is not None:
        return Response(wanted.body, content_type="application/json")
    return _answer(200, "Stored.")


def _post(body: bytes) -> Post:
    """The request, at the public address that it was posted to: behind a proxy we see another one."""
    query = request.query_string.decode("latin-1")
    url = config.current().public_url + request.path + (f"?{query}" if query else "")
    return Post(request.headers, body, url)


def _refuse(endpoint: Endpoint, found: BadSignature | Unreadable) -> Response:
    log.warning("hook_refused", connection=endpoint.connection_id, why=type(found).__name__)
    actions.note_refusal(endpoint, found)
    db.session.commit()
    return _answer(403 if isinstance(found, BadSignature) else 400, found.sentence)


def _later(sentence: str) -> Response:
    response = _answer(429, sentence)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _answer(status: int, sentence: str) -> Response:
    response = jsonify(message=sentence)
    response.status_code = status
    return response
