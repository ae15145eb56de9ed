"""The one place that decides what a member may do."""

from mailrith.accounts.models import Member, MemberRole

AREAS = (
    "subscribers",
    "tags",
    "broadcasts",
    "connections",
    "workspace",
    "team",
    "integrations",  # API keys
)
LEVELS = {"view": 1, "manage": 2}


def can(member: Member, area: str, level: str) -> bool:
    """Deny by default; manage implies view; the owner bypasses. Raises KeyError for a level that does not exist."""
    wanted = LEVELS[level]
    if member.role == MemberRole.OWNER:
        return True
    return LEVELS.get(member.permissions.get(area, ""), 0) >= wanted
