import email
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from mailrith.accounts import composing, system_mail
from mailrith.accounts.models import SystemMail
from mailrith.core import config

WANTED = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}


@pytest.fixture(autouse=True)
def _settings(make_settings):
    """Without a database: only composing is looked at."""
    settings = make_settings(
        database_url="sqlite:////nowhere",
        system_smtp_url="smtp://127.0.0.1:1",
        system_from='"Mailrith, the server" <post@mailrith.example>',
        public_url="https://news.example.org",
    )
    config.install(settings)


def test_a_letter_reads_as_it_was_written() -> None:
    text = "Good morning,\n\nörtliche Grüße\n.\n..dots\nFrom here\n" + "long " * 400 + "\n"

    letter = _read("hannah@allotmentpost.example", "Your broadcast finished", text)

    assert letter["From"] == '"Mailrith, the server" <post@mailrith.example>'
    assert letter["To"] == "hannah@allotmentpost.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@news.example.org>")
    body = letter.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text


def test_no_list_header_is_in_a_system_mail() -> None:
    letter = _read("a@b.example", "Confirm your address", "x")

    assert not [name for name in letter if name.lower().startswith(("list-", "precedence"))]


def test_lines_on_the_wire_are_short_and_end_as_smtp_wants() -> None:
    message = composing.compose(_mail("a@b.example", "ö" * 300, "ä" * 5000, "<p>" + "é" * 5000))

    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\r" not in message.replace(b"\r\n", b"")
    assert max(len(line) for line in message.split(b"\r\n")) <= 100


@pytest.mark.parametrize(
    "subject",
    [
        "Hello =?utf-8?q?Bob=0AReply-To=3A_evil=40x.test=0AX-Inj=3A_1?= welcome",
        "Hello\r\nBcc: evil@x.test",
        "Hello\nBcc: evil@x.test\n\nbody",
        "Hello\u0085Bcc: evil@x.test",
        "Hello\u2028Bcc: evil@x.test",
        "Hello\x0bBcc: evil@x.test\x00",
    ],
)
def test_no_subject_adds_a_header(subject: str) -> None:
    letter = _read("a@b.example", subject, "text")

    assert set(letter.keys()) <= WANTED | {"Content-Transfer-Encoding"}
    assert "evil" in letter["Subject"]  # it reads literally, inside the subject


@given(st.text(max_size=300))
def test_any_subject_survives_as_one_header(subject: str) -> None:
    message = composing.compose(_mail("a@b.example", subject, "text", ""))
    names = [line.partition(b":")[0] for line in _header_lines(message)]
    letter = email.message_from_bytes(message, policy=policy.default)

    assert len(names) == len(set(names))
    cleaned = "".join(c if c.isprintable() else " " for c in subject)
    assert " ".join(str(letter["Subject"]).split()) == " ".join(cleaned.split())


def test_without_a_server_nothing_is_kept_and_the_log_says_why(app, session) -> None:
    config.install(replace(config.current(), system_smtp_url=None))

    with capture_logs() as said:
        kept = system_mail.send("hannah@allotmentpost.example", "Confirm", "https://secret.example")

    assert kept is None
    assert session.scalar(select(SystemMail)) is None
    assert "MAILRITH_SYSTEM_SMTP_URL" in said[0]["why"]
    assert said[0]["recipient"] == "h***@allotmentpost.example"
    assert "secret.example" not in repr(said)


def test_words_of_people_are_escaped_in_html_and_plain_in_text(app, session) -> None:
    mail = system_mail.write(
        "reset", "a@b.example", name="<b>Bob</b> & co", url="https://news.example.org/reset/x"
    )

    assert mail is not None
    assert "<b>Bob</b> & co" in mail.body_text
    assert "<b>Bob</b>" not in mail.body_html
    assert "&lt;b&gt;Bob&lt;/b&gt; &amp; co" in mail.body_html


def test_a_letter_with_a_missing_word_is_a_bug_and_not_a_gap(app, session) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        system_mail.write("reset", "a@b.example", name="Bob")


def test_every_letter_has_its_three_parts() -> None:
    names = {path.name.partition(".")[0] for path in system_mail.TEMPLATES.iterdir()}

    for name in {name for name in names if not name.startswith("_")}:
        for ending in (".subject.txt", ".txt", ".html"):
            assert (system_mail.TEMPLATES / (name + ending)).exists(), name + ending


def _mail(recipient: str, subject: str, text: str, html: str = "<p>Hello</p>") -> SystemMail:
    return SystemMail(recipient=recipient, subject=subject, body_text=text, body_html=html)


def _read(recipient: str, subject: str, text: str) -> EmailMessage:
    message = composing.compose(_mail(recipient, subject, text))
    return email.message_from_bytes(message, policy=policy.default)  # type: ignore[return-value]


def _header_lines(message: bytes) -> list[bytes]:
    head = message.partition(b"\r\n\r\n")[0]
    return [line for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
