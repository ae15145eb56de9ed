import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from mailrith.connections import credentials
from mailrith.connections.models import AuthMechanism
from mailrith.connections.oauth import EARLY, AccessTokens
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.causes import CAUSES
from mailrith.smtp.server import NoToken
from mailrith.smtp.verify import verify
from tests.support import factories
from tests.support.certificates import ca_pem, server_context
from tests.support.httpd import start_httpd  # noqa: F401 - a fixture


@pytest.fixture
def service(start_httpd):  # noqa: F811
    """The service that gives tokens."""
    httpd = start_httpd(tls=server_context())
    httpd.answer({"access_token": "fresh", "token_type": "Bearer", "expires_in": 3600})
    return httpd


@pytest.fixture
def connection(cast, service):
    """One that signs in with OAuth and has no access token yet."""
    made = factories.make_connection(cast.workspace)
    made.auth_mechanism = AuthMechanism.XOAUTH2
    made.oauth_client_id, made.oauth_scope = "client-7", "smtp.send"
    made.oauth_token_url, made.ca_certificate = service.url, ca_pem()
    credentials.seal(made, "username", "ada@example.org")
    credentials.seal(made, "oauth_secret", "canary-secret")
    credentials.seal(made, "oauth_refresh", "canary-refresh")
    credentials.renew_fingerprint(made)
    db.session.commit()
    return made


def tokens_of(connection):
    """Its tokens, with no transaction left open behind."""
    found = AccessTokens(connection.id)
    db.session.rollback()
    return found


def token(connection, **options):
    return asyncio.run(tokens_of(connection).token(**options))


def hold(connection, access, *, minutes):
    credentials.seal(connection, "oauth_access", access)
    connection.oauth_access_until = now() + timedelta(minutes=minutes)
    db.session.commit()


def opened(connection, column):
    db.session.expire_all()
    found = credentials.opened(connection, column)
    db.session.rollback()
    return found


def test_a_token_is_asked_for_with_the_refresh_token_and_kept_sealed(connection, service):
    assert token(connection) == "fresh"
    assert service.asked[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "canary-refresh",
        "client_id": "client-7",
        "client_secret": "canary-secret",
        "scope": "smtp.send",
    }
    assert connection.sealed_oauth_access is not None
    assert b"fresh" not in connection.sealed_oauth_access
    assert opened(connection, "oauth_access") == "fresh"


def test_the_operators_authority_is_trusted_at_the_token_address(connection, service):
    connection.ca_certificate = ""
    db.session.commit()
    assert token(connection) == NoToken("token_unreachable", "SSLCertVerificationError")

    config.install(replace(config.current(), ca=ca_pem()))
    assert token(connection) == "fresh"
    assert len(service.asked) == 1, "whoever was not trusted was told nothing"


def test_a_kept_token_is_used_until_shortly_before_its_end(connection, service):
    hold(connection, "kept", minutes=EARLY.seconds / 60 + 1)
    assert token(connection) == "kept"

    hold(connection, "kept", minutes=EARLY.seconds / 60 - 1)
    assert token(connection) == "fresh"
    assert len(service.asked) == 1


def test_a_refused_token_is_replaced_although_it_had_not_run_out(connection, service):
    hold(connection, "kept", minutes=60)

    assert token(connection, refused="kept") == "fresh"
    assert token(connection, refused="kept") == "fresh"
    assert len(service.asked) == 1


def test_a_new_refresh_token_takes_the_place_of_the_old_one(connection, service):
    service.answer({"access_token": "one", "expires_in": 60, "refresh_token": "second"})
    token(connection)
    token(connection)

    assert [asked.form["refresh_token"] for asked in service.asked] == ["canary-refresh", "second"]


def test_who_comes_together_asks_once(connection, service):
    async def together():
        tokens = [tokens_of(connection) for _ in range(4)]
        return await asyncio.gather(*(one.token() for one in tokens))

    assert asyncio.run(together()) == ["fresh"] * 4
    assert len(service.asked) == 1


