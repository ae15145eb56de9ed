import pytest

from mailrith.smtp.session import Session
from mailrith.smtp.trouble import Trouble
from mailrith.smtp.verify import verify
from tests.support.certificates import ca_pem, server_context

USERS = {"ada": "correct horse"}
ADA = {"username": "ada", "password": "correct horse"}
INJECTED = b"250-AUTH PLAIN\r\n250-X-INJECTED\r\n250 ok\r\n"


def strip(said):
    return said.replace(b"250-STARTTLS\r\n", b"").replace(b"250 STARTTLS", b"250 HELP")


def inject(said):
    return said + INJECTED if said.startswith(b"220 2.0.0 Go ahead") else said


def clear(line):
    """What the client said before TLS began: everything, if it never did."""
    return bytes(line.heard).partition(b"STARTTLS\r\n")[0]


@pytest.fixture
def smtpd(start_smtpd):
    """One with TLS that also takes passwords in clear, so that only the client's care protects them."""
    return start_smtpd(starttls=server_context(), users=USERS)


@pytest.mark.parametrize("auth", ["automatic", "plain", "login", "cram-md5"])
def test_a_stripped_starttls_gets_neither_password_nor_mail(
    smtpd, start_between, try_to_connect, auth
):
    line = start_between(smtpd, change=strip)
    found = try_to_connect(
        line, security="starttls", ca_certificates=ca_pem(), auth=auth, allow_clear_auth=True, **ADA
    )

    assert (found.cause, found.phase) == ("starttls_missing", "tls")
    assert line.heard.count(b"\r\n") == 1, "EHLO and nothing else"
    assert line.heard.startswith(b"EHLO")


def test_where_tls_is_optional_a_stripped_offer_gets_no_readable_password(
    start_smtpd, start_between, try_to_connect, over_the_internet
):
    smtpd = start_smtpd(starttls=server_context(), users=USERS)
    offer = lambda said: strip(said).replace(b"250 HELP", b"250 AUTH PLAIN LOGIN")  # noqa: E731
    line = start_between(smtpd, change=offer)
    found = try_to_connect(line, security="starttls-if-offered", ca_certificates=ca_pem(), **ADA)

    assert (found.cause, found.phase) == ("auth_in_clear", "auth")
    assert b"AUTH" not in line.heard


def test_where_tls_is_optional_it_is_used_when_offered(smtpd, start_between, try_to_connect):
    line = start_between(smtpd)
    found = try_to_connect(line, security="starttls-if-offered", ca_certificates=ca_pem(), **ADA)

    assert isinstance(found, Session)
    assert smtpd.logins == [("ada", "correct horse")]
    assert b"AUTH" not in line.heard


def test_where_tls_is_optional_a_failed_one_is_not_gone_without(start_smtpd, try_to_connect):
    smtpd = start_smtpd(starttls=server_context("self-signed"), users=USERS)
    found = try_to_connect(smtpd, security="starttls-if-offered", **ADA)

    assert found.cause == "certificate_self_signed"
    assert smtpd.logins == []


def test_where_tls_is_optional_a_server_without_it_is_spoken_to(start_smtpd, try_to_connect):
    smtpd = start_smtpd(users=USERS)

    assert isinstance(try_to_connect(smtpd, security="starttls-if-offered", **ADA), Session)


@pytest.mark.parametrize("pieces", [1 << 20, 25, 1])
def test_answers_injected_before_tls_end_the_line(smtpd, start_between, try_to_connect, pieces):
    """Behind the 220, at once or in pieces: seen before TLS begins, or they break its handshake."""
    line = start_between(smtpd, change=inject, pieces=pieces)
    found = try_to_connect(line, security="starttls", ca_certificates=ca_pem(), **ADA)

    assert isinstance(found, Trouble)
    assert found.phase == "tls"
    if pieces == 1 << 20:
        assert found.cause == "starttls_injected"
    assert smtpd.logins == []
    assert b"AUTH" not in line.heard
    assert clear(line).count(b"\r\n") == 1, "EHLO alone before TLS"


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("kind", "minimum", "cause"),
    [("tls-1.0", "1.2", "tls_too_old"), ("tls-1.2", "1.3", "tls_minimum")],
)
def test_an_older_tls_than_asked_for_gets_no_password(
    start_old, try_to_connect, security, kind, minimum, cause
):
    old = start_old(server_context(kind), starttls=security == "starttls")
    found = try_to_connect(
        old, security=security, ca_certificates=ca_pem(), minimum_tls=minimum, **ADA
    )

    assert (found.cause, found.phase) == (cause, "tls")
    assert b"AUTH" not in old.heard


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_line_that_ends_in_the_handshake_is_told(start_smtpd, try_to_connect, security):
    smtpd = start_smtpd(**{security: server_context("tls-1.0")}, users=USERS)
    found = try_to_connect(smtpd, security=security, **ADA)

    assert found.cause == {"tls": "tls_mismatch", "starttls": "tls_failed"}[security]
    assert smtpd.logins == []


def test_tls_1_2_is_enough_unless_more_is_asked(start_smtpd, server_for):
    smtpd = start_smtpd(tls=server_context("tls-1.2"))
    report = verify(server_for(smtpd, security="tls", ca_certificates=ca_pem()))
    said = {step.name: step.words for step in report.steps}

    assert said["tls"].startswith("TLSv1.2, ")


@pytest.mark.parametrize("kind", ["expired", "not-yet", "self-signed", "wrong-name"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_refused_certificate_is_shown_all_the_same(start_smtpd, server_for, security, kind):
    smtpd = start_smtpd(**{security: server_context(kind)}, users=USERS)
    report = verify(server_for(smtpd, security=security, ca_certificates=ca_pem(), **ADA))
    facts = report.failed.facts

    assert report.failed.name == "certificate"
    assert report.failed.until == facts["valid until"]
    assert facts["issuer"] == ("self" if kind == "self-signed" else "Test CA")
    assert facts["names"] == (
        "mail.other.example" if kind == "wrong-name" else "localhost, 127.0.0.1"
    )
    assert not any(line.startswith(("AUTH", "MAIL")) for line in smtpd.commands)


def test_our_own_authority_is_trusted_for_this_connection_alone(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tls=server_context())

    assert isinstance(try_to_connect(smtpd, security="tls", ca_certificates=ca_pem()), Session)
    assert try_to_connect(smtpd, security="tls").cause == "certificate_untrusted"


def test_an_authority_that_cannot_be_read_is_told_so(start_smtpd, try_to_connect):
    smtpd = start_smtpd(tls=server_context())
    found = try_to_connect(smtpd, security="tls", ca_certificates="no certificate")

    assert found.cause == "ca_unreadable"
    assert smtpd.commands == []


def test_a_report_without_optional_tls_has_no_steps_for_it(start_smtpd, server_for):
    smtpd = start_smtpd(users=USERS)
    report = verify(server_for(smtpd, security="starttls-if-offered", **ADA), "a@example.org")

    assert report.ok
    assert [step.name for step in report.steps] == [
        "resolve", "connect", "greeting", "ehlo", "auth", "sender", "limits",
    ]  # fmt: skip
