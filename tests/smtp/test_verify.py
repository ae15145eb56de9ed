import time

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


def test_the_envelope_decides_and_what_is_said_of_from_stands_beside_it(smtpd, server_for):
    def about(refused):
        smtpd.clear()
        smtpd.answer("MAIL", "553 5.7.1 Not yours", argument=refused)
        return verify(server_for(smtpd), "bounces@rig.test", author=SENDER)

    both, from_refused, envelope_refused = about("nobody"), about(SENDER), about("bounces@")

    assert [both.ok, both.takes_author] == [True, True]
    assert [from_refused.ok, from_refused.takes_author] == [True, False]
    step = next(step for step in from_refused.steps if step.name == "sender")
    assert (step.words, step.facts) == ("bounces@rig.test", {"from address": "553 5.7.1 Not yours"})
    assert (envelope_refused.failed.cause, envelope_refused.takes_author) == (
        "sender_refused",
        False,
    )


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


def test_each_step_is_told_as_it_ends_and_once(start_smtpd, server_for):
    smtpd = start_smtpd(starttls=server_context(), users={"ada": "pw"})
    server = server_for(
        smtpd, security="starttls", ca_certificates=ca_pem(), username="ada", password="pw"
    )
    heard = []

    def observe(step):
        heard.append((step, len(smtpd.commands)))

    report = verify(server, SENDER, observe=observe)

    assert tuple(step for step, _ in heard) == report.steps
    before_auth = next(count for step, count in heard if step.name == "certificate")
    assert before_auth < len(smtpd.commands), "told while the conversation went on"


def test_the_failed_step_is_told_and_the_untried_ones_are_not(start_smtpd, server_for):
    smtpd = start_smtpd(users={"ada": "pw"})
    heard = []
    report = verify(server_for(smtpd, username="ada", password="no"), SENDER, observe=heard.append)

    assert heard[-1] == report.failed
    assert all(step.ok is not None for step in heard)


def test_an_observer_takes_its_own_time(smtpd, server_for):
    """What it costs to write a step down is not the next step's duration."""
    hour, hours, real = 3600, [0], time.perf_counter

    def observe(step):
        hours[0] += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.perf_counter", lambda: real() + hours[0] * hour)
        report = verify(server_for(smtpd), SENDER, observe=observe)

    assert hours[0] == len(report.steps)
    assert all((step.duration_ms or 0) < hour * 1000 for step in report.steps)


def test_the_report_has_facts_for_a_table(start_smtpd, server_for):
    smtpd = start_smtpd(
        starttls=server_context(),
        users={"ada": "pw"},
        mechanisms="PLAIN CRAM-MD5 XOAUTH2",
        extensions=("PIPELINING", "SIZE 35882577", "LIMITS MAILMAX=100 RCPTMAX=50"),
    )
    server = server_for(
        smtpd, security="starttls", ca_certificates=ca_pem(), username="ada", password="pw"
    )
    report = verify(server, SENDER)
    found = {step.name: step for step in report.steps}

    assert found["connect"].words == f"127.0.0.1, port {smtpd.port}"
    assert "STARTTLS" in found["ehlo"].words
    assert found["certificate"].facts == {
        "names": "localhost, 127.0.0.1",
        "issuer": "Test CA",
        "valid from": "2020-01-01T00:00:00+00:00",
        "valid until": report.certificate_until.isoformat(),
        "chain": "localhost",
    }
    assert found["auth"].words == "PLAIN"
    assert found["auth"].facts == {"offered": "PLAIN, CRAM-MD5, XOAUTH2"}
    assert found["limits"].facts["bytes"] == "35882577"
    assert "LIMITS MAILMAX=100 RCPTMAX=50" in found["limits"].facts["announced"]
    assert "STARTTLS" not in found["limits"].facts["announced"], "as announced after encryption"


def test_an_unchecked_certificate_is_shown_as_such(start_smtpd, server_for):
    smtpd = start_smtpd(tls=server_context("expired"))
    report = verify(server_for(smtpd, security="tls", verify_certificate=False), SENDER)
    found = next(step for step in report.steps if step.name == "certificate")

    assert report.ok
    assert found.words.startswith("Not checked. localhost")
    assert found.facts["valid until"].startswith("2020-02-01")


def test_what_was_repeated_of_the_sign_in_is_not_kept(start_smtpd, server_for):
    smtpd = start_smtpd(users={"ada.lovelace": "pw"})
    smtpd.answer("MAIL", "553 5.7.1 <news@example.org>: not owned by user ada.lovelace")
    report = verify(server_for(smtpd, username="ada.lovelace", password="pw"), SENDER)

    assert report.failed.words == "553 5.7.1 <news@example.org>: not owned by user ..."
