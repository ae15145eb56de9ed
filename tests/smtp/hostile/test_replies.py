import json

import pytest

from mailrith.smtp.causes import CAUSES
from mailrith.smtp.replies import MAX_WORDS
from mailrith.smtp.verify import report_from_data, verify
from tests.support.certificates import ca_pem, server_context

USERS = {"ada": "correct horse"}
ADA = {"username": "ada", "password": "correct horse"}
SENDER = "news@example.org"


def failed(smtpd, server_for, **changes):
    step = verify(server_for(smtpd, **ADA, **changes), SENDER).failed
    assert step is not None
    assert step.cause in CAUSES
    return step


@pytest.mark.parametrize(
    ("verb", "reply", "step", "cause"),
    [
        ("greeting", "421 4.3.2 Service shutting down", "greeting", "too_many_connections"),
        ("greeting", "554 5.7.1 Listed", "greeting", "greeting_refused"),
        ("greeting", "SSH-2.0-OpenSSH_9.2", "greeting", "not_smtp"),
        ("greeting", "+OK POP3 ready", "greeting", "not_smtp"),
        ("greeting", "* OK IMAP4rev1 ready", "greeting", "not_smtp"),
        ("greeting", b"\x00\x01\x02\xff\xfe\r\n", "greeting", "not_smtp"),
        ("EHLO", "421 4.7.0 Too many connections", "ehlo", "too_many_connections"),
        ("EHLO", "550 5.7.1 Who are you?", "ehlo", "ehlo_refused"),
        ("EHLO", b"\xff\xfe garbage\r\n", "ehlo", "not_smtp"),
        ("AUTH", "421 4.7.0 Go away", "auth", "too_many_connections"),
        ("AUTH", "454 4.7.0 Directory is away", "auth", "auth_temporary"),
        ("AUTH", "530 5.7.0 Must issue a STARTTLS command first", "auth", "starttls_required"),
        ("AUTH", "534 5.7.9 Mechanism is too weak", "auth", "auth_mechanism"),
        ("AUTH", "534 5.7.9 Application-specific password required", "auth", "auth_app_password"),
        ("AUTH", "535 5.7.8 Wrong", "auth", "auth_refused"),
        ("AUTH", "535 5.7.139 SmtpClientAuthentication is disabled", "auth", "auth_switched_off"),
        ("AUTH", "538 5.7.11 Encrypt", "auth", "starttls_required"),
        ("AUTH", b"garbage\r\n", "auth", "not_smtp"),
        ("MAIL", "421 4.7.0 Too many", "sender", "slow_down"),
        ("MAIL", "530 5.7.0 Authentication required", "sender", "auth_required"),
        ("MAIL", "535 5.7.8 Signed out meanwhile", "sender", "auth_refused"),
        ("MAIL", "550 5.7.60 You may not send as this sender", "sender", "send_as_refused"),
        ("MAIL", "553 5.7.1 Not owned by you", "sender", "sender_refused"),
        ("MAIL", b"garbage\r\n", "sender", "not_smtp"),
    ],
)
def test_every_refusal_names_its_step_and_cause(start_smtpd, server_for, verb, reply, step, cause):
    smtpd = start_smtpd(users=USERS)
    smtpd.answer(verb, reply)
    found = failed(smtpd, server_for)

    assert (found.name, found.cause) == (step, cause)
    assert smtpd.messages == []


@pytest.mark.parametrize(
    ("verb", "step"),
    [("greeting", "greeting"), ("EHLO", "ehlo"), ("AUTH", "auth"), ("MAIL", "sender")],
)
def test_a_line_that_ends_is_told_where_it_ended(start_smtpd, server_for, verb, step):
    smtpd = start_smtpd(users=USERS)
    smtpd.drop(verb)
    found = failed(smtpd, server_for)

    assert (found.name, found.cause) == (step, "connection_lost")


