"""Addresses below /v1 that are none, and methods that an address does not take: in the envelope, like every other mistake."""

from typing import Any

from flask import Blueprint, current_app, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NAME = "nowhere"


def register(blueprint: Blueprint) -> None:
    """Catch what no operation takes."""
    for rule in ("/<path:rest>", "/", ""):
        blueprint.add_url_rule(
            rule,
            endpoint=NAME,
            view_func=nowhere,
            methods=METHODS,
            provide_automatic_options=False,
        )


def nowhere(**rest: Any) -> Any:
    """405 with what is allowed, or 404."""
    adapter = current_app.create_url_adapter(request)
    allowed = [method for method in METHODS if adapter and _takes(adapter, method)]
    if allowed:
        raise MethodNotAllowed(allowed)
    raise NotFound


def _takes(adapter: MapAdapter, method: str) -> bool:
    try:
        endpoint, _ = adapter.match(request.path, method=method)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return not endpoint.endswith(f".{NAME}")
