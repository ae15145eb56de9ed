import re
from datetime import timedelta

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions, credentials, queries, routing, uses
from mailrith.connections.credentials import server_for
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories
from tests.support.cast import sign_in
from tests.web.connections.conftest import address


def test_without_a_connection_the_page_says_what_is_missing(signed_in, home):
    page = signed_in.get(home).text

    assert "Nothing to carry your mail yet" in page
    assert f"{home}/new" in page


def test_a_connection_is_made_and_shown(signed_in, home, cast, filled):
    answer = signed_in.post(
        f"{home}/new/custom-smtp", data=filled(username="hannah", password="canary-password")
    )

    (connection,) = queries.usable_in(cast.workspace.id)
    assert answer.status_code == 303
    assert str(connection.public_id) in answer.location
    assert server_for(connection).password == "canary-password"
    page = signed_in.get(home).text
    assert "Northpost SMTP" in page
    assert "Not verified yet" in page


def test_the_password_is_never_shown_again(signed_in, home, cast, filled):
    signed_in.post(
        f"{home}/new/custom-smtp", data=filled(username="hannah", password="canary-password")
    )
    (connection,) = queries.usable_in(cast.workspace.id)
    pages = [
        signed_in.get(home).text,
        signed_in.get(address(home, connection)).text,
        signed_in.get(address(home, connection, "/webhooks")).text,
        signed_in.post(
            address(home, connection), data=filled(host="localhost", username="hannah")
        ).text,
    ]

    assert not [page for page in pages if "canary" in page]


def test_a_typed_password_does_not_come_back_with_the_errors(signed_in, home, filled):
    answer = signed_in.post(
        f"{home}/new/custom-smtp", data=filled(name="", password="canary-password", username="x")
    )

    assert answer.status_code == 422
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Fill in a name."),
        ({"host": ""}, "Fill in the host name"),
        ({"port": "x"}, "Port"),
        ({"port": "70000"}, "A port is a number up to 65535."),
        ({"from_email": "nonsense"}, "The @ is missing."),
        ({"from_name": "Ada\nBcc: x@y.test"}, "line breaks"),
        ({"from_name": "=?utf-8?q?Ada=0ABcc=3A_x=40y.test?="}, "line breaks"),
        ({"username": "hannah"}, "Type the password"),
        ({"host": "10.0.0.1", "port": "587"}, "no public mail server was found there"),
        ({"host": "169.254.169.254", "port": "587"}, "no public mail server was found there"),
        ({"host": "0xa.1", "port": "587"}, "no public mail server was found there"),
        ({"host": "8.8.8.8", "port": "22"}, "Port 22 is not open"),
        ({"secure_mode": "wishful"}, "Not a valid choice"),
        ({"name": "x" * 10_000}, "longer than 120"),
        ({"per_day": "-1"}, "A number above 0."),
    ],
)
@pytest.mark.any_database
def test_a_form_that_does_not_fit_says_so_and_keeps_what_was_typed(
    signed_in, home, cast, filled, change, words
):
    answer = signed_in.post(f"{home}/new/custom-smtp", data=filled(**change))

    assert answer.status_code == 422
    assert words in answer.text
    assert "hannah@allotmentpost.example" in answer.text or "from_email" in change
    assert queries.usable_in(cast.workspace.id) == []


def test_moving_the_host_asks_for_the_password_and_sends_it_nowhere(
    signed_in, home, cast, filled, start_smtpd
):
    capture = start_smtpd(users={"hannah": "canary-password"})
    signed_in.post(
        f"{home}/new/custom-smtp", data=filled(username="hannah", password="canary-password")
    )
    (connection,) = queries.usable_in(cast.workspace.id)

    answer = signed_in.post(
        address(home, connection), data=filled(port=str(capture.port), username="hannah")
    )
    signed_in.post(address(home, connection, "/verification"))
    signed_in.post(address(home, connection, "/test"), data={"recipient": "ada@readers.example"})

    assert answer.status_code == 422
    assert "Type the password again" in answer.text
    assert capture.connections == 0


def test_changes_are_saved(signed_in, home, connection, filled):
    answer = signed_in.post(
        address(home, connection), data=filled(name="Southpost", per_day="1000")
    )
    db.session.expire_all()

    assert answer.status_code == 303
    assert (connection.name, connection.per_day) == ("Southpost", 1000)


