import asyncio
from dataclasses import replace

import pytest

from mailrith.core.network import Policy, Resolved, resolve_now
from mailrith.smtp.connecting import connect
from mailrith.smtp.server import Server, Timeouts, server_from_url
from mailrith.smtp.session import Session
from mailrith.smtp.trouble import Trouble
from tests.support.certificates import ca_pem, server_context

USERS = {"ada": "correct horse"}
ADA = {"username": "ada", "password": "correct horse"}
SHORT = Timeouts(connect=0.3, greeting=0.3, command=0.3, data=0.3, block=0.3, dot=0.3)


def secrets_on(smtpd):
    return [line for line in smtpd.commands if line.startswith("AUTH")] + smtpd.logins


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "PLAIN", "LOGIN"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_good_server_is_signed_in_to_over_tls(start_smtpd, try_to_connect, security, mechanisms):
    smtpd = start_smtpd(**{security: server_context()}, users=USERS, mechanisms=mechanisms)
    found = try_to_connect(smtpd, security=security, ca_certificates=ca_pem(), **ADA)

    assert isinstance(found, Session)
    assert smtpd.logins == [("ada", "correct horse")]


def test_mail_goes_through_over_tls(start_smtpd, talk):
    smtpd = start_smtpd(starttls=server_context(), users=USERS)
    message = b"Subject: x\r\n\r\n" + b"y" * 500_000

    outcome = talk(
        smtpd,
        lambda s: s.send("a@example.org", "b@example.com", message),
        security="starttls",
        ca_certificates=ca_pem(),
        **ADA,
    )

    assert outcome.kind == "sent"
    assert smtpd.messages[0].content == message + b"\r\n"


def test_no_username_means_no_sign_in(smtpd, try_to_connect):
    assert isinstance(try_to_connect(smtpd), Session)
    assert secrets_on(smtpd) == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("expired", "certificate_expired"),
        ("self-signed", "certificate_self_signed"),
        ("unknown-authority", "certificate_untrusted"),
        ("not-yet", "certificate_not_yet"),
        ("wrong-name", "certificate_name"),
    ],
)
def test_a_bad_certificate_stops_before_the_password(
    start_smtpd, try_to_connect, security, kind, cause
):
    smtpd = start_smtpd(**{security: server_context(kind)}, users=USERS)
    found = try_to_connect(smtpd, security=security, ca_certificates=ca_pem(), **ADA)

    assert isinstance(found, Trouble)
    assert (found.cause, found.phase) == (cause, "certificate")
    assert secrets_on(smtpd) == []


def test_an_unverified_certificate_is_taken_only_on_request(start_smtpd, try_to_connect):
    smtpd = start_smtpd(starttls=server_context("self-signed"), users=USERS)

    assert try_to_connect(smtpd, security="starttls", **ADA).cause == "certificate_self_signed"
    assert isinstance(
        try_to_connect(smtpd, security="starttls", verify_certificate=False, **ADA), Session
    )


def test_a_stripped_starttls_fails_closed(start_smtpd, try_to_connect):
    smtpd = start_smtpd(starttls=server_context(), hide_starttls=True, users=USERS)
    found = try_to_connect(smtpd, security="starttls", **ADA)

    assert found.cause == "starttls_missing"
    assert secrets_on(smtpd) == []
    assert not any(line.startswith("MAIL") for line in smtpd.commands)


def test_a_refused_starttls_fails_closed(start_smtpd, try_to_connect):
    smtpd = start_smtpd(starttls=server_context(), users=USERS)
    smtpd.answer("STARTTLS", "454 4.7.0 TLS not available")
    found = try_to_connect(smtpd, security="starttls", **ADA)

    assert (found.cause, found.reply_code) == ("starttls_refused", 454)
    assert secrets_on(smtpd) == []


def test_replies_injected_before_tls_are_not_believed(start_smtpd, try_to_connect):
    smtpd = start_smtpd(starttls=server_context(), users=USERS)
    smtpd.answer("STARTTLS", b"220 go\r\n250-AUTH PLAIN\r\n250 ok\r\n")
    found = try_to_connect(smtpd, security="starttls", ca_certificates=ca_pem(), **ADA)

    assert isinstance(found, Trouble)
    assert secrets_on(smtpd) == []


def test_tls_to_a_plain_port_says_that_they_do_not_fit(smtpd, try_to_connect):
    assert try_to_connect(smtpd, security="tls").cause == "tls_mismatch"


@pytest.mark.parametrize("security", ["tls", "none"])
def test_what_only_our_libraries_say_is_not_put_into_the_servers_mouth(
    smtpd, try_to_connect, security
):
    smtpd.drop("greeting")
    found = try_to_connect(smtpd, security=security)

    assert found.cause in {"tls_mismatch", "connection_lost"}
    assert found.words == ""


def test_plain_words_to_a_tls_port_say_that_it_stays_silent(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tls=server_context())

    assert try_to_connect(smtpd, security="starttls", timeouts=SHORT).cause == "greeting_timeout"


