from email.message import EmailMessage

from mailrith.smtp.submit import submit


def message():
    made = EmailMessage()
    made["Subject"] = "Reset your password"
    made.set_content("Here")
    return made.as_bytes()


def test_system_mail_arrives(smtpd, server_for):
    outcome = submit(server_for(smtpd), "a@example.org", "ada@example.com", message())

    assert outcome.kind == "sent"
    assert smtpd.recipients == ["ada@example.com"]
    assert "QUIT" in smtpd.commands


def test_a_server_that_is_away_is_an_outcome_with_a_cause(start_smtpd, server_for):
    smtpd = start_smtpd(users={"a": "b"})
    server = server_for(smtpd, username="a", password="wrong")
    outcome = submit(server, "a@example.org", "ada@example.com", message())

    assert (outcome.kind, outcome.stage, outcome.cause) == ("not_sent", "connect", "auth_refused")
    assert outcome.words == "535 5.7.8 Wrong password"
