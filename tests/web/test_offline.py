"""The page that stands in for all others while the line is gone."""

from flask.testing import FlaskClient

from tests.support.cast import Cast
from tests.support.html import faults


def test_the_page_knows_nobody_and_opens_no_session(client: FlaskClient) -> None:
    answer = client.get("/offline")

    assert answer.status_code == 200
    assert faults(answer.text) == []
    assert "Set-Cookie" not in answer.headers


def test_it_is_the_same_for_somebody_signed_in(signed_in: FlaskClient, cast: Cast) -> None:
    page = signed_in.get("/offline").text

    assert cast.alice.email not in page
    assert cast.workspace.name not in page


def test_the_worker_is_served_at_the_root_and_asked_for_again_each_time(
    client: FlaskClient,
) -> None:
    answer = client.get("/service-worker.js")

    assert answer.text.startswith("// Shows a page of ours")
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
