"""The OpenAPI 3.1 document, made from the operations: what the code checks is what stands here."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from mailrith.accounts.repeats import LONGEST_KEY
from mailrith.accounts.scopes import SCOPES
from mailrith.api.operations import PREFIX, Operation
from mailrith.core import config

VERSION = "1"
# What the first part of an address stands for.
ABOUT = {
    "discovery": "What the API is, and what a key may do.",
    "workspace": "The workspace that the key opens.",
    "email_delivery_connections": "Your SMTP servers. Their secrets are typed on a page, and never come back.",
    "email_delivery_connection_setup_sessions": "Ways for a person to type what no program may send: the secrets of a server.",
    "messages": "Single messages to the recipients that you name.",
}
_DISCOVERY = frozenset({"", "openapi.json", "capabilities"})
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_REF = "#/components/schemas/{model}"
_ALWAYS = (401, 403, 429)
_SAID = {
    400: "It does not fit; the message says what and how to mend it",
    401: "No key, or one that opens nothing",
    403: "The key lacks a scope, or its member a permission",
    404: "The workspace has nothing with this id",
    409: "Not in the present state",
    413: "The body is too large",
    429: "Too often; Retry-After says when to come back",
}
_QUERY: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25},
    "starting_after": {"type": "string", "description": "next_cursor of the page before"},
}


class ErrorDetails(BaseModel):
    """Which member has to change, and why."""

    field: str = ""
    reason: str = ""


class ErrorBody(BaseModel):
    """`code` is for programs, `message` for people."""

    type: str
    code: str
    message: str
    details: ErrorDetails | None = None
    required_scopes: list[str] = []
    missing_scopes: list[str] = []


class Error(BaseModel):
    """Every answer that is not a success."""

    error: ErrorBody


class Pagination(BaseModel):
    """Where a list goes on."""

    has_more: bool
    next_cursor: str | None


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for model in (Error, Pagination):
        _add(schemas, model)
    for found in operations:
        for used in (found.body, found.answer):
            if used is not None:
                _add(schemas, used)
        paths.setdefault(path_of(found), {})[found.method.lower()] = _operation(found)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mailrith", "version": VERSION},
        "servers": [{"url": config.current().public_url}],
        "tags": [{"name": key, "description": words} for key, words in ABOUT.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "api_key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of one workspace, made under Settings, API keys. Scopes: "
                    + "; ".join(f"{name}: {scope.label}" for name, scope in SCOPES.items()),
                }
            },
        },
    }


def path_of(found: Operation) -> str:
    """The address as OpenAPI writes it: /v1/tags/{tag_id}."""
    return PREFIX + _PARAMETER.sub(r"{\1}", found.path)


def resource_of(found: Operation) -> str:
    """The group that an operation belongs to, by the first part of its address."""
    first = found.path.strip("/").partition("/")[0]
    return "discovery" if first in _DISCOVERY else first.replace("-", "_")


def _operation(found: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": found.id,
        "summary": found.summary,
        "description": " ".join((found.view.__doc__ or "").split()),
        "tags": [resource_of(found)],
        "parameters": _parameters(found),
        "responses": _responses(found),
        "security": [] if found.open else [{"api_key": list(found.scopes)}],
        "x-required-scopes": list(found.scopes),
    }
    if found.body is not None:
        described["requestBody"] = {"required": True, "content": _json(_ref(found.body))}
    return described


def _parameters(found: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(found.path)
    ]
    for name in found.parameters:
        schema = _QUERY.get(name, {"type": "string"})
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema})
    if found.idempotency:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": found.idempotency == "required",
                "schema": {"type": "string", "maxLength": LONGEST_KEY},
            }
        )
    return parameters


def _responses(found: Operation) -> dict[str, Any]:
    errors = set(found.errors) if found.open else {*found.errors, *_ALWAYS}
    return {str(found.status): _success(found)} | {
        str(status): {"description": _SAID[status], "content": _json(_ref(Error))}
        for status in sorted(errors)
    }


def _success(found: Operation) -> dict[str, Any]:
    if found.status == 204:
        return {"description": "Done"}
    if found.answer is None:
        return {"description": "Success", "content": _json({"type": "object"})}
    data = _ref(found.answer)
    members: dict[str, Any] = {"data": {"type": "array", "items": data} if found.listed else data}
    if found.listed:
        members["pagination"] = _ref(Pagination)
    envelope = {"type": "object", "properties": members, "required": list(members)}
    return {"description": "Success", "content": _json(envelope)}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}


def _add(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=_REF, by_alias=True)
    schemas.update(schema.pop("$defs", {}))
    schemas[model.__name__] = schema
