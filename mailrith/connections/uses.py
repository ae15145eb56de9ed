"""What needs a connection now. Higher packages add their answer at start, because this one does not know them."""

from collections.abc import Callable
from dataclasses import dataclass

from mailrith.core.errors import Conflict


@dataclass(frozen=True)
class Use:
    """One thing that would be left without a way out. `kind` is for example "broadcast"; `detail` says why now.

    `workspace_id` is the workspace that would feel it.
    """

    name: str
    detail: str = ""
    kind: str = "broadcast"
    workspace_id: int | None = None


Source = Callable[[int], list[Use]]

_sources: list[Source] = []


class InUse(Conflict):
    """The connection cannot be taken away from `uses` now."""

    def __init__(self, name: str, uses: list[Use]) -> None:
        listed = ", ".join(use.name for use in uses[:5])
        super().__init__(f"{name} is still in use: {listed}. Move or stop these first.")
        self.uses = uses


def register(source: Source) -> None:
    """Add `source(connection_id)` to those that are asked. Called in `create_app`; a second time changes nothing."""
    if source not in _sources:
        _sources.append(source)


def in_use_by(connection_id: int) -> list[Use]:
    """Everything that needs the connection now."""
    return [use for source in _sources for use in source(connection_id)]
