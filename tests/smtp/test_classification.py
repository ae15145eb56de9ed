import pytest

from mailrith.smtp.causes import CAUSES
from mailrith.smtp.classification import RULES, classify
from mailrith.smtp.replies import Reply


def verdict(stage, words):
    code, _, text = words.partition(" ")
    reply = Reply(int(code), text)
    return classify(stage, reply.code, reply.enhanced, reply.text)


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown",
        "550 5.1.2 Bad destination system address",
        "553 5.1.3 Bad recipient address syntax",
        "551 5.1.6 Mailbox has moved",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
        "550 5.2.1 The email account that you tried to reach is disabled",
    ],
)
def test_only_a_status_about_the_recipient_at_rcpt_is_a_hard_bounce(words):
    found = verdict("rcpt", words)

    assert (found.kind, found.scope, found.retry) == ("hard", "recipient", False)
    for stage in ("mail", "data", "dot", "auth", "greeting"):
        assert verdict(stage, words).kind != "hard"


@pytest.mark.parametrize(
    "words",
    [
        "550 No such user here",
        "550 User unknown",
        "550 5.0.0 rejected",
        "554 Transaction failed",
        "550 5.7.1 Message rejected due to spam content",
        "550 5.2.2 Mailbox full",
        "550 5.7.26 Unauthenticated email is not accepted due to DMARC policy",
        "550 5.4.1 Recipient address rejected: Access denied",
        "450 4.1.1 unknown for now",
    ],
)
def test_nothing_else_is_a_hard_bounce(words):
    assert verdict("rcpt", words).kind != "hard"


@pytest.mark.parametrize(
    ("stage", "words", "kind", "cause"),
    [
        ("rcpt", "550 No such user here", "message", "refused"),
        ("dot", "554 5.7.1 Message contains spam or virus", "block", "content_refused"),
        ("dot", "550 5.7.26 Fails DMARC", "block", "policy_refused"),
        (
            "rcpt",
            "554 5.7.1 Service unavailable; client blocked using Spamhaus",
            "block",
            "policy_refused",
        ),
        ("rcpt", "552 5.2.2 Mailbox over quota", "soft", "mailbox_full"),
        ("rcpt", "452 4.2.2 Over quota", "deferred", "mailbox_full"),
        ("rcpt", "452 4.3.1 Insufficient system storage", "deferred", "temporary"),
        ("mail", "552 5.3.4 Message size exceeds fixed limit", "message", "message_too_large"),
        ("dot", "552 Too big", "message", "message_too_large"),
        ("rcpt", "450 4.7.1 Greylisted, try again in 300 seconds", "deferred", "greylisted"),
        ("rcpt", "451 4.7.1 Greylisting in action", "deferred", "greylisted"),
        ("rcpt", "421 4.7.28 Unusual rate of mail from your IP", "deferred", "slow_down"),
        ("rcpt", "452 4.5.3 Too many recipients", "deferred", "too_many_recipients"),
        ("dot", "451 4.3.0 Temporary lookup failure", "deferred", "temporary"),
        ("rcpt", "451 hm", "deferred", "temporary"),
        ("dot", "550 5.6.0 Lone CR", "message", "content_refused"),
        ("dot", "500 5.5.2 Syntax error", "message", "protocol"),
        ("local", "553 5.6.7 no SMTPUTF8", "message", "address_unsupported"),
        ("local", "553 5.1.3 characters", "message", "address_malformed"),
    ],
)
def test_a_refusal_of_one_message_leaves_the_connection_alone(stage, words, kind, cause):
    found = verdict(stage, words)

    assert (found.kind, found.cause) == (kind, cause)
    assert found.scope != "connection"
    assert found.retry == (kind == "deferred")


@pytest.mark.parametrize(
    ("stage", "words", "cause"),
    [
        ("auth", "535 5.7.8 Username and Password not accepted", "auth_refused"),
        ("auth", "534 5.7.9 Application-specific password required", "auth_app_password"),
        ("auth", "454 4.7.0 Temporary authentication failure", "auth_temporary"),
        ("auth", "538 5.7.11 Encryption required", "starttls_required"),
        ("greeting", "421 4.3.2 Too many connections", "too_many_connections"),
        ("greeting", "554 5.7.1 No SMTP service here", "greeting_refused"),
        ("greeting", "554 no", "greeting_refused"),
        ("mail", "530 5.7.0 Must issue a STARTTLS command first", "starttls_required"),
        ("mail", "530 5.7.1 Authentication required", "auth_required"),
        ("rcpt", "550 5.7.1 Authentication required", "auth_required"),
        ("rcpt", "554 5.7.1 <x@y>: Relay access denied", "relay_denied"),
        ("rcpt", "550 relaying denied", "relay_denied"),
        ("mail", "454 Throttling failure: Daily message quota exceeded.", "quota"),
        ("mail", "454 Throttling failure: Maximum sending rate exceeded.", "quota"),
        ("mail", "550 5.4.5 Daily user sending limit exceeded", "quota"),
        ("dot", "451 Maximum credits exceeded", "quota"),
        ("rcpt", "550 5.1.90 You have reached your daily limit for message recipients", "quota"),
        ("dot", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "quota"),
        ("mail", "553 5.7.1 Sender address rejected: not owned by user", "sender_refused"),
        ("rcpt", "553 5.7.1 <a@b>: Sender address rejected: not owned by user x", "sender_refused"),
        ("rcpt", "550 5.1.8 Sender domain does not exist", "sender_refused"),
        ("dot", "554 Message rejected: Email address is not verified.", "sender_refused"),
        (
            "dot",
            "550 5.7.60 Client does not have permissions to send as this sender",
            "send_as_refused",
        ),
        ("dot", "535 5.7.8 Bad credentials", "auth_refused"),
        ("rcpt", "550 5.7.1 Your account has been suspended", "account_blocked"),
    ],
)
def test_a_refusal_of_the_connection_blames_nobody(stage, words, cause):
    found = verdict(stage, words)

    assert (found.cause, found.scope) == (cause, "connection")


def test_every_verdict_has_words_for_people():
    for rule in RULES:
        assert rule.verdict.cause in CAUSES
        assert rule.verdict.sentence.endswith(".")


def test_every_cause_says_what_why_and_what_to_do():
    for key, cause in CAUSES.items():
        assert cause.title, key
        assert not cause.title.endswith("."), key
        for sentence in (cause.what, cause.likely, *cause.todo):
            assert sentence.endswith("."), (key, sentence)


def test_a_long_hostile_reply_is_classified_at_once():
    import time

    start = time.perf_counter()
    classify("dot", 550, "", "sending " * 20_000)
    classify("dot", 550, "", "account" + " " * 100_000 + "limit")

    assert time.perf_counter() - start < 0.05