def test_a_token_for_credentials_that_were_changed_meanwhile_is_not_kept(connection, service):
    tokens = tokens_of(connection)
    stored = tokens._stored()
    credentials.seal(connection, "oauth_refresh", "typed just now")
    credentials.renew_fingerprint(connection)
    db.session.commit()
    tokens._keep(stored, _granted("late", "late-refresh"))

    assert opened(connection, "oauth_refresh") == "typed just now"
    assert opened(connection, "oauth_access") == ""


def test_keeping_a_token_is_no_edit(connection):
    before = connection.updated_at
    db.session.rollback()
    token(connection)

    assert connection.updated_at == before


def _granted(access, refresh):
    from mailrith.connections.oauth import Granted

    return Granted(access, now() + timedelta(hours=1), refresh)


@pytest.mark.parametrize(
    ("status", "said", "cause"),
    [
        (400, {"error": "invalid_grant", "error_description": "Revoked"}, "token_refused"),
        (401, {"error": "invalid_client"}, "token_client_refused"),
        (401, {}, "token_client_refused"),
        (400, {"error": "invalid_scope"}, "token_request_refused"),
        (400, {"error": "unsupported_grant_type"}, "token_request_refused"),
        (404, {"page": "missing"}, "token_unreadable"),
        (302, {}, "token_unreadable"),
        (429, {}, "token_unreachable"),
        (503, {"error": "invalid_grant"}, "token_unreachable"),
        (200, {"token": "elsewhere"}, "token_unreadable"),
        (200, {"access_token": 7}, "token_unreadable"),
        (200, {"access_token": "a\x01auth=b"}, "token_unreadable"),
        (200, {"access_token": "a", "token_type": "mac"}, "token_unreadable"),
        (200, ["no", "table"], "token_unreadable"),
    ],
)
@pytest.mark.any_database
def test_a_service_that_gives_none_is_told_in_plain_words(connection, service, status, said, cause):
    service.answer(said, status=status)
    found = token(connection)

    assert isinstance(found, NoToken)
    assert found.cause == cause
    assert found.cause in CAUSES
    assert opened(connection, "oauth_access") == ""


def test_what_the_service_says_is_cleaned_and_repeats_no_secret(connection, service):
    why = "\x1b[31mno canary-refresh\r\nand canary-secret <b>here</b>" + "x" * 3000
    service.answer({"error": "invalid_grant", "error_description": why}, status=400)
    words = token(connection).words

    assert words.startswith("invalid_grant: no ... and ... <b>here</b>")
    assert len(words) == 1024


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("https://10.0.0.1/token", "token_host_refused"),
        ("http://example.com/token", "token_host_refused"),
        ("https://localhost:1/token", "token_unreachable"),
        ("", "token_missing"),
    ],
)
@pytest.mark.any_database
def test_an_address_without_tokens_is_told(connection, url, cause):
    connection.oauth_token_url = url
    db.session.commit()

    assert token(connection).cause == cause


def test_secrets_without_their_key_ask_nobody(connection, service):
    connection.sealed_oauth_refresh = b"\x01\x02k9" + bytes(40)
    db.session.commit()

    assert token(connection) == NoToken("credentials_lost")
    assert service.asked == []


def test_an_unknown_connection_has_no_token(session):
    assert asyncio.run(AccessTokens(12345).token()) == NoToken("token_missing")


def test_no_secret_shows_in_what_is_printed(connection):
    stored = tokens_of(connection)._stored()
    shown = repr(stored) + repr(_granted("canary-access", "canary-new"))
    shown += repr(credentials.server_for(connection))

    assert "canary" not in shown
    assert "ada@example.org" not in shown


def test_a_connection_signs_in_with_a_token_that_it_got_on_the_way(
    connection, service, start_smtpd
):
    smtpd = start_smtpd(tokens={"ada@example.org": "fresh"}, mechanisms="XOAUTH2")
    hold(connection, "stale", minutes=60)
    connection.port = smtpd.port
    db.session.commit()
    server, sender = credentials.server_for(connection), connection.from_email
    db.session.rollback()
    report = verify(server, sender)

    assert report.ok, report.failed
    assert smtpd.logins == [("ada@example.org", "stale"), ("ada@example.org", "fresh")]
