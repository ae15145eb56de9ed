"""The local inbox: takes everything, shows refusals on purpose, and never grows without end."""

import smtplib
import socket
import time

import pytest

from mailrith.demo import inbox, mailbox, reading

LETTER = (
    b"From: Hannah at =?utf-8?q?Caf=C3=A9?= <hannah@post.example>\r\n"
    b"To: amara@readers.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"List-Unsubscribe: <http://127.0.0.1:8000/u/abc>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGuten Morgen, caf=C3=A9.\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Guten <b>Morgen</b></p>\r\n--b--\r\n"
)


def test_a_mail_sent_to_the_port_is_in_the_box(server):
    box, port = server

    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("hannah@post.example", ["amara@readers.example"], LETTER)

    [letter] = wait_for(box, 1)
    assert letter.recipient == "amara@readers.example"
    assert letter.subject == "Grüße"
    assert letter.sender == "Hannah at Café <hannah@post.example>"
    assert letter.unread


def test_any_password_opens(server):
    box, port = server

    with smtplib.SMTP("127.0.0.1", port) as client:
        client.login("anybody", "anything")
        client.sendmail("a@post.example", ["b@readers.example"], LETTER)

    assert wait_for(box, 1)


def test_sample_people_without_a_mailbox_are_refused_for_good(server):
    _, port = server

    with (
        smtplib.SMTP("127.0.0.1", port) as client,
        pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
    ):
        client.sendmail("a@post.example", ["gone.ben@readers.example"], LETTER)

    [(code, words)] = refused.value.recipients.values()
    assert (code, words[:5]) == (550, b"5.1.1")


def test_sample_people_with_a_full_mailbox_have_room_the_second_time(server):
    box, port = server
    person = "full.ben@readers.example"

    with smtplib.SMTP("127.0.0.1", port) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@post.example", [person], LETTER)
        client.sendmail("a@post.example", [person], LETTER)

    assert wait_for(box, 1)


def test_what_was_taken_is_stored_before_the_end(tmp_path):
    port = free_port()
    with inbox.start("127.0.0.1", port, tmp_path), smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(300):
            client.sendmail("a@post.example", [f"p{number}@readers.example"], LETTER)

    assert mailbox.Mailbox(tmp_path).counts() == (300, 300)


def test_the_oldest_mails_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "KEPT", 10)
    box = mailbox.Mailbox(tmp_path)

    for number in range(25):
        box.add([arrival(f"p{number}@readers.example")])

    assert [letter.recipient for letter in box.find()][:2] == [
        "p24@readers.example",
        "p23@readers.example",
    ]
    assert box.counts()[0] == 10


def test_search_finds_by_recipient_sender_and_subject(tmp_path):
    box = mailbox.Mailbox(tmp_path)
    box.add([arrival("amara@readers.example"), arrival("ben@other.example")])

    assert [letter.recipient for letter in box.find("AMARA")] == ["amara@readers.example"]
    assert len(box.find("grü")) == 2
    assert len(box.find("hannah")) == 2
    assert box.find("100%_nothing") == []


def test_a_mail_is_taken_apart_as_a_mail_program_would(tmp_path):
    box = mailbox.Mailbox(tmp_path)
    box.add([arrival("amara@readers.example")])
    [letter] = box.find()

    parts = reading.parts_of(letter)

    assert parts.text.strip() == "Guten Morgen, café."
    assert "<b>Morgen</b>" in parts.html
    assert parts.kind == "Broadcast"
    assert parts.one_click == "http://127.0.0.1:8000/u/abc"
    assert "Content-Type: multipart" in parts.headers
    assert "--b" in parts.source
    assert "--b" not in parts.headers
    assert reading.snippet_of(letter) == "Guten Morgen, café."


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"no head at all",
        b"Subject: =?nonsense?q?x?=\r\n\r\nbody",
        b"Content-Type: text/html; charset=martian\r\n\r\n<p>\xff",
        b"Subject: \xff\xfe\r\nFrom: <<>>\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing follows",
    ],
)
def test_the_oddest_mail_can_be_shown(tmp_path, raw):
    box = mailbox.Mailbox(tmp_path)
    sender, subject = reading.head_of(raw)
    box.add([mailbox.arrived_now("a@readers.example", sender, subject, raw)])
    [letter] = box.find()

    assert reading.parts_of(letter).source is not None
    assert len(reading.snippet_of(letter)) <= reading.SNIPPET


def arrival(recipient: str) -> mailbox.Arrival:
    sender, subject = reading.head_of(LETTER)
    return mailbox.arrived_now(recipient, sender, subject, LETTER)


def wait_for(box: mailbox.Mailbox, count: int) -> list[mailbox.Letter]:
    end = time.monotonic() + 5
    while box.counts()[0] < count and time.monotonic() < end:
        time.sleep(0.01)
    return box.find()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(tmp_path):
    port = free_port()
    with inbox.start("127.0.0.1", port, tmp_path) as box:
        yield box, port
