import pytest

from mailrith.core.clock import now
from mailrith.core.network import Policy
from mailrith.smtp.verify import report_from_data, verify
from tests.support.certificates import ca_pem, server_context

SENDER = "news@example.org"


def names(report, *, ok):
    return [step.name for step in report.steps if step.ok is ok]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_good_server_passes_every_step(start_smtpd, server_for, security):
    smtpd = start_smtpd(**{security: server_context()}, users={"ada": "pw"})
    server = server_for(
        smtpd, security=security, ca_certificates=ca_pem(), username="ada", password="pw"
    )
    report = verify(server, SENDER)

    assert report.ok
    assert set(names(report, ok=True)) == {
        "resolve", "connect", "greeting", "ehlo", "tls", "certificate", "auth", "sender", "limits",
    }  # fmt: skip
    assert smtpd.messages == []
    assert not any(line.startswith("DATA") for line in smtpd.commands)


def test_the_report_says_what_was_negotiated(start_smtpd, server_for):
    smtpd = start_smtpd(starttls=server_context())
    report = verify(server_for(smtpd, security="starttls", ca_certificates=ca_pem()), SENDER)
    said = {step.name: step.words for step in report.steps}

    assert said["tls"].startswith("TLSv1.3, TLS_")
    assert said["certificate"].startswith("localhost, 127.0.0.1, until ")
    assert said["greeting"] == "220 localhost ESMTP test"
    assert report.certificate_until > now()
    assert said["limits"] == "Messages up to 10 MB"


def test_a_refused_password_stops_there_and_leaves_the_rest_untried(start_smtpd, server_for):
    smtpd = start_smtpd(users={"ada": "pw"})
    report = verify(server_for(smtpd, username="ada", password="no"), SENDER)

    assert not report.ok
    assert (report.failed.name, report.failed.cause) == ("auth", "auth_refused")
    assert report.failed.words == "535 5.7.8 Wrong password"
    assert names(report, ok=None) == ["sender", "limits"]


def test_a_refused_sender_is_found_without_a_mail(smtpd, server_for):
    smtpd.answer("MAIL", "553 5.7.1 Not yours")
    report = verify(server_for(smtpd), SENDER)

    assert (report.failed.name, report.failed.cause) == ("sender", "sender_refused")


def test_a_private_host_is_told_like_an_unknown_one(smtpd, server_for):
    report = verify(server_for(smtpd, policy=Policy()))

    assert (report.failed.name, report.failed.cause) == ("resolve", "host_refused")
    assert smtpd.connections == 0


def test_a_server_that_never_ends_gives_the_thread_back(smtpd, server_for, monkeypatch):
    monkeypatch.setattr("mailrith.smtp.verify.TALK_SECONDS", 0.2)
    smtpd.hang("EHLO")
    report = verify(server_for(smtpd))

    assert (report.failed.name, report.failed.cause) == ("ehlo", "timeout")


def test_a_report_survives_being_stored(smtpd, server_for):
    report = verify(server_for(smtpd), SENDER)

    assert report_from_data(report.as_data()) == report
    assert report_from_data({}).steps == ()
