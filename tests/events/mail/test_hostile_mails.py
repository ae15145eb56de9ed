"""Mails that are built to break or to hold up whoever reads them: each is read, and work on it is bounded."""

import random

import pytest

from mailrith.events.mail import parts, prose, read_mail
from mailrith.smtp.diagnosis import REASONS, diagnose

HEAD = b"From: MAILER-DAEMON@mx.example\nSubject: failure notice\nReturn-Path: <>\n"
REPORT = HEAD + b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/"


def nested(count):
    each = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    return HEAD + b"".join(each % (i, i) for i in range(count))


# Each of these took minutes or ended in a traceback in some reader of mail.
MAILS = {
    "ten thousand boxes in boxes": nested(10_000),
    "ten thousand returned mails": HEAD + b"Content-Type: message/rfc822\n\n" * 10_000,
    "ten thousand parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nuser unknown <a@b.example>\n" * 10_000,
    "ten megabytes": HEAD + b"\n" + b"user <a@b.example> unknown from host \n" * 270_000,
    "one line": HEAD + b"\n" + b"a@" * 5_000_000,
    "empty lines": HEAD + b"\n" * 200_000,
    "dashes": HEAD + b"\n" + b"- \n" * 60_000,
    "blanks": HEAD + b"\n" + b" " * 1_000_000,
    "addresses": HEAD + b"\n" + b"<a@b.example>: x\n" * 60_000,
    "an endless recipient": HEAD + b"\nTo: " + b"a" * 200_000,
    "open angles": HEAD + b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
    "open styles": HEAD + b"Content-Type: text/html\n\n" + b"<style>" * 140_000,
    "open comments": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 250_000,
    "groups": REPORT
    + b"delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n" * 5_000,
    "one field": REPORT + b"delivery-status\n\n" + b"X: y\n" * 30_000,
    "complainers": REPORT
    + b"feedback-report\n\nFeedback-Type: abuse\n"
    + b"Original-Rcpt-To: a@b.example\n" * 40_000,
    "encoded words": b"From: MAILER-DAEMON\nSubject: " + b"=?utf-8?q?a?= " * 70_000 + b"\n\nx",
    "parameters": HEAD + b"Content-Type: text/plain" + b"; a*0*=b" * 3_000 + b"\n\nx",
}


@pytest.mark.parametrize("name", MAILS)
def test_it_is_read_all_the_same(name):
    assert read_mail(MAILS[name])


def test_what_is_looked_at_is_bounded():
    mail = parts.take_apart(MAILS["ten megabytes"])

    assert len(mail.prose) <= parts.LONGEST_PROSE
    assert len(parts.take_apart(nested(10_000)).parts) <= parts.MAX_PARTS
    assert len(prose.read(mail)) <= prose.MOST_NAMED


CHARSETS = ["idna", "punycode", "rot13", "hex", "zlib", "base64", "undefined", "unicode_escape", "utf-16", "x\0y", "ü"]  # fmt: skip


@pytest.mark.parametrize("charset", CHARSETS)
def test_no_charset_breaks_the_reading(charset):
    named = b'Content-Type: text/plain; charset="%s"\n\n' % charset.encode()

    assert read_mail(HEAD + named + b"\xff\xfe\x00 <a@b.example>: 550 5.1.1 user unknown\n")


def test_a_text_that_is_cut_within_a_letter_is_read():
    body = ("ü" * parts.LONGEST_TEXT).encode()
    mail = parts.take_apart(HEAD + b"Content-Type: text/plain; charset=utf-8\n\nx" + body)

    assert mail.prose.startswith("xüüü")
    assert "Ã" not in mail.prose


def test_random_bytes_are_read():
    chance = random.Random(20260101)  # always the same ones
    pieces = [b"Content-Type: ", b"multipart/report", b"; boundary=", b"b", b"\n", b"\n--b\n", b"--b--", b"Status: 5.1.1", b"Action: failed", b"Final-Recipient: ", b"rfc822;", b"a@b.example", b"\xff", b"=?utf-8?b?", b"Subject: ", b"message/rfc822", b"charset=", b"\r", b"\0", b"utf-16"]  # fmt: skip
    for _ in range(150):
        raw = HEAD + b"".join(chance.choices(pieces, k=chance.randrange(80)))
        assert read_mail(raw)


@pytest.mark.parametrize("word", ["user", "from", "relay", "not", "a", "<a@b.example>", "exceeded"])
def test_a_sentence_of_one_word_is_understood_as_nothing_special(word):
    assert diagnose(f"{word} " * 1000).reason in REASONS