@pytest.mark.parametrize(
    ("verb", "step", "cause"),
    [
        ("greeting", "greeting", "greeting_timeout"),
        ("EHLO", "ehlo", "timeout"),
        ("STARTTLS", "tls", "timeout"),
        ("AUTH", "auth", "timeout"),
        ("MAIL", "sender", "timeout"),
    ],
)
def test_silence_ends_with_the_budget(start_smtpd, server_for, monkeypatch, verb, step, cause):
    monkeypatch.setattr("mailrith.smtp.verify.TALK_SECONDS", 0.3)
    smtpd = start_smtpd(users=USERS, starttls=server_context() if verb == "STARTTLS" else None)
    smtpd.hang(verb)
    security = "starttls" if verb == "STARTTLS" else "none"
    found = failed(smtpd, server_for, security=security, ca_certificates=ca_pem())

    assert (found.name, found.cause) == (step, cause)


def test_a_server_that_drips_is_understood(start_smtpd, start_between, server_for):
    smtpd = start_smtpd(users=USERS)
    line = start_between(smtpd, pieces=1)
    report = verify(server_for(line, **ADA), SENDER)

    assert report.ok, report.failed
    assert smtpd.logins == [("ada", "correct horse")]


def test_a_server_that_drips_over_tls_is_understood(start_smtpd, start_between, talk):
    smtpd = start_smtpd(starttls=server_context(), users=USERS)
    line = start_between(smtpd, pieces=1)
    outcome = talk(
        line,
        lambda session: session.send(SENDER, "ada@example.com", b"Subject: x\r\n\r\ny"),
        security="starttls",
        ca_certificates=ca_pem(),
        **ADA,
    )

    assert outcome.kind == "sent"


@pytest.mark.parametrize("verb", ["greeting", "EHLO", "AUTH", "MAIL"])
@pytest.mark.parametrize("code", [b"220", b"250"])
@pytest.mark.parametrize(
    "endless", [b"%b-" + b"x" * 200_000, b"%b-and so on\r\n" * 20_000], ids=["one line", "lines"]
)
def test_whoever_talks_without_end_is_cut_off(start_smtpd, server_for, verb, code, endless):
    smtpd = start_smtpd(users=USERS)
    smtpd.answer(verb, endless.replace(b"%b", code))
    found = failed(smtpd, server_for)

    assert found.cause == "not_smtp"
    assert len(found.words) <= MAX_WORDS


@pytest.mark.parametrize("verb", ["greeting", "AUTH", "MAIL"])
def test_words_are_kept_plain_and_short(start_smtpd, server_for, verb):
    smtpd = start_smtpd(users=USERS)
    evil = b"\x00\x1b[31m\x1b]0;title\x07\x9b\xc2\x85\xe2\x80\xae\xff<script>alert(1)</script>"
    smtpd.answer(verb, b"550-5.1.1 " + evil + b"\r\n550 " + b"long " * 1500 + b"\r\n")
    found = failed(smtpd, server_for)

    assert found.words.isprintable()
    assert len(found.words) <= MAX_WORDS + len("550 ")
    assert not any(left in found.words for left in ("[31m", "title", "\u202e"))
    assert "<script>alert(1)</script>" in found.words  # escaped where it is shown, not here


def test_words_of_a_good_server_are_kept_plain_too(start_smtpd, server_for):
    smtpd = start_smtpd()
    smtpd.answer("greeting", b"220 \x1b[2Jhello\x00\xff\r\n")
    smtpd.answer("EHLO", b"250-localhost\r\n250-X\x1b[31mRED \x00\xff\r\n250 SIZE 1e9\r\n")
    report = verify(server_for(smtpd), SENDER)
    data = report.as_data()

    assert report.ok
    for step in report.steps:
        assert all(text.isprintable() for text in (step.words, *step.facts.values()))
    assert report_from_data(json.loads(json.dumps(data).encode("utf-8"))) == report