def test_the_list_is_searched_and_filtered(signed_in, home, cast, connection):
    factories.make_connection(cast.workspace, name="Hall noticeboard", host="mail.hall.example")
    paused = factories.make_connection(cast.workspace, name="Receipts", host="127.0.0.2")
    actions.pause_connection(paused.id, "auth_refused", "535 no")
    db.session.commit()

    found = signed_in.get(home, query_string={"q": "hall"}, headers={"HX-Request": "true"}).text
    only_paused = signed_in.get(home, query_string={"state": "paused"}).text

    assert "Hall noticeboard" in found
    assert "Northpost SMTP" not in found
    assert "<html" not in found
    assert "Paused by Mailrith" in only_paused
    assert "will not take this username" in only_paused
    assert "Hall noticeboard" not in only_paused


def test_a_paused_connection_says_why_and_can_be_used_again(signed_in, home, connection):
    actions.pause_connection(connection.id, "auth_refused", "535 5.7.8 <b>no</b>")
    db.session.commit()

    page = signed_in.get(address(home, connection)).text
    assert "Paused by Mailrith: Sign-in refused" in page
    assert "535 5.7.8 &lt;b&gt;no&lt;/b&gt;" in page

    signed_in.post(address(home, connection, "/resume"))
    db.session.expire_all()
    assert connection.paused_at is None


def test_disabling_and_enabling(signed_in, home, connection):
    signed_in.post(address(home, connection, "/disable"))
    db.session.expire_all()
    assert not connection.enabled

    signed_in.post(address(home, connection, "/enable"))
    db.session.expire_all()
    assert connection.enabled


@pytest.mark.parametrize("verb", ["delete", "disable"])
def test_what_is_in_use_stays_and_is_listed(signed_in, home, connection, monkeypatch, verb):
    uses_it = [lambda connection_id: [uses.Use("The hungry gap", "Sending, 71%")]]
    monkeypatch.setattr(uses, "_sources", uses_it)
    answer = signed_in.post(address(home, connection, f"/{verb}"))
    db.session.expire_all()

    assert answer.status_code == 409
    assert "The hungry gap" in answer.text
    assert "still in use" in answer.text
    assert connection.enabled


def test_deleting_asks_by_naming_what_is_lost(signed_in, home, connection):
    asked = signed_in.get(address(home, connection, "/delete"))
    assert "Delete Northpost SMTP?" in asked.text
    assert db.session.get(Connection, connection.id).deleted_at is None

    signed_in.post(address(home, connection, "/delete"))
    assert signed_in.get(address(home, connection)).status_code == 404


def test_the_webhook_panel_shows_address_secret_and_a_line_to_try(
    signed_in, home, connection, cast
):
    actions.replace_hook_secrets(connection, cast.alice)
    db.session.commit()
    secrets = actions.hook_secrets(connection)
    answer = signed_in.get(address(home, connection, "/webhooks"))

    assert (
        f"http://127.0.0.1:8000/hooks/{connection.public_id}/{secrets.path_secret}" in answer.text
    )
    assert secrets.signing_secret in answer.text
    assert "curl" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_replacing_the_webhook_secrets_ends_the_old_ones(signed_in, home, connection):
    signed_in.post(address(home, connection, "/webhooks/secrets"))
    db.session.expire_all()
    first = actions.hook_secrets(connection)
    signed_in.post(address(home, connection, "/webhooks/secrets"))
    db.session.expire_all()

    assert actions.hook_secrets(connection).path_secret != first.path_secret


def test_a_copy_waits_for_its_password(signed_in, home, cast, connection, filled, smtpd):
    credentials.seal(connection, "username", "hannah")
    credentials.seal(connection, "password", "canary-password")
    db.session.commit()
    answer = signed_in.post(address(home, connection, "/duplicate"))
    page = signed_in.get(answer.location).text
    copy = db.session.query(Connection).order_by(Connection.id.desc()).first()

    assert "The password is still missing" in page
    assert "Northpost SMTP (copy)" in page
    assert "canary" not in page
    assert not copy.enabled

    refused = signed_in.post(address(home, copy, "/enable"), follow_redirects=True).text
    assert "Type the password of Northpost SMTP (copy) first" in refused
    complete = filled(name=copy.name, username="hannah", password="another")
    signed_in.post(address(home, copy), data=complete)
    db.session.expire_all()
    assert copy.enabled


def test_a_workspace_that_still_sends_through_it_is_not_taken_away(
    signed_in, home, cast, connection, filled, monkeypatch
):
    use = uses.Use("The hungry gap", "Scheduled", workspace_id=cast.workspace.id)
    monkeypatch.setattr(uses, "_sources", [lambda connection_id: [use]])
    answer = signed_in.post(
        address(home, connection), data=filled(workspaces=None, from_name="Typed just now")
    )

    assert answer.status_code == 409
    assert "still in use: The hungry gap" in answer.text
    assert "Typed just now" in answer.text
    assert queries.get(cast.workspace.id, connection.public_id) is not None


