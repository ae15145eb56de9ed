"""What a program can find out by itself: that this is the API, its description, and what its key may do."""

from mailrith.accounts.api_keys import state_of
from mailrith.accounts.scopes import SCOPES
from mailrith.api import openapi
from mailrith.api.answers import Plain, Shape
from mailrith.api.callers import caller
from mailrith.api.operations import OPERATIONS, Operation, operation
from mailrith.connections import queries as connections
from mailrith.core import config

CREDENTIALS = ["workspace_api_key"]


class CapabilitiesShape(Shape):
    """What the key may do now. Lists are of plain objects, see the description of each member."""

    version: str
    workspace: dict[str, str]
    authentication: dict[str, object]
    credential: dict[str, object]
    discovery: dict[str, str]
    conventions: dict[str, str]
    capability_mode: str
    limitations: list[dict[str, object]]
    resources: list[dict[str, object]]


@operation("getPublicApiMeta", "GET", "", summary="What this is", open=True)
def meta() -> Plain:
    """Where the description and the documentation are."""
    return Plain({"name": "Mailrith", "version": openapi.VERSION, **_addresses()})


@operation(
    "getPublicApiOpenApiDocument",
    "GET",
    "/openapi.json",
    summary="This description",
    open=True,
)
def document() -> Plain:
    """The OpenAPI 3.1 document, made from the operations themselves."""
    return Plain(openapi.document(OPERATIONS.values()))


@operation(
    "getPublicApiCapabilities",
    "GET",
    "/capabilities",
    summary="What this key may do now",
    answer=CapabilitiesShape,
)
def capabilities() -> CapabilitiesShape:
    """The key, its workspace, and the operations that would not be refused."""
    asking = caller()
    usable = [found for found in OPERATIONS.values() if _may(found)]
    return CapabilitiesShape(
        version=openapi.VERSION,
        workspace={"id": str(asking.workspace.public_id), "name": asking.workspace.name},
        authentication={
            "type": "bearer",
            "header_name": "Authorization",
            "header_value_prefix": "Bearer ",
            "workspace_scoped": True,
            "scopes_supported": list(SCOPES),
            "supported_credential_types": CREDENTIALS,
        },
        credential=_credential(),
        discovery=_addresses(),
        conventions={
            "pagination_type": "cursor",
            "pagination_limit_param": "limit",
            "pagination_cursor_param": "starting_after",
            "idempotency_header": "Idempotency-Key",
        },
        capability_mode="effective",
        limitations=_limitations(),
        resources=_resources(usable),
    )


def _may(found: Operation) -> bool:
    asking = caller()
    return not asking.lacks(found.scopes) and all(asking.may(scope) for scope in found.scopes)


def _credential() -> dict[str, object]:
    key = caller().key
    return {
        "type": CREDENTIALS[0],
        "id": str(key.public_id),
        "name": key.name,
        "status": state_of(key).value,
        "scopes": key.scopes,
        "key_preview": key.preview,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
        "created_at": key.created_at.isoformat(),
        "updated_at": key.updated_at.isoformat(),
    }


def _limitations() -> list[dict[str, object]]:
    """What stands in the way of sending, as far as the key may know."""
    workspace = caller().workspace
    there = connections.list_for_workspace(workspace)
    if any(connection.enabled for connection in there):
        return []
    code = "email_delivery_connection_disabled" if there else "email_delivery_connection_missing"
    said = "Enable a delivery connection" if there else "Make a delivery connection"
    return [
        {
            "code": code,
            "message": f"{said} before anything can be sent.",
            "affected_operation_ids": [
                found.id for found in OPERATIONS.values() if "messages:write" in found.scopes
            ],
            "setup_url": f"{config.current().public_url}/w/{workspace.slug}/connections",
        }
    ]


def _resources(usable: list[Operation]) -> list[dict[str, object]]:
    by_key: dict[str, list[Operation]] = {}
    for found in usable:
        by_key.setdefault(openapi.resource_of(found), []).append(found)
    return [
        {
            "key": key,
            "name": key.replace("_", " ").capitalize(),
            "description": openapi.ABOUT.get(key, ""),
            "operations": [
                {
                    "method": found.method,
                    "path": openapi.path_of(found),
                    "operation_id": found.id,
                    "summary": found.summary,
                    "required_scopes": list(found.scopes),
                }
                for found in operations
            ],
        }
        for key, operations in by_key.items()
    ]


def _addresses() -> dict[str, str]:
    base = config.current().public_url
    return {
        "documentation_url": f"{base}/guides/api",
        "reference_url": f"{base}/v1/openapi.json",
        "openapi_url": f"{base}/v1/openapi.json",
        "capabilities_url": f"{base}/v1/capabilities",
    }
