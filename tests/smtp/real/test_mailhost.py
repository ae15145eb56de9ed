"""Postfix with Dovecot's sign-in, as people meet it: each mistake has its own cause, and the right settings pass."""

import pytest

from mailrith.smtp.causes import CAUSES
from mailrith.smtp.submit import submit
from mailrith.smtp.verify import verify
from tests.support.mailhost import LATER_SENDER, PEOPLE, REFUSED_SENDER

HANNAH = "hannah@rig.test"
MESSAGE = b"From: <hannah@rig.test>\r\nSubject: Hello\r\nMessage-ID: <1@rig.test>\r\n\r\nHello\r\n"


@pytest.fixture
def at(mailhost, server_for):
    """The settings of somebody who does everything right at this door, and then changes something."""

    def make(door, **changes):
        values = {
            "security": "tls" if door == "smtps" else "starttls",
            "username": HANNAH,
            "password": PEOPLE[HANNAH],
            "ca_certificates": mailhost.ca,
        }
        door = _Door(mailhost.host, mailhost.port(door))
        return server_for(door, **values | changes)

    return make


class _Door:
    def __init__(self, host, port):
        self.host, self.port = host, port


def why(report):
    assert report.failed is not None, report
    assert report.failed.cause in CAUSES
    return report.failed.name, report.failed.cause


@pytest.mark.parametrize("door", ["submission", "smtps", "bare", "tls-1.2"])
def test_the_right_settings_pass_every_step(at, door):
    report = verify(at(door), HANNAH)

    assert report.ok, report
    assert all(step.ok for step in report.steps)


@pytest.mark.parametrize("door", ["submission", "smtps"])
def test_a_message_is_taken_over_tls_after_sign_in_and_leaves_the_queue(mailhost, at, door):
    before = len(mailhost.delivered())
    outcome = submit(at(door), HANNAH, f"reader-{door}@list.test", MESSAGE)

    assert outcome.kind == "sent", outcome
    queue_id = outcome.reply.text.rpartition(" ")[2]
    assert mailhost.wait_for(rf"{queue_id}: to=<reader-{door}@list.test>.*status=sent")
    assert mailhost.wait_for(rf"{queue_id}: client=.*sasl_username={HANNAH}")
    assert len(mailhost.delivered()) == before + 1


def test_tls_from_the_start_at_a_starttls_port_is_named(at):
    assert why(verify(at("submission", security="tls"), HANNAH)) == ("tls", "tls_mismatch")


def test_starttls_at_a_tls_port_is_named(at):
    assert why(verify(at("smtps", security="starttls"), HANNAH))[1] == "greeting_timeout"


def test_without_encryption_nothing_is_signed_in(mailhost, at):
    step, cause = why(verify(at("submission", security="none"), HANNAH))

    assert step == "auth"
    assert cause in {"auth_missing", "encryption_required", "auth_in_clear"}


def test_a_wrong_password_is_named(at):
    assert why(verify(at("submission", password="wrong"), HANNAH)) == ("auth", "auth_refused")


def test_an_unknown_username_is_named(at):
    server = at("submission", username="nobody@rig.test")
    assert why(verify(server, HANNAH)) == ("auth", "auth_refused")


def test_no_sign_in_where_one_is_wanted_is_named(at):
    outcome = submit(at("submission", username="", password=""), HANNAH, "a@list.test", MESSAGE)

    assert outcome.kind == "refused"


def test_a_from_of_somebody_else_is_refused_at_the_sender_step(at):
    assert why(verify(at("owners"), "other@rig.test"))[0] == "sender"


def test_a_refused_from_shows_in_a_test_mail_where_verify_cannot_see_it(at):
    # Postfix answers about the sender at RCPT, which Verify does not send.
    assert verify(at("submission"), REFUSED_SENDER).ok
    assert submit(at("submission"), REFUSED_SENDER, "a@list.test", MESSAGE).kind == "refused"
    assert submit(at("submission"), LATER_SENDER, "a@list.test", MESSAGE).kind == "deferred"


@pytest.mark.parametrize(
    ("door", "cause"),
    [
        ("expired", "certificate_expired"),
        ("self-signed", "certificate_self_signed"),
        ("wrong-name", "certificate_name"),
    ],
)
def test_a_bad_certificate_stops_before_the_sign_in(mailhost, at, door, cause):
    step, found = why(verify(at(door), HANNAH))

    assert (step, found) == ("certificate", cause)
    assert f"postfix/{door}/smtpd" in mailhost.log()
    assert not [
        line
        for line in mailhost.log().splitlines()
        if f"postfix/{door}/" in line and "sasl" in line
    ]


def test_an_unknown_authority_is_named_and_the_own_one_mends_it(at):
    assert why(verify(at("submission", ca_certificates=None), HANNAH)) == (
        "certificate",
        "certificate_untrusted",
    )
    assert verify(at("submission"), HANNAH).ok


def test_a_certificate_that_nobody_checks_passes(at):
    assert verify(at("self-signed", verify_certificate=False), HANNAH).ok


def test_a_server_with_old_tls_only_is_refused(at):
    assert why(verify(at("tls-1.0"), HANNAH)) == ("tls", "tls_too_old")


def test_a_message_over_the_announced_size_is_not_even_begun(at):
    report = verify(at("small"), HANNAH)
    assert next(step.words for step in report.steps if step.name == "limits").endswith("20 KB")

    outcome = submit(at("small"), HANNAH, "a@list.test", MESSAGE + b"x" * 30_000)
    assert (outcome.kind, outcome.stage) == ("refused", "local")


def test_the_fourth_connection_within_a_minute_is_the_server_s_business(at):
    reports = [verify(at("busy"), HANNAH) for _ in range(4)]
    late = [report for report in reports if not report.ok]

    assert late
    assert why(late[-1])[0] == "greeting"
    assert late[-1].failed.cause == "too_many_connections"
