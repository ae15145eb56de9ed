from flask.testing import FlaskClient
from sqlalchemy import func, select

from mailrith.accounts import queries
from mailrith.accounts.models import Account, Member, MemberRole, Workspace
from tests.support import factories
from tests.support.cast import Cast, sign_in
from tests.support.front_door import plain


def test_a_person_without_a_workspace_is_led_to_make_one(session, client: FlaskClient) -> None:
    sign_in(client, factories.make_user())

    start = client.get("/")
    page = client.get(start.location)

    assert start.location == "/workspaces/create"
    assert "No workspace yet" in page.text


def test_the_first_workspace_belongs_to_who_made_it(session, client: FlaskClient) -> None:
    user = factories.make_user()
    sign_in(client, user)

    answer = client.post(
        "/workspaces/create",
        data={"name": "The Allotment Post", "time_zone": "Europe/London", "city": "London"},
    )

    workspace = session.scalar(select(Workspace))
    member = session.scalar(select(Member))
    assert answer.location == "/w/the-allotment-post/"
    assert (workspace.name, workspace.city) == ("The Allotment Post", "London")
    assert (member.user_id, member.role) == (user.id, MemberRole.OWNER)
    assert queries.owner_of(workspace.account_id).id == user.id
    assert client.get("/").location == "/w/the-allotment-post/broadcasts"


def test_a_second_workspace_is_of_the_same_account(session, client: FlaskClient) -> None:
    sign_in(client, factories.make_user())

    for name in ("One", "Two"):
        client.post("/workspaces/create", data={"name": name, "time_zone": "UTC"})

    assert session.scalar(select(func.count(Account.id))) == 1
    assert set(session.scalars(select(Workspace.slug))) == {"one", "two"}


def test_two_of_a_name_get_addresses_that_do_not_count(session, app) -> None:
    slugs = []
    for _ in range(3):
        client = app.test_client()
        sign_in(client, factories.make_user())
        answer = client.post("/workspaces/create", data={"name": "Post", "time_zone": "UTC"})
        slugs.append(answer.location.split("/")[2])

    assert slugs[0] == "post"
    assert len(set(slugs)) == 3
    assert all(slug.startswith("post-") and len(slug) == len("post-") + 6 for slug in slugs[1:])


def test_a_name_without_latin_letters_gets_an_address_too(session, client: FlaskClient) -> None:
    sign_in(client, factories.make_user())

    answer = client.post(
        "/workspaces/create", data={"name": "農園だより", "time_zone": "Asia/Tokyo"}
    )

    assert answer.location.startswith("/w/workspace-")


def test_a_name_of_ten_thousand_characters_gets_a_sentence(session, client: FlaskClient) -> None:
    sign_in(client, factories.make_user())

    answer = client.post("/workspaces/create", data={"name": "x" * 10_000, "time_zone": "UTC"})

    assert answer.status_code == 422
    assert "At most 120 characters" in answer.text
    assert session.scalar(select(func.count(Workspace.id))) == 0


def test_a_workspace_without_a_name_is_asked_for_one(session, client: FlaskClient) -> None:
    sign_in(client, factories.make_user())

    answer = client.post("/workspaces/create", data={"name": "  ", "time_zone": "UTC"})

    assert answer.status_code == 422
    assert "What is it called?" in answer.text


def test_sign_in_leads_to_the_workspace_worked_in_last(session, app, cast: Cast) -> None:
    second = factories.make_workspace(cast.alice, name="Seed Swap")
    here = app.test_client()
    sign_in(here, cast.alice)
    here.post(f"/w/{second.slug}/settings", data={"name": "Seed Swap", "time_zone": "UTC"})
    elsewhere = app.test_client()
    sign_in(elsewhere, cast.alice)

    assert elsewhere.get("/").location == f"/w/{second.slug}/broadcasts"


def test_a_browser_remembers_where_it_looked_last(session, client: FlaskClient, cast: Cast) -> None:
    second = factories.make_workspace(cast.alice, name="Seed Swap")
    sign_in(client, cast.alice)

    client.get(f"/w/{second.slug}/settings")

    assert client.get("/").location == f"/w/{second.slug}/broadcasts"


def test_the_switcher_shows_my_workspaces_and_no_other(client: FlaskClient, cast: Cast) -> None:
    second = factories.make_workspace(cast.alice, name="Seed Swap")
    sign_in(client, cast.alice)

    page = client.get(f"/w/{cast.workspace.slug}/settings").text

    assert f"/w/{second.slug}/broadcasts" in page
    assert cast.elsewhere.slug not in page
    assert cast.elsewhere.name not in page


def test_strangers_cannot_step_in(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.carol)

    theirs = client.get(f"/w/{cast.workspace.slug}/")
    nothing = client.get("/w/nothing-here/")

    assert theirs.status_code == nothing.status_code == 404
    assert plain(theirs.text) == plain(nothing.text)


def test_a_removed_member_is_out_with_the_next_request(
    client: FlaskClient, cast: Cast, session
) -> None:
    sign_in(client, cast.bob)
    before = client.get(f"/w/{cast.workspace.slug}/settings").status_code

    session.delete(session.scalar(select(Member).where(Member.user_id == cast.bob.id)))
    session.commit()

    assert before == 200
    assert client.get(f"/w/{cast.workspace.slug}/settings").status_code == 404


def test_a_permission_taken_away_counts_with_the_next_request(
    client: FlaskClient, cast: Cast, session
) -> None:
    sign_in(client, cast.bob)
    before = client.get(f"/w/{cast.workspace.slug}/settings").status_code

    member = session.scalar(select(Member).where(Member.user_id == cast.bob.id))
    member.permissions = {"broadcasts": "manage"}
    session.commit()

    assert before == 200
    assert client.get(f"/w/{cast.workspace.slug}/settings").status_code == 403
