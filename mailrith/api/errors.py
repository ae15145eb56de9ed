"""Every error as the contract's envelope: {"error": {"type", "code", "message", ...}}."""

import json
import secrets
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, InternalServerError

from mailrith.accounts import repeats
from mailrith.api import rates
from mailrith.api.problems import ApiProblem
from mailrith.connections.credentials import CredentialsLost
from mailrith.connections.uses import InUse, Use
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Forbidden, Invalid, MailrithError, NotFound, TooMany
from mailrith.messages import actions as messages

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found",
    409: "conflict",
}
# The first class that fits names the case.
_CODES: tuple[tuple[type[MailrithError], str], ...] = (
    (repeats.KeyReused, "idempotency_key_reused"),
    (repeats.StillAtWork, "idempotency_key_in_use"),
    (InUse, "in_use"),
    (messages.NoConnection, "email_delivery_connection_missing"),
    (messages.Unusable, "email_delivery_connection_disabled"),
    (CredentialsLost, "credentials_lost"),
    (Invalid, "invalid_body"),
    (NotFound, "not_found"),
    (Forbidden, "insufficient_permission"),
    (TooMany, "rate_limited"),
    (Conflict, "conflict"),
)
_HTTP = {
    404: (
        "not_found",
        "There is nothing at this address. GET /v1/openapi.json lists what there is.",
    ),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("body_too_large", "The body is too large."),
}


def register(blueprint: Blueprint) -> None:
    """Answer whatever goes wrong below /v1."""
    blueprint.register_error_handler(MailrithError, _ours)
    blueprint.register_error_handler(RateLimitExceeded, _too_often)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(InternalServerError, _bug)


def envelope(status: int, code: str, message: str, **more: Any) -> Response:
    """The answer to something that went wrong."""
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request")
    body = {"error": {"type": kind, "code": code, "message": message, **more}}
    response = Response(
        json.dumps(body, ensure_ascii=False), status, content_type="application/json"
    )
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Mailrith"'
    return response


def _ours(error: MailrithError) -> Response:
    db.session.rollback()
    if isinstance(error, ApiProblem):
        return envelope(error.status, error.code, error.message, **error.more)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "invalid_request")
    # The contract knows no 422.
    status = 400 if isinstance(error, Invalid) else error.status
    response = envelope(status, code, error.message, **_more(error))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _more(error: MailrithError) -> dict[str, Any]:
    if isinstance(error, Invalid) and error.field:
        return {"details": {"field": error.field, "reason": error.message}}
    if isinstance(error, InUse):
        return {"details": {"reason": "in_use", "uses": [_use(use) for use in error.uses]}}
    if isinstance(error, repeats.StillAtWork):
        return {"retry": {"safe": False, "guidance": error.message}}
    if isinstance(error, TooMany):
        return {"retry": {"safe": True, "guidance": "Wait as long as Retry-After says."}}
    return {}


def _use(use: Use) -> dict[str, str]:
    return {"kind": use.kind, "name": use.name, "detail": use.detail}


def _too_often(error: RateLimitExceeded) -> Response:
    response = envelope(429, "rate_limited", str(error.description))
    response.headers["Retry-After"] = str(rates.seconds_left())
    return response


def _http(error: HTTPException) -> Response:
    db.session.rollback()
    status = error.code or 500
    code, message = _HTTP.get(status, ("invalid_request", "This request cannot be read."))
    response = envelope(status, code, message)
    if error.response is None:
        response.headers.extend(
            (name, value) for name, value in error.get_headers() if name == "Allow"
        )
    return response


def _bug(error: InternalServerError) -> Response:
    db.session.rollback()
    report = secrets.token_hex(4)
    structlog.get_logger().error(
        "api_failed",
        report=report,
        endpoint=request.endpoint,
        exc_info=error.original_exception or error,
    )
    return envelope(
        500,
        "internal_error",
        f"Something broke on our side. Whoever runs Mailrith finds it in the log as {report}.",
    )
