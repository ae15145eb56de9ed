"""An address that leads nowhere: the same page for everybody, with a way out."""

import pytest
from flask.testing import FlaskClient

from tests.support.cast import Cast
from tests.support.front_door import plain

SOMEWHERE = ("/nothing-here", "/w/{ws}/nothing-here", "/w/{ws}/broadcasts/nothing-here")


@pytest.mark.parametrize("path", SOMEWHERE)
def test_a_member_keeps_the_way_around(signed_in: FlaskClient, cast: Cast, path: str) -> None:
    page = signed_in.get(path.format(ws=cast.workspace.slug))

    assert page.status_code == 404
    assert "There is nothing at this address" in page.text
    assert f'href="/w/{cast.workspace.slug}/subscribers' in page.text


@pytest.mark.parametrize("path", SOMEWHERE)
def test_a_stranger_cannot_tell_a_workspace_from_nothing(
    signed_in: FlaskClient, cast: Cast, path: str
) -> None:
    theirs, nothing = (
        signed_in.get(path.format(ws=slug)) for slug in (cast.elsewhere.slug, "no-such-place")
    )

    assert theirs.status_code == nothing.status_code == 404
    assert cast.elsewhere.name not in theirs.text
    assert plain(theirs.text) == plain(nothing.text)


@pytest.mark.parametrize("path", SOMEWHERE)
def test_nobody_in_particular_gets_a_page_without_names(
    client: FlaskClient, cast: Cast, path: str
) -> None:
    page = client.get(path.format(ws=cast.workspace.slug))

    assert page.status_code == 404
    assert "There is nothing at this address" in page.text
    assert cast.workspace.name not in page.text
    assert "sidebar" not in page.text


def test_a_missing_picture_costs_no_look_into_the_database(signed_in: FlaskClient) -> None:
    page = signed_in.get("/static/nothing.png")

    assert page.status_code == 404
    assert "sidebar" not in page.text
