"""What the words and codes of a bounce mean."""

import pytest

from mailrith.smtp.diagnosis import REASONS, diagnose
from mailrith.smtp.diagnosis.codes import ENHANCED, REPLIES, enhanced_codes, reply_code
from mailrith.smtp.diagnosis.phrases import RULES, SAYINGS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.reason}: {rule.example[:40]}")
def test_each_row_decides_about_its_own_example(rule):
    assert diagnose(rule.example).reason == rule.reason


def test_each_saying_decides_wherever_it_is_said():
    wrong = [
        (piece, reason)
        for row in SAYINGS
        for piece in row.said
        if (reason := diagnose(f"550 x{piece}y").reason) != row.reason
    ]

    assert wrong == []


def test_every_reason_that_a_row_or_a_code_names_is_described():
    rows = (*RULES, *SAYINGS)
    named = (
        {row.reason for row in rows}
        | {row.at_rcpt for row in rows if row.at_rcpt}
        | set(ENHANCED.values())
        | set(REPLIES.values())
    )

    assert named <= REASONS.keys()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist.", "user_unknown"),
        ("550 Requested action not taken: no such user here", "user_unknown"),
        ("550 5.4.1 Recipient address rejected: Access denied.", "user_unknown"),
        ("554 delivery error: dd This user doesn't have a yahoo.example account", "user_unknown"),
        ("550 5.1.1 <x@y.example>... Benutzer unbekannt", "user_unknown"),
        ("452 4.2.2 The recipient's inbox is out of storage space", "mailbox_full"),
        ("550 5.7.1 Message rejected due to DMARC policy", "auth_failure"),
        ("554 5.7.1 Service unavailable; blocked using bl.spamcop.net", "blocked"),
        ("550 5.2.1 The email account that you tried to reach is disabled", "mailbox_disabled"),
        ("553 5.1.8 <b@c.example>: Sender address rejected: Domain not found", "rejected"),
        ("421 4.7.0 Try again later, rate limit exceeded", "rate"),
        ("connect to mx.y.example[192.0.2.9]:25: Connection timed out", "network"),
        ("550 relay not permitted", "relaying"),
    ],
)
def test_the_words_decide(words, reason):
    assert diagnose(words).reason == reason


def test_the_words_win_over_a_code_that_says_something_else():
    assert diagnose("550 5.1.1 mailbox is full").reason == "mailbox_full"


def test_codes_decide_where_the_words_say_nothing():
    assert diagnose("", status="5.1.1").kind == "hard"
    assert diagnose("550 5.2.2 XYZ-17").reason == "mailbox_full"
    assert diagnose("556 XYZ").reason == "not_accepting"


def test_a_bare_550_is_nobody_s_end():
    assert diagnose("550 XYZ").kind == "soft"
    assert diagnose("550 failed", status="5.0.0").kind == "soft"


def test_who_is_unknown_only_after_the_whole_message_was_filtered():
    at_rcpt = "550 User unknown (in reply to RCPT TO command)"
    at_the_end = "550 User unknown (in reply to end of DATA command)"

    assert diagnose(at_rcpt).kind == "hard"
    assert diagnose(at_the_end).kind == "soft"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.1.1 user unknown (in reply to MAIL FROM command)", "rejected"),
        ("SMTP error after initial connection: host mx.example: 550 unknown user", "blocked"),
        (
            "192.0.2.1 failed after I sent the message. Remote host said: 550 no such user",
            "filtered",
        ),
        ("192.0.2.1 does not like recipient. Remote host said: 550 no such user", "user_unknown"),
        ("550 550 <a@b.example> No such user here (state 17).", "filtered"),
        ("550 550 <a@b.example> No such user here (state 14).", "user_unknown"),
    ],
)
def test_who_is_unknown_depends_on_when_it_was_said(words, reason):
    assert diagnose(words).reason == reason


def test_a_reply_passed_on_without_its_command_gives_nobody_up_unless_its_code_does():
    assert diagnose("550 No such user", stage="retold").kind == "soft"
    assert diagnose("550 5.1.1 No such user", stage="retold").kind == "hard"


def test_gateways_that_know_their_own_people_are_believed():
    at_verizon = (
        "550 - Requested action not taken: no such user here Message details: RCPT TO: 17@vtext.com"
    )

    assert diagnose(at_verizon, stage="retold").kind == "hard"
    assert diagnose("550 <a@ezweb.ne.jp>: User unknown", stage="retold").kind == "hard"


def test_the_sender_s_fault_is_never_the_person_s():
    for reason in ("blocked", "auth_failure", "policy", "rejected", "spam", "reputation", "rate"):
        assert REASONS[reason].kind == "block"


def test_what_is_still_tried_is_deferred():
    found = diagnose("450 4.2.2 mailbox full", deferred=True)

    assert (found.kind, found.retry) == ("deferred", True)


def test_repeated_codes_of_many_lines_do_not_break_the_sentence():
    words = "550-5.1.1 The email account that you tried 550-5.1.1 to reach does not 550 5.1.1 exist"

    assert diagnose(words).reason == "user_unknown"


def test_versions_and_addresses_are_no_codes():
    assert enhanced_codes("server 4.5.6.7 and v5.1.1.2") == []
    assert reply_code("at 192.0.2.550:25") is None


@pytest.mark.parametrize("words", ["", "\x00\x1b[31m", "a" * 100_000, "ü" * 5000, "550 " * 3000])
def test_nothing_is_too_odd_to_be_read(words):
    assert diagnose(words).reason in REASONS
