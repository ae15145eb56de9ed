"""A new connection: the tiles, each service's form, and the way back to where it was wanted."""

from dataclasses import replace

import pytest

from mailrith.connections import presets, queries
from mailrith.connections.credentials import server_for
from mailrith.connections.models import AuthMechanism, MinimumTls, Provider, SecureMode
from mailrith.core import config
from mailrith.core.db import db
from tests.support import factories
from tests.support.cast import sign_in

SERVICES = [p for p in presets.PRESETS if p != Provider.INSTALLATION]


@pytest.fixture
def new(home):
    return f"{home}/new"


def made(cast):
    db.session.expire_all()
    (connection,) = queries.usable_in(cast.workspace.id)
    return connection


def test_every_service_is_a_tile_that_leads_to_its_form(signed_in, new):
    page = signed_in.get(new).text

    for provider in SERVICES:
        assert f'href="{new}/{provider.value}"' in page
    for heading in ("Mail services", "Mailboxes", "Your own server", "For trying out"):
        assert heading in page


@pytest.mark.parametrize("provider", SERVICES)
@pytest.mark.any_database
def test_a_form_says_what_its_service_asks_for(signed_in, new, provider):
    preset = presets.of(provider)
    page = signed_in.get(f"{new}/{provider.value}").text

    assert f"Connect {preset.label}" in page
    assert f'value="{preset.port}"' in page
    for access in (preset.username, preset.password):
        assert access is None or str(access.label) in page
    for option in preset.options:
        assert option.label in page


def test_what_is_fixed_for_everybody_is_filled_in(signed_in, new):
    page = signed_in.get(f"{new}/sendgrid").text

    assert 'value="apikey"' in page
    assert "readonly" in page


def test_the_installations_server_is_offered_only_where_there_is_one(signed_in, new):
    assert "Ready to use" not in signed_in.get(new).text
    assert signed_in.get(f"{new}/installation").status_code == 404


@pytest.mark.parametrize("name", ["nonsense", "CUSTOM_SMTP", "..%2f"])
def test_a_service_that_nobody_knows_is_not_there(signed_in, new, name):
    assert signed_in.get(f"{new}/{name}").status_code == 404
    assert signed_in.post(f"{new}/{name}").status_code == 404


def test_everything_that_was_typed_is_kept(signed_in, new, cast, filled):
    answer = signed_in.post(
        f"{new}/custom-smtp",
        data=filled(
            username="hannah", password="canary-password", auth_mechanism="login", minimum_tls="1.3",
            ehlo_name="news.example.org", per_second="7", per_minute="100", per_hour="1000", per_day="5000",
            per_month="90000", max_sessions="3", messages_per_session="50", accept_unverified="y",
            allow_clear_auth="y",
        ),
    )  # fmt: skip
    connection = made(cast)

    assert answer.status_code == 303
    assert (connection.auth_mechanism, connection.minimum_tls) == (
        AuthMechanism.LOGIN,
        MinimumTls.TLS_1_3,
    )
    assert connection.ehlo_name == "news.example.org"
    limits = ("per_second", "per_minute", "per_hour", "per_day", "per_month")
    assert [getattr(connection, name) for name in limits] == [7, 100, 1000, 5000, 90000]
    assert (connection.max_sessions, connection.messages_per_session) == (3, 50)
    assert connection.allow_clear_auth
    assert not connection.verify_certificate


def test_certificates_are_checked_unless_somebody_says_otherwise(signed_in, new, cast, filled):
    signed_in.post(f"{new}/custom-smtp", data=filled())

    assert made(cast).verify_certificate
    assert not made(cast).allow_clear_auth


def test_the_host_follows_from_the_region(signed_in, new, cast, filled, monkeypatch):
    _answers_anywhere(monkeypatch)
    data = filled(
        host=None, port="587", secure_mode="starttls", username="AKIA", password="canary-password",
        option_region="eu-west-1", option_configuration_set="newsletters",
    )  # fmt: skip
    signed_in.post(f"{new}/amazon-ses", data=data)
    connection = made(cast)

    assert connection.provider == Provider.AMAZON_SES
    assert server_for(connection).host == "email-smtp.eu-west-1.amazonaws.com"
    assert connection.provider_options == {
        "region": "eu-west-1",
        "configuration_set": "newsletters",
    }


def test_a_mailbox_signs_in_with_a_token(signed_in, new, cast, filled, monkeypatch):
    _answers_anywhere(monkeypatch)
    data = filled(
        host="smtp.office365.com", port="587", secure_mode="starttls", username="hannah@allotmentpost.example",
        auth_mechanism="xoauth2", oauth_client_id="app", oauth_secret="canary-secret",
        oauth_refresh="canary-token", option_tenant="allotmentpost.example",
    )  # fmt: skip
    answer = signed_in.post(f"{new}/microsoft-365", data=data)
    page = signed_in.get(answer.location).text

    assert made(cast).sealed_oauth_refresh is not None
    assert (
        made(cast).oauth_token_url
        == "https://login.microsoftonline.com/allotmentpost.example/oauth2/v2.0/token"
    )
    assert "SMTP.Send" in made(cast).oauth_scope
    assert "canary" not in page
    assert "Stored, and never shown." in page


