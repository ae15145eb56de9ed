"""BDAT (RFC 3030) together with PIPELINING: the whole message in one write, and every reply still its own."""

import asyncio

import pytest

from mailrith.smtp.server import Timeouts
from mailrith.smtp.session import ONE_WRITE_BYTES

MESSAGE = b"From: <news@example.org>\r\nSubject: Hello\r\n\r\nHi\r\n"
ADA, BOB, NEWS = "ada@example.com", "bob@example.com", "news@example.org"
SHORT = Timeouts(connect=2, greeting=2, command=0.1, data=0.1, block=0.1, dot=0.1)


@pytest.fixture
def chunked(start_smtpd):
    return start_smtpd(extensions=("PIPELINING", "CHUNKING", "8BITMIME", "SIZE 10000000"))


async def to_both(session):
    return await session.send(NEWS, ADA, MESSAGE), await session.send(NEWS, BOB, MESSAGE)


def test_the_whole_message_goes_before_the_first_reply(chunked, talk):
    chunked.hang("MAIL")  # and reads nothing further

    async def one(session):
        task = asyncio.create_task(session.send(NEWS, ADA, MESSAGE))
        await asyncio.to_thread(chunked.wait_for, "MAIL")
        session.abort()
        return await task

    outcome = talk(chunked, one)

    # The server holds all of it, so nobody knows what it makes of it.
    assert (outcome.kind, outcome.stage) == ("in_doubt", "dot")
    assert "DATA" not in chunked.commands


@pytest.mark.parametrize(
    "body", [b".\r\n", b"..\r\n.\r\n", b"a\r\n.\r\nb\r\n", b"no end", b"lone\nfeed\r"]
)
def test_dots_are_not_doubled_where_the_length_says_the_end(chunked, talk, body):
    assert talk(chunked, lambda s: s.send(NEWS, ADA, MESSAGE + body)).kind == "sent"

    expected = MESSAGE + body.replace(b"lone\nfeed\r", b"lone\r\nfeed\r\n")
    expected += b"" if expected.endswith(b"\r\n") else b"\r\n"
    assert chunked.messages[0].content == expected
    assert f"BDAT {len(expected)} LAST" in chunked.commands


@pytest.mark.parametrize(("verb", "stage"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("dot", "dot")])
@pytest.mark.parametrize(("code", "kind"), [("450 4.2.0", "deferred"), ("550 5.1.1", "refused")])
def test_a_refusal_names_its_stage_and_the_next_message_goes_out(
    chunked, talk, verb, stage, code, kind
):
    chunked.answer(verb, f"{code} no", times=1)
    first, second = talk(chunked, to_both)

    assert (first.kind, first.stage, first.reply.words) == (kind, stage, f"{code} no")
    assert second.kind == "sent"
    assert chunked.recipients == [BOB]
    assert chunked.connections == 1


@pytest.mark.parametrize(("verb", "stage"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("dot", "dot")])
def test_a_421_defers_the_message_and_ends_the_session(chunked, talk, verb, stage):
    chunked.answer(verb, "421 4.7.0 Too many messages")

    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE), session.usable

    outcome, usable = talk(chunked, one)

    assert (outcome.kind, outcome.stage, outcome.reply.code, usable) == (
        "deferred",
        stage,
        421,
        False,
    )


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "dot"])
def test_a_line_lost_before_the_last_reply_is_in_doubt(chunked, talk, verb):
    chunked.drop(verb)
    outcome = talk(chunked, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.stage, outcome.cause) == ("in_doubt", "dot", "connection_lost")


def test_a_line_lost_after_the_recipient_was_refused_leaves_no_doubt(chunked, talk):
    chunked.answer("RCPT", "550 5.1.1 no")
    chunked.drop("early")  # the reply to the chunk
    outcome = talk(chunked, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.stage) == ("refused", "rcpt")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "dot"])
def test_silence_is_in_doubt_and_the_session_is_not_used_again(chunked, talk, verb):
    chunked.hang(verb)

    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE), session.usable

    outcome, usable = talk(chunked, one, timeouts=SHORT)

    assert (outcome.kind, outcome.cause, usable) == ("in_doubt", "timeout", False)


def test_nothing_at_all_is_written_when_it_is_forbidden_at_the_last_moment(chunked, talk):
    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE, lambda: False), session.usable

    outcome, usable = talk(chunked, one)

    assert (outcome.kind, outcome.cause, usable) == ("not_sent", "stopped_before_dot", False)
    assert not any(line.startswith(("MAIL", "BDAT")) for line in chunked.commands)


def test_what_is_neither_yes_nor_no_is_in_doubt_since_the_message_is_there(chunked, talk):
    chunked.answer("MAIL", "354 Go on")
    outcome = talk(chunked, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.stage, outcome.cause) == ("in_doubt", "dot", "not_smtp")


def test_a_large_message_takes_data_so_that_its_dot_can_wait(chunked, talk):
    message = MESSAGE + b"x" * ONE_WRITE_BYTES
    outcome = talk(chunked, lambda s: s.send(NEWS, ADA, message, lambda: False))

    assert (outcome.kind, outcome.stage) == ("not_sent", "content")
    assert "DATA" in chunked.commands
    assert chunked.messages == []


@pytest.mark.parametrize("size", [0, ONE_WRITE_BYTES])
def test_replies_to_content_taken_for_commands_are_nobody_s(chunked, talk, size):
    """Servers are known that read the content of a refused chunk as commands, and reply to each line."""
    chunked.answer("RCPT", "550 5.1.1 no", times=1)
    chunked.answer("BDAT-keep", "unused", times=1)

    async def two(session):
        first = await session.send(NEWS, ADA, MESSAGE)
        second = await session.send(NEWS, BOB, MESSAGE + b"x" * size)
        return first, second, session.usable

    first, second, usable = talk(chunked, two)

    assert (first.kind, first.stage) == ("refused", "rcpt")
    assert (second.kind, second.cause, usable) == ("not_sent", "not_smtp", False)
    assert chunked.messages == []


def test_a_server_that_does_not_know_what_it_offers_is_left(chunked, talk):
    chunked.answer("dot", "500 5.5.2 What?")

    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE), session.usable

    outcome, usable = talk(chunked, one)

    assert (outcome.kind, outcome.stage, usable) == ("refused", "dot", False)


@pytest.mark.parametrize("ending", [b"\n.\n", b"\r.\r", b"\r\n.\r\n", b"\n.\r\n", b"\r\n.\r"])
def test_no_spelling_of_the_end_of_data_smuggles_a_second_message(chunked, talk, ending):
    smuggled = b"MAIL FROM:<x@y.test>\r\nRCPT TO:<eve@y.test>\r\nDATA\r\nowned\r\n.\r\n"
    outcome = talk(chunked, lambda s: s.send(NEWS, ADA, MESSAGE + b"a" + ending + smuggled))

    assert outcome.kind == "sent"
    assert chunked.recipients == [ADA]
    content = chunked.messages[0].content
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
