"""What an API key may do, by the scope names of the public API. A scope never gives more than its member's permission."""

from collections.abc import Iterable
from dataclasses import dataclass

LIVE = "live_actions:write"


@dataclass(frozen=True)
class Scope:
    """`label` says it to people. `area` and `level` are the permission that the key's member needs; no area needs none."""

    name: str
    label: str
    area: str = ""
    level: str = ""

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return not self.name.endswith(":read")


# A resource that is added to the API adds its two lines here.
SCOPES = {
    scope.name: scope
    for scope in (
        Scope("workspace:read", "See the name and address of the workspace", "workspace", "view"),
        Scope("email_delivery_connections:read", "See delivery connections", "connections", "view"),
        Scope(
            "email_delivery_connections:write",
            "Change, verify and delete delivery connections",
            "connections",
            "manage",
        ),
        Scope("messages:read", "See single messages and their outcomes", "broadcasts", "view"),
        Scope("messages:write", "Write single messages", "broadcasts", "manage"),
        # an extra lock on whatever mails people
        Scope(LIVE, "Send mail to people"),
    )
}
READ_ONLY = tuple(name for name, scope in SCOPES.items() if not scope.writes)
READ_AND_WRITE = tuple(SCOPES)


def known(names: Iterable[str]) -> list[str]:
    """Those of `names` that exist, each once, in the table's order."""
    wanted = set(names)
    return [name for name in SCOPES if name in wanted]