def test_a_wrong_password_is_tried_once(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tls=server_context(), users=USERS)
    found = try_to_connect(
        smtpd, security="tls", ca_certificates=ca_pem(), username="ada", password="wrong"
    )

    assert (found.cause, found.phase, found.reply_code) == ("auth_refused", "auth", 535)
    assert found.enhanced_status == "5.7.8"
    assert len(smtpd.logins) == 1


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("454 4.7.0 Temporary authentication failure", "auth_temporary"),
        ("534 5.7.9 Mechanism too weak", "auth_mechanism"),
        ("534 5.7.9 Application-specific password required", "auth_app_password"),
        ("535 5.7.139 SmtpClientAuthentication is disabled for the Tenant", "auth_switched_off"),
        ("334 VGVsbCBtZSBtb3Jl", "auth_confused"),
        ("250 2.0.0 Ok", "auth_confused"),
        ("530 5.7.0 Must issue a STARTTLS command first", "starttls_required"),
        ("421 4.7.0 Too many errors", "too_many_connections"),
        ("535 5.7.8 Daily sending limit exceeded", "quota"),
    ],
)
def test_a_refused_sign_in_names_its_cause(start_smtpd, try_to_connect, reply, cause):
    smtpd = start_smtpd(users=USERS)
    smtpd.answer("AUTH", reply)

    assert try_to_connect(smtpd, **ADA).cause == cause


def test_a_server_without_sign_in_gets_no_password(smtpd, try_to_connect):
    assert try_to_connect(smtpd, **ADA).cause == "auth_missing"


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("421 4.7.0 Too many connections", "too_many_connections"),
        ("554 5.7.1 You are on a list", "greeting_refused"),
        ("HTTP/1.1 400 Bad Request", "not_smtp"),
    ],
)
def test_a_refused_greeting_names_its_cause(smtpd, try_to_connect, reply, cause):
    smtpd.answer("greeting", reply)
    found = try_to_connect(smtpd)

    assert (found.cause, found.phase) == (cause, "greeting")


@pytest.mark.parametrize("verb", ["greeting", "EHLO"])
def test_a_line_lost_on_the_way_is_told(smtpd, try_to_connect, verb):
    smtpd.drop(verb)

    assert try_to_connect(smtpd).cause == "connection_lost"


def test_an_old_server_is_greeted_with_helo(smtpd, try_to_connect):
    smtpd.answer("EHLO", "502 5.5.1 What?")

    assert isinstance(try_to_connect(smtpd), Session)
    assert any(line.startswith("HELO") for line in smtpd.commands)


def test_we_introduce_ourselves_by_address_unless_told_otherwise(smtpd, try_to_connect):
    try_to_connect(smtpd)
    try_to_connect(smtpd, ehlo_name="news.example.org")

    hellos = [line for line in smtpd.commands if line.startswith("EHLO")]
    assert hellos == ["EHLO [127.0.0.1]", "EHLO news.example.org"]


@pytest.mark.parametrize("junk", [b"220-" + b"x" * 100_000, b"220-x\r\n" * 20_000])
def test_an_endless_banner_is_cut_off(smtpd, try_to_connect, junk):
    smtpd.answer("greeting", junk)

    assert try_to_connect(smtpd).cause == "not_smtp"


def test_a_closed_port_is_told(try_to_connect, smtpd, closed_port):
    smtpd.port = closed_port

    assert try_to_connect(smtpd).cause == "connection_refused"


def test_private_addresses_are_not_connected_to(smtpd, try_to_connect):
    found = try_to_connect(smtpd, policy=Policy())

    assert (found.cause, found.phase) == ("host_refused", "resolve")
    assert smtpd.connections == 0


def test_a_name_that_has_moved_to_a_private_address_is_not_connected_to(smtpd):
    answers = ["8.8.8.8", "127.0.0.1"]

    async def rebinding(name, port):
        return [answers.pop(0)]

    at_save = resolve_now(
        "mail.example", smtpd.port, Policy(allowed_ports=(smtpd.port,)), lookup=rebinding
    )
    server = Server(
        "mail.example",
        smtpd.port,
        "none",
        timeouts=SHORT,
        policy=Policy(allowed_ports=(smtpd.port,)),
    )
    at_connect = asyncio.run(connect(server, lookup=rebinding))

    assert isinstance(at_save, Resolved)
    assert at_connect.cause == "host_refused"
    assert smtpd.connections == 0


def test_a_server_never_shows_its_secrets():
    shown = repr(Server("h", 1, username="canary-user", password="canary-password"))

    assert "canary" not in shown


def test_a_new_password_is_a_new_pool():
    first = Server("h", 1, username="a", password="1", owner="1:1:x")

    assert first.pool_key != Server("h", 1, username="a", password="2", owner="1:1:x").pool_key
    assert first.pool_key == replace(first, messages_per_session=5, timeouts=SHORT).pool_key


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "2:1:x"},  # another workspace
        {"owner": "1:2:x"},  # another connection
        {"owner": "1:1:y"},  # another password
        {"username": "b"},
        {"auth": "plain"},
        {"security": "tls"},
        {"minimum_tls": "1.3"},
        {"verify_certificate": False},
        {"allow_clear_auth": True},
        {"ca_certificates": "other"},
        {"ehlo_name": "other.example"},
    ],
)
def test_a_session_is_never_shared_across_what_protects_it(change):
    first = Server("h", 1, username="a", password="1", owner="1:1:x")

    assert replace(first, **change).pool_key != first.pool_key


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, "none", "", "")),
        ("smtps://a%40b:p%2Fw@mail.example", ("mail.example", 465, "tls", "a@b", "p/w")),
        ("smtp+starttls://u:p@mail.example", ("mail.example", 587, "starttls", "u", "p")),
    ],
)
def test_the_system_server_is_read_from_a_url(url, expected):
    server = server_from_url(url, policy=Policy())

    assert (server.host, server.port, server.security, server.username, server.password) == expected
