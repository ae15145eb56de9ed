"""The command palette finds what is in the workspace, and only that."""

from flask.testing import FlaskClient

from mailrith.web.palette import marked
from tests.support import factories
from tests.support.cast import Cast, sign_in


def test_pages_are_there_before_anything_is_typed(signed_in: FlaskClient, cast: Cast) -> None:
    page = signed_in.get(f"/w/{cast.workspace.slug}/palette").text

    assert "Go to" in page
    assert 'role="option"' in page


def test_people_and_tags_of_this_workspace_are_found(signed_in: FlaskClient, cast: Cast) -> None:
    factories.make_subscriber(cast.workspace, email="rhuari@lochmail.example")
    factories.make_subscriber(cast.elsewhere, email="rhubarb@elsewhere.example")

    page = signed_in.get(f"/w/{cast.workspace.slug}/palette?q=rhu").text

    assert "<mark>rhu</mark>ari@lochmail.example" in page
    assert "elsewhere.example" not in page


def test_a_stranger_gets_what_an_unknown_workspace_gives(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.carol)

    theirs = client.get(f"/w/{cast.workspace.slug}/palette?q=a")
    unknown = client.get("/w/no-such-workspace/palette?q=a")

    assert (theirs.status_code, unknown.status_code) == (404, 404)


def test_what_was_typed_is_never_markup(signed_in: FlaskClient, cast: Cast) -> None:
    page = signed_in.get(f"/w/{cast.workspace.slug}/palette?q=<script>alert(1)</script>").text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_piece_that_fits_is_marked_and_the_rest_escaped() -> None:
    assert marked("<b>Rhubarb</b>", "RHU") == "&lt;b&gt;<mark>Rhu</mark>barb&lt;/b&gt;"
    assert marked("Seeds", "") == "Seeds"
