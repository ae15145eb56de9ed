"""How a workspace comes to be, and what may be changed about it."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, fields

from mailrith.accounts import queries, zones
from mailrith.accounts.models import Account, Member, MemberRole, User, Workspace
from mailrith.core.db import db
from mailrith.core.errors import Invalid

SALT_BYTES = 16
LONGEST_SLUG = 40  # without the letters that tell two of a name apart
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that reads like another one

# Would read as a page of ours in an address.
_RESERVED = frozenset({"new", "create", "edit", "all", "none", "admin", "settings"})


@dataclass(frozen=True)
class Particulars:
    """What a workspace says about itself. Everything but name and zone may be empty until the first send."""

    name: str
    time_zone: str = "UTC"
    address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    def checked(self) -> "Particulars":
        """The same, cleaned of invisible characters. Raises Invalid."""
        values = {field.name: _one_line(getattr(self, field.name)) for field in fields(self)}
        if not values["name"]:
            raise Invalid("What is it called? Readers see this name.", field="name")
        for field, limit in _LIMITS.items():
            if len(values[field]) > limit:
                raise Invalid(f"At most {limit} characters, please.", field=field)
        if not zones.is_zone(values["time_zone"]):
            raise Invalid("Choose a time zone from the list.", field="time_zone")
        return Particulars(**values)


_LIMITS = {
    "name": 120,
    "address": 200,
    "city": 120,
    "state": 120,
    "postal_code": 20,
    "country": 120,
}


def create(user: User, particulars: Particulars) -> Workspace:
    """A workspace of the person's account, which is opened with the first one."""
    account = queries.account_of(user.id) or open_account(user)
    workspace = Workspace(
        account_id=account.id,
        slug=_free_slug(particulars.name),
        address_salt=secrets.token_bytes(SALT_BYTES),
        **_values(particulars),
    )
    db.session.add(workspace)
    db.session.flush()
    db.session.add(Member(workspace_id=workspace.id, user_id=user.id, role=MemberRole.OWNER))
    user.last_workspace_id = workspace.id
    db.session.flush()
    return workspace


def open_account(user: User) -> Account:
    """The account of somebody who has none yet."""
    account = Account(owner_id=user.id)
    db.session.add(account)
    db.session.flush()
    return account


def edit(workspace: Workspace, particulars: Particulars) -> dict[str, str]:
    """Write the changes into the row. Returns the old values of what changed. The slug stays."""
    old = {}
    for name, value in _values(particulars).items():
        if getattr(workspace, name) != value:
            old[name] = getattr(workspace, name)
            setattr(workspace, name, value)
    return old


def slug_of(name: str) -> str:
    """The name as it can stand in an address: "The Allotment Post" is "the-allotment-post"."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name)[:LONGEST_SLUG].strip("-")
    return slug if slug and slug not in _RESERVED else ""


def _free_slug(name: str) -> str:
    # Not a running number: it would count how many others chose this name.
    slug = slug_of(name)
    while not slug or queries.slug_taken(slug):
        ending = "".join(secrets.choice(_LETTERS) for _ in range(6))
        slug = f"{slug_of(name) or 'workspace'}-{ending}"
    return slug


def _values(particulars: Particulars) -> dict[str, str]:
    return {field.name: getattr(particulars, field.name) for field in fields(particulars)}


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
