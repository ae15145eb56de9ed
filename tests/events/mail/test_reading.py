"""Mails that come back, in the shapes that servers write them."""

from textwrap import dedent

import pytest

from mailrith.events.mail import read_mail


def mail(text):
    return dedent(text).lstrip("\n").replace("\n", "\r\n").encode()


def report(*recipients, prose="Your message could not be delivered.", to="a@list.example"):
    groups = "\n\n".join(recipients)
    head = """\
From: MAILER-DAEMON@mx.example
To: bounces@news.example
Subject: Undelivered Mail Returned to Sender
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

"""
    body = f"""{prose}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{groups}

--b
Content-Type: text/rfc822-headers

Message-ID: <17@news.example>
To: {to}
Subject: Hello

--b--
"""
    return (head + body).encode()


def only(raw):
    (found,) = read_mail(raw)
    return found


def test_a_report_names_who_why_and_which_mail():
    found = only(
        report(
            "Final-Recipient: rfc822; a@list.example\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <a@list.example>: User unknown\n in virtual table"
        )
    )

    assert (found.kind, found.reason) == ("hard", "user_unknown")
    assert (found.recipient, found.message_id) == ("a@list.example", "17@news.example")
    assert (found.enhanced_status, found.reply_code) == ("5.1.1", 550)


def test_every_recipient_of_a_report_is_told_apart():
    found = read_mail(
        report(
            "Final-Recipient: rfc822; a@list.example\nAction: failed\nStatus: 5.1.1",
            "Final-Recipient: rfc822; b@list.example\nAction: failed\nStatus: 5.2.2",
        )
    )

    assert [(f.recipient, f.kind) for f in found] == [
        ("a@list.example", "hard"),
        ("b@list.example", "soft"),
    ]


def test_the_person_we_mailed_counts_and_not_where_it_was_forwarded_to():
    found = only(
        report(
            "Original-Recipient: rfc822; a@list.example\nFinal-Recipient: rfc822; hidden@other.example\n"
            "Action: failed\nStatus: 5.1.1"
        )
    )

    assert found.recipient == "a@list.example"


def test_a_poor_report_is_read_with_the_words_for_people():
    found = only(
        report(
            "Final-Recipient: rfc822; a@list.example\nAction: failed\nStatus: 5.0.0",
            prose="a@list.example: 552 5.2.2 Mailbox full",
        )
    )

    assert (found.kind, found.reason) == ("soft", "mailbox_full")


def test_a_report_with_a_reply_but_no_command_gives_up_only_whom_its_code_names():
    said = "Final-Recipient: rfc822; a@list.example\nAction: failed\nStatus: {}\nDiagnostic-Code: smtp; 550 No such user here, sorry"

    assert only(report(said.format("5.0.0"))).kind == "soft"
    assert only(report(said.format("5.1.1"))).kind == "hard"
    at_rcpt = "<a@list.example>: host mx.list.example said: 550 No such user (in reply to RCPT TO command)"
    assert only(report(said.format("5.0.0"), prose=at_rcpt)).kind == "hard"


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("delivered", "2.0.0", "delivered"),
        ("relayed", "2.0.0", "delivered"),
        ("delayed", "4.4.1", "deferred"),
    ],
)
def test_good_news_and_delays_are_no_bounces(action, status, kind):
    raw = report(f"Final-Recipient: rfc822; a@list.example\nAction: {action}\nStatus: {status}")

    assert only(raw).kind == kind


def test_qmail_writes_for_people_only():
    found = only(
        mail(
            """
            From: MAILER-DAEMON@mx.example
            Subject: failure notice
            Return-Path: <>

            Hi. This is the qmail-send program at mx.example.

            <a@list.example>:
            192.0.2.7 does not like recipient.
            Remote host said: 550 sorry, no mailbox here by that name (#5.1.1)
            Giving up on 192.0.2.7.

            --- Below this line is a copy of the message.

            Message-ID: <17@news.example>
            To: a@list.example
            Subject: Your user is unknown and over quota

            Hello
            """
        )
    )

    assert (found.kind, found.recipient) == ("hard", "a@list.example")
    assert found.message_id == "17@news.example"


