import pytest
from sqlalchemy import select

from mailrith.accounts import actions, queries, workspaces, zones
from mailrith.accounts.models import AuditEntry, Member
from mailrith.accounts.permissions import AREAS, can
from mailrith.accounts.workspaces import Particulars
from mailrith.core.errors import Invalid
from tests.support import factories


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("The Allotment Post", "the-allotment-post"),
        ("Café  Größe & Co.", "cafe-groe-co"),
        ("--", ""),
        ("農園", ""),
        ("Settings", ""),
        ("x" * 200, "x" * 40),
    ],
)
def test_a_name_becomes_an_address(name: str, slug: str) -> None:
    assert workspaces.slug_of(name) == slug


def test_a_rename_keeps_the_address_and_is_noted(session) -> None:
    user = factories.make_user()
    workspace = actions.create_workspace(user, Particulars("Post", "UTC"))
    slug = workspace.slug

    changed = actions.edit_workspace(workspace, Particulars("Letters", "UTC"), user_id=user.id)
    unchanged = actions.edit_workspace(workspace, Particulars("Letters", "UTC"), user_id=user.id)

    session.flush()
    assert (workspace.slug, changed, unchanged) == (slug, ["name"], [])
    assert session.scalars(select(AuditEntry.action)).all() == [
        "workspace.created",
        "workspace.edited",
    ]


def test_each_workspace_has_a_salt_of_its_own(session) -> None:
    user = factories.make_user()
    first, second = (actions.create_workspace(user, Particulars(n, "UTC")) for n in ("A", "B"))

    assert len(first.address_salt) == 16
    assert first.address_salt != second.address_salt


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "/etc/passwd", "../UTC", "europe/london"])
@pytest.mark.any_database
def test_only_zones_of_the_list_are_taken(session, zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_workspace(factories.make_user(), Particulars("Post", zone))

    assert refused.value.field == "time_zone"


def test_the_list_of_zones_holds_an_old_name_that_is_in_use() -> None:
    names = [name for name, _ in zones.choices("US/Pacific")]

    assert "US/Pacific" in names
    assert "US/Eastern" not in names
    assert {"UTC", "Europe/London", "Asia/Kolkata"} <= set(names)


def test_the_owner_may_everything_and_a_member_what_was_given() -> None:
    owner = Member(role="owner", permissions={})
    member = Member(role="member", permissions={"tags": "view", "broadcasts": "manage"})

    assert all(can(owner, area, level) for area in AREAS for level in ("view", "manage"))
    given = {
        (area, level) for area in AREAS for level in ("view", "manage") if can(member, area, level)
    }
    assert given == {("tags", "view"), ("broadcasts", "view"), ("broadcasts", "manage")}


def test_a_permission_nobody_knows_gives_nothing() -> None:
    member = Member(role="member", permissions={"tags": "everything", "x": "manage"})

    assert not can(member, "tags", "view")


def test_workspaces_of_others_are_not_mine(session) -> None:
    alice, carol = factories.make_user("Alice"), factories.make_user("Carol")
    mine = factories.make_workspace(alice)
    theirs = factories.make_workspace(carol)

    assert [w.id for w in queries.workspaces_of(alice.id)] == [mine.id]
    assert queries.member_of(alice.id, theirs.slug) is None
    assert queries.owner_of_workspace(theirs.id).id == carol.id
