"""What a person may know of a connection that also serves workspaces in which they may not look at connections."""

from collections.abc import Collection
from dataclasses import dataclass

from mailrith.accounts.models import User, Workspace
from mailrith.connections import queries


@dataclass(frozen=True)
class Sight:
    """`workspaces` are the ids of those that the person sees; None is all of the account's."""

    workspaces: frozenset[int] | None = None

    def seen(self, serves: Collection[Workspace]) -> list[Workspace]:
        """Those among the workspaces of a connection that may be named."""
        return [one for one in serves if self.workspaces is None or one.id in self.workspaces]

    def whole(self, serves: Collection[Workspace]) -> bool:
        """Whether figures of the whole connection tell nothing of others."""
        return len(self.seen(serves)) == len(serves)


EVERYTHING = Sight()


def sight_of(user: User, account_id: int) -> Sight:
    """What somebody sees who is a member of some of the account's workspaces."""
    found = queries.workspaces_with(user.id, account_id, "view")
    return Sight(frozenset(one.id for one in found))


def sees_whole(connection_id: int, workspace_id: int) -> bool:
    """The same for what everybody of one workspace reads, such as the review of a broadcast."""
    return Sight(frozenset({workspace_id})).whole(
        queries.workspaces_of([connection_id])[connection_id]
    )
