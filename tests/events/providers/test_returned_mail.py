"""Bounces and complaints that a relay posts as mails."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.providers import returned_mail
from mailrith.events.reports import BadSignature, Keys, Report, Unusable
from tests.events.providers.cases import MESSAGE_ID, basic, ours, post

ORIGINAL = f"""Content-Type: message/rfc822

Message-ID: <{MESSAGE_ID}>
From: News <news@letters.example>
To: ann@post.example
Subject: News

Hello.
"""


def _bounce(status="5.1.1", words="550 5.1.1 <ann@post.example>: user unknown", action="failed"):
    return f"""Date: Wed, 06 May 2026 09:08:09 +0200
Message-ID: <1@mx.post.example>
From: MAILER-DAEMON@mx.post.example
To: bounces@letters.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.post.example

Final-Recipient: rfc822; ann@post.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
{ORIGINAL}
--b--
""".replace("\n", "\r\n").encode()


def _feedback(kind):
    return f"""Date: Wed, 06 May 2026 09:08:09 +0200
Message-ID: <2@fbl.post.example>
From: fbl@post.example
Subject: FW: News
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

A report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Loop/1.0
Version: 1
Original-Rcpt-To: ann@post.example

--b
{ORIGINAL}
--b--
""".replace("\n", "\r\n").encode()


def test_the_returned_message_id_leads_to_the_delivery():
    [found] = returned_mail.parse(_bounce())

    assert found.kind == FactKind.HARD_BOUNCE
    assert found.message_id == MESSAGE_ID
    assert found.recipient == "ann@post.example"
    assert found.occurred_at == datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert found.enhanced_status == "5.1.1"
    assert "user unknown" in found.diagnostic


@pytest.mark.parametrize(
    ("mail", "kind"),
    [
        (_bounce("5.2.2", "552 5.2.2 mailbox full"), FactKind.SOFT_BOUNCE),
        (_bounce("5.7.1", "550 5.7.1 blocked, see Spamhaus"), FactKind.BLOCK),
        (_bounce("4.4.1", "connect: connection timed out", "delayed"), FactKind.DEFERRED),
        (_bounce("2.0.0", "250 ok", "delivered"), FactKind.DELIVERED),
        (_feedback("abuse"), FactKind.COMPLAINT),
        (_feedback("opt-out"), FactKind.UNSUBSCRIBED),
        (_feedback("auth-failure"), FactKind.BLOCK),
    ],
)
def test_each_report_has_its_kind(mail, kind):
    [found] = returned_mail.parse(mail)

    assert (found.kind, found.message_id) == (kind, MESSAGE_ID)


def test_not_spam_is_no_complaint():
    [found] = returned_mail.parse(_feedback("not-spam"))

    assert isinstance(found, Unusable)
    assert not found.refused


@pytest.mark.parametrize(
    "head", ["Auto-Submitted: auto-replied\r\nSubject: Out of office", "Subject: Hello"]
)
def test_an_answer_and_a_letter_are_left_alone(head):
    [found] = returned_mail.parse(f"From: ann@post.example\r\n{head}\r\n\r\nI am away.".encode())

    assert isinstance(found, Unusable)
    assert not found.refused


def test_a_bounce_without_our_message_changes_nothing():
    [found] = returned_mail.parse(_bounce().replace(b"Message-ID: <0123", b"X-Other: <0123"))

    assert isinstance(found, Unusable)


def test_two_people_in_one_report_are_two_reports():
    second = b"Final-Recipient: rfc822; bob@post.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    mail = _bounce().replace(
        b"\r\n--b\r\nContent-Type: message/rfc822",
        b"\r\n" + second + b"\r\n--b\r\nContent-Type: message/rfc822",
    )

    found = returned_mail.parse(mail)

    assert [each.recipient for each in found] == ["ann@post.example", "bob@post.example"]
    assert found[0].event_id != found[1].event_id


def test_the_same_mail_by_two_ways_is_the_same_event():
    once, again = _bounce(), b"Received: from relay.example\r\n" + _bounce()

    assert returned_mail.parse(once) == returned_mail.parse(again)


def test_an_empty_body_is_refused_with_a_hint():
    assert isinstance(returned_mail.parse(b" \r\n"), Unreadable)


@pytest.mark.parametrize(
    "date", ["", "soon", "Wed, 06 May 2026 09:08:09 -0000", "Fri, 31 Dec 9999 23:59:59 -1400"]
)
def test_a_date_that_is_none_is_left_out(date):
    mail = _bounce().replace(b"Wed, 06 May 2026 09:08:09 +0200", date.encode())

    [found] = returned_mail.parse(mail)

    assert found.occurred_at is None


def test_only_who_knows_a_secret_of_ours_may_post():
    mail = _bounce()

    assert returned_mail.verify(basic(mail, "whs_old"), ours("whs_new", "whs_old")) is None
    assert (
        returned_mail.verify(post(mail, {"X-Mailrith-Secret": "whs_new"}), ours("whs_new")) is None
    )
    for refused in (post(mail, {}), basic(mail, "whs_strange"), basic(mail, "")):
        assert isinstance(returned_mail.verify(refused, ours("whs_new")), BadSignature)
    assert isinstance(returned_mail.verify(basic(mail, ""), Keys(("",))), BadSignature)


@given(body=st.binary(), place=st.integers(0, 1500), piece=st.binary(max_size=40))
def test_whatever_is_posted_is_read_or_refused(body, place, piece):
    mail = _bounce()
    for each in (body, mail[:place] + piece + mail[place:], mail[:place]):
        found = returned_mail.parse(each)
        if isinstance(found, Unreadable):
            continue
        assert found
        for one in found:
            assert isinstance(one, (Report, Unusable))
            texts = (
                (one.event,)
                if isinstance(one, Unusable)
                else (one.message_id, one.recipient or "", one.event_id, one.diagnostic)
            )
            for text in texts:
                assert "\0" not in text
                text.encode()
