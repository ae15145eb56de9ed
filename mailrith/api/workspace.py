"""The workspace that the key belongs to."""

from datetime import datetime

from mailrith.accounts.models import Workspace
from mailrith.api.answers import Shape
from mailrith.api.callers import caller
from mailrith.api.operations import operation


class WorkspaceShape(Shape):
    """A workspace, with the postal address that stands in its letters."""

    self: str
    id: str
    name: str
    logo: str | None
    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    time_zone: str | None
    created_at: datetime
    updated_at: datetime


@operation(
    "getWorkspace",
    "GET",
    "/workspace",
    summary="The workspace of this key",
    scopes=("workspace:read",),
    answer=WorkspaceShape,
)
def show() -> WorkspaceShape:
    """The one workspace that the key opens."""
    return shown(caller().workspace)


def shown(workspace: Workspace) -> WorkspaceShape:
    """The workspace as a resource. What nobody has filled in is null."""
    return WorkspaceShape(
        self="/v1/workspace",
        id=str(workspace.public_id),
        name=workspace.name,
        logo=None,
        address=workspace.address or None,
        city=workspace.city or None,
        state=workspace.state or None,
        postal_code=workspace.postal_code or None,
        country=workspace.country or None,
        time_zone=workspace.time_zone,
        created_at=workspace.created_at,
        updated_at=workspace.updated_at,
    )