def test_a_transcript_says_of_each_person_what_was_said_at_their_turn():
    found = read_mail(
        mail(
            """
            From: Mail Delivery Subsystem <MAILER-DAEMON@old.example>
            To: bounces@news.example
            Subject: Returned mail: User unknown

               ----- Transcript of session follows -----
            While talking to mx.list.example:
            >>> MAIL From:<bounces@news.example>
            <<< 501 <bounces@news.example>... no access from mail server [192.0.2.55] which is an open relay.
            554 <ada@list.example>... Remote protocol error
            550 <bob@gone.example>... 550 Host unknown (Authoritative answer from name server)
            While talking to mx.other.example:
            >>> RCPT To:<eve@other.example>
            <<< 550 <eve@other.example>... User unknown
            550 <eve@other.example>... User unknown

               ----- Unsent message follows -----
            Received: by old.example; Thu, 29 Apr 1999 23:34:45 +0900
            To: ada@list.example
            """
        )
    )

    assert [(f.recipient, f.kind, f.reason) for f in found] == [
        ("ada@list.example", "block", "blocked"),
        ("bob@gone.example", "hard", "host_unknown"),
        ("eve@other.example", "hard", "user_unknown"),
    ]


def test_a_list_s_own_letters_are_no_refusals():
    found = only(mail("From: ada@list.example\nX-MLServer: fml\nSubject: Hello\n\nHello all\n"))

    assert found.kind == "none"


def test_exim_names_the_failed_ones_in_a_header():
    found = only(
        mail(
            """
            From: Mail Delivery System <Mailer-Daemon@mx.example>
            X-Failed-Recipients: a@list.example
            Subject: Mail delivery failed: returning message to sender

            A message that you sent could not be delivered to one or more of its recipients.

              a@list.example
                host mx.list.example [192.0.2.7]
                SMTP error from remote mail server after RCPT TO:<a@list.example>:
                550 5.7.1 Blocked because of your reputation
            """
        )
    )

    assert (found.kind, found.recipient) == ("block", "a@list.example")


def complaint(kind="abuse", extra="Original-Rcpt-To: a@list.example\n"):
    return f"""\
From: fbl@mailbox.example
Subject: FW: Hello
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Reports/1.0
Version: 1
{extra}
--b
Content-Type: message/rfc822

Message-ID: <17@news.example>
To: a@list.example
Subject: Hello

Hello
--b--
""".encode()


def test_a_complaint_names_who_complained():
    found = only(complaint())

    assert (found.kind, found.reason, found.recipient) == ("complaint", "abuse", "a@list.example")
    assert found.message_id == "17@news.example"


def test_a_complaint_without_a_name_is_about_whom_the_mail_went_to():
    assert only(complaint(extra="")).recipient == "a@list.example"


def test_not_spam_is_the_opposite_of_a_complaint():
    assert only(complaint("not-spam")).kind == "none"


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Out of Office: Hello",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_:_Bonjour?=",
    ],
)
def test_a_holiday_is_no_bounce(header):
    subject = "" if header.startswith("Subject") else "Subject: Re: Hello\n"
    raw = f"From: Ada <a@list.example>\n{subject}{header}\n\nI am away. No such user will answer."
    found = only(raw.encode())

    assert (found.kind, found.recipient) == ("auto_reply", "a@list.example")


def test_an_ordinary_answer_says_nothing():
    raw = b"From: Ada <a@list.example>\nSubject: Re: Hello\n\nThanks, user unknown was a good joke."

    assert only(raw).kind == "none"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\n--b\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 500,
        b"From: MAILER-DAEMON\nSubject: failure\nContent-Type: text/plain; charset=nonsense\n\n\xff\xfe",
        b"Subject: =?utf-8?b?!!!?=\nFrom: =?x?q?" + b"=" * 500,
        b"A: b\n" * 20_000,
    ],
)
def test_broken_mails_are_read_without_a_complaint(raw):
    assert read_mail(raw)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (
            '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@list.example","status":"5.1.1"}]}}',
            ["hard"],
        ),
        (
            '{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@list.example"}]}}',
            ["complaint"],
        ),
        (
            '{"notificationType":"Delivery","delivery":{"recipients":["a@list.example"],"smtpResponse":"250 ok"}}',
            ["delivered"],
        ),
        ('{"notificationType":', ["none"]),
    ],
)
def test_a_topic_of_amazon_s_may_write_mails(said, kinds):
    raw = f"From: no-reply@sns.amazonaws.example\nSubject: AWS Notification Message\n\n{said}\n\n--\nTo leave, see https://a.example\n"
    found = read_mail(raw.encode())

    assert [str(report.kind) for report in found] == kinds
    assert {report.recipient for report in found} <= {"a@list.example", ""}