def test_whoever_may_not_change_it_everywhere_changes_it_nowhere(client, cast, home, connection):
    second = factories.make_workspace(cast.alice, name="Second")
    factories.save(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    factories.make_member(cast.workspace, cast.carol, connections="manage")
    sign_in(client, cast.carol)
    page = client.get(address(home, connection)).text

    assert "also serves workspaces in which you may not manage" in page
    assert '<fieldset class="plain" disabled>' in page
    assert "Save</button>" not in page


def test_somebody_who_only_looks_is_not_told_the_username(client, cast, home, connection):
    credentials.seal(connection, "username", "canary-user")
    db.session.commit()
    sign_in(client, cast.bob)
    page = client.get(address(home, connection)).text

    assert "canary" not in page
    assert "shown to those who may change it" in page


def test_places_are_marked_where_they_matter(signed_in, home, cast, connection):
    factories.make_connection(cast.workspace, name="Spare")
    assert "Default" in signed_in.get(home).text
    assert "No. 2" not in signed_in.get(home).text

    routing.choose(cast.workspace, routing.Choice(fall_back=True), cast.alice)
    db.session.commit()
    assert "No. 2" in signed_in.get(home).text


def test_the_list_names_the_service_the_last_error_and_the_certificate(
    signed_in, home, cast, connection
):
    connection.provider, connection.provider_options = "amazon-ses", {"region": "eu-west-2"}
    credentials.seal(connection, "host", "email-smtp.eu-west-2.amazonaws.com")
    connection.verified_at = connection.last_error_at = now()
    connection.last_error = "451 <b>later</b>"
    connection.certificate_until = now() + timedelta(days=6, hours=1)
    db.session.commit()
    page = signed_in.get(home).text

    assert "Amazon SES, Europe (London)" in page
    assert "451 &lt;b&gt;later" in page
    assert "Its certificate is about to run out." in page
    assert "in 6 days" in page


EVERY_PAGE = [
    ("GET", ""), ("POST", ""), ("POST", "/enable"), ("POST", "/disable"), ("POST", "/resume"),
    ("GET", "/delete"), ("POST", "/delete"), ("POST", "/duplicate"), ("POST", "/verification"),
    ("GET", "/verification"), ("GET", "/history"), ("GET", "/test"), ("POST", "/test"),
    ("GET", "/webhooks"), ("POST", "/webhooks/secrets"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "more"), EVERY_PAGE)
@pytest.mark.any_database
def test_a_stranger_gets_what_nobody_gets(client, cast, connection, method, more, filled):
    sign_in(client, cast.carol)
    own = f"/w/{cast.elsewhere.slug}/connections"
    theirs = f"/w/{cast.workspace.slug}/connections"
    nothing = "0192f0a0-0000-7000-8000-000000000000"
    answers = [
        client.open(f"{own}/{connection.public_id}{more}", method=method, data=filled()),
        client.open(f"{theirs}/{connection.public_id}{more}", method=method, data=filled()),
        client.open(f"{own}/{nothing}{more}", method=method, data=filled()),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    bodies = {
        re.sub(r"[0-9a-f-]{36}|workspace-\d+|[\w.-]{60,}", "", answer.text)
        for answer in (answers[0], answers[2])
    }
    assert len(bodies) == 1


TO_LOOK_AT = {("GET", ""), ("GET", "/verification"), ("GET", "/history")}


@pytest.mark.parametrize(("method", "more"), sorted(set(EVERY_PAGE) - TO_LOOK_AT))
@pytest.mark.any_database
def test_somebody_who_may_only_look_changes_nothing(
    client, cast, connection, method, more, filled, smtpd
):
    sign_in(client, cast.bob)
    home = f"/w/{cast.workspace.slug}/connections"
    before = db.session.query(AuditEntry).count()

    assert client.get(home).status_code == 200
    assert "Create Connection" not in client.get(home).text
    assert client.get(f"{home}/{connection.public_id}").status_code == 200
    answer = client.open(f"{home}/{connection.public_id}{more}", method=method, data=filled())
    assert answer.status_code == 403
    assert smtpd.connections == 0
    assert db.session.query(AuditEntry).count() == before


def test_a_member_sees_only_what_their_workspace_may_use(client, cast):
    second = factories.make_workspace(cast.alice, name="Second")
    other = factories.make_connection(second, name="Of the second")
    sign_in(client, cast.bob)
    home = f"/w/{cast.workspace.slug}/connections"

    assert "Of the second" not in client.get(home).text
    assert client.get(f"{home}/{other.public_id}").status_code == 404
    sign_in(client, cast.alice)
    assert "Of the second" in client.get(home).text