@pytest.mark.parametrize(
    ("port", "mode", "found"),
    [
        ("465", "", (465, SecureMode.TLS)),
        ("587", "", (587, SecureMode.STARTTLS)),
        ("2525", "", (2525, SecureMode.STARTTLS)),
        ("1025", "", (1025, SecureMode.NONE)),
        ("", "tls", (465, SecureMode.TLS)),
        ("", "starttls", (587, SecureMode.STARTTLS)),
        ("", "", (587, SecureMode.STARTTLS)),
        ("2525", "tls", (2525, SecureMode.TLS)),
    ],
)
@pytest.mark.any_database
def test_port_and_security_propose_each_other(signed_in, new, cast, filled, port, mode, found):
    signed_in.post(f"{new}/custom-smtp", data=filled(port=port, secure_mode=mode))

    assert (made(cast).port, made(cast).secure_mode) == found


@pytest.mark.parametrize(
    ("provider", "change", "words"),
    [
        ("custom-smtp", {"ca_certificate": "nonsense"}, "certificate"),
        ("custom-smtp", {"ehlo_name": "not a name"}, "Give a host name"),
        ("custom-smtp", {"per_minute": "many"}, "Type a whole number"),
        ("postmark", {"option_message_stream": "a stream!"}, "Use letters, digits, hyphens"),
        ("custom-smtp", {"auth_mechanism": "xoauth2", "username": "x"}, "full https address"),
    ],
)
@pytest.mark.any_database
def test_a_refusal_stands_beside_its_field_and_no_secret_comes_back(
    signed_in, new, filled, provider, change, words
):
    secrets = {"oauth_secret": "canary-secret", "oauth_refresh": "canary-token"}
    data = filled(password="canary-password", **(secrets | change))
    answer = signed_in.post(f"{new}/{provider}", data=data)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Hannah" in answer.text
    assert "canary" not in answer.text


def test_a_file_of_an_authority_wins_over_the_box(signed_in, new, filled):
    from io import BytesIO

    data = filled(ca_file=(BytesIO(b"\xff\xfe not a certificate"), "ca.pem"))
    answer = signed_in.post(f"{new}/custom-smtp", data=data, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "certificate" in answer.text


def test_only_the_owner_may_leave_a_certificate_unchecked(client, cast, new, filled):
    factories.make_member(cast.workspace, cast.carol, connections="manage")
    sign_in(client, cast.carol)
    answer = client.post(f"{new}/custom-smtp", data=filled(accept_unverified="y"))

    assert answer.status_code == 422
    assert "Only the owner" in answer.text
    assert queries.usable_in(cast.workspace.id) == []


def test_a_session_that_ended_keeps_what_was_typed_but_no_secret(client, new, filled):
    secrets = {
        "password": "canary-password",
        "oauth_secret": "canary-secret",
        "oauth_refresh": "canary-token",
    }
    answer = client.post(
        f"{new}/custom-smtp", data=filled(**secrets), headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status_code == 401
    assert "Northpost SMTP" in answer.text
    assert "canary" not in answer.text


BACK = "/w/{}/broadcasts/0192f0a0-0000-7000-8000-000000000000/audience"


def test_what_is_added_from_a_broadcast_is_chosen_there(signed_in, new, cast, filled):
    back = BACK.format(cast.workspace.slug)
    picker = signed_in.get(new, query_string={"next": back}).text
    form = signed_in.get(f"{new}/custom-smtp", query_string={"next": back}).text
    refused = signed_in.post(f"{new}/custom-smtp", data=filled(name="", next=back)).text
    answer = signed_in.post(f"{new}/custom-smtp", data=filled(next=back))

    assert f"{new}/custom-smtp?next={back}" in picker
    assert f'name="next" value="{back}"' in form
    assert f'name="next" value="{back}"' in refused
    assert answer.location == f"{back}?connection={made(cast).public_id}"


@pytest.mark.parametrize(
    "target", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", ""]
)
@pytest.mark.any_database
def test_the_way_back_leads_nowhere_else(signed_in, new, cast, filled, target):
    page = signed_in.get(new, query_string={"next": target}).text
    answer = signed_in.post(f"{new}/custom-smtp", data=filled(next=target))

    assert "evil" not in page
    assert "alert(1)" not in page
    assert answer.location.endswith(f"/connections/{made(cast).public_id}")


@pytest.mark.parametrize(
    ("method", "more"), [("GET", ""), ("GET", "/custom-smtp"), ("POST", "/custom-smtp")]
)
def test_strangers_and_onlookers_make_none(client, cast, new, filled, method, more):
    sign_in(client, cast.carol)
    assert client.open(new + more, method=method, data=filled()).status_code == 404
    sign_in(client, cast.bob)
    assert client.open(new + more, method=method, data=filled()).status_code == 403
    assert queries.usable_in(cast.workspace.id) == []


def _answers_anywhere(monkeypatch):
    """No name server is asked."""
    monkeypatch.setattr(
        "mailrith.connections.form.rules.check_servers", lambda values, policy: None
    )


def test_the_operators_server_takes_a_name_and_nothing_else(signed_in, new, cast, offering):
    page = signed_in.get(new).text
    form = signed_in.get(f"{new}/installation").text
    data = {"name": "House post", "from_name": "Hannah", "from_email": "newsletters@example.com"}
    answer = signed_in.post(
        f"{new}/installation", data=data | {"workspaces": str(cast.workspace.id)}
    )

    assert "Ready to use" in page
    assert "newsletters@example.com" in form
    assert 'name="host"' not in form
    assert 'name="password"' not in form
    assert answer.status_code == 303
    assert made(cast).provider == Provider.INSTALLATION
    assert "canary" not in page + form + signed_in.get(answer.location).text


@pytest.fixture
def offering(app):
    """The operator offers a server to everybody."""
    before = config.current()
    url = "smtp+starttls://canary-user:canary-password@canary.example.com:587"
    config.install(replace(before, default_smtp_url=url, default_from="newsletters@example.com"))
    yield
    config.install(before)
