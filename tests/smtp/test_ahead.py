"""The envelope of the next message, written while the dot of the present one is answered (RFC 2920, 3.1)."""

import asyncio

import pytest

from mailrith.smtp.server import Timeouts

MESSAGE = b"Subject: Hello\r\n\r\nHi\r\n"
NEWS, ADA, BOB = "news@example.org", "ada@example.com", "bob@example.com"
OPENED = ("250 sender", "250 recipient", "354 go on")
END = b"\r\n.\r\n"
BOTH = f"MAIL FROM:<{NEWS}>\r\nRCPT TO:<{BOB}>\r\nDATA\r\n".encode()
SHORT = Timeouts(connect=2, greeting=2, command=0.1, data=0.1, block=0.1, dot=2)


async def to_both(session, may_finish=lambda: True):
    """Ada's message, with Bob's envelope right behind its dot; then Bob's, if the line still carries anything."""

    def after_dot():
        assert session.send_ahead(NEWS, BOB, MESSAGE)
        assert session.committed

    first = await session.send(NEWS, ADA, MESSAGE, after_dot=after_dot)
    if not session.usable:
        return first, None
    return first, await session.send(NEWS, BOB, MESSAGE, may_finish)


def begin(line):
    """As far as the dot of Ada's message and Bob's envelope: neither is answered yet."""
    line.hello()
    line.until(b"DATA\r\n")
    line.say(*OPENED)
    line.until(END)
    assert line.until(b"DATA\r\n") == BOTH


def told(outcome):
    return outcome and (outcome.kind, outcome.stage, outcome.reply and outcome.reply.code)


@pytest.mark.parametrize("way", ["say", "spell"])
def test_each_reply_is_its_own_message_s_however_it_is_cut(start_puppet, talk, way):
    def conversation(line):
        begin(line)
        getattr(line, way)("250 Ada's", *OPENED)
        assert line.until(END) == MESSAGE + b".\r\n"  # and no envelope a second time
        getattr(line, way)("250 Bob's")
        line.rest()

    first, second = talk(start_puppet(conversation), to_both)

    assert (first.reply.text, second.reply.text) == ("Ada's", "Bob's")
    assert told(second) == ("sent", "dot", 250)


@pytest.mark.parametrize(
    ("replies", "first", "second"),
    [
        # the dot is refused: nothing is left to reset, and what came behind it counts
        (["451 later", *OPENED, "250 Bob's"], ("deferred", "dot", 451), ("sent", "dot", 250)),
        (["554 spam", *OPENED, "250 Bob's"], ("refused", "dot", 554), ("sent", "dot", 250)),
        # the next envelope is refused
        (["250 ok", "451 no", "503 no", "503 no"], ("sent", "dot", 250), ("deferred", "mail", 451)),
        (["250 ok", "250 ok", "550 no", "503 no"], ("sent", "dot", 250), ("refused", "rcpt", 550)),
        (["250 ok", "250 ok", "250 ok", "451 no"], ("sent", "dot", 250), ("deferred", "data", 451)),
        # the server leaves, after the words or before them
        (["250 ok", "421 bye"], ("sent", "dot", 250), ("deferred", "mail", 421)),
        (["250 ok", "250 ok", "421 bye"], ("sent", "dot", 250), ("deferred", "rcpt", 421)),
        (["250 ok", "250 ok", "250 ok", "421 bye"], ("sent", "dot", 250), ("deferred", "data", 421)),
        (["421 bye"], ("deferred", "dot", 421), None),
        ([], ("in_doubt", "dot", None), None),
        (["250 ok", "250 ok"], ("sent", "dot", 250), ("not_sent", "rcpt", None)),
        (["250 ok", "250 ok", "250 ok"], ("sent", "dot", 250), ("not_sent", "data", None)),
        (["250 ok", *OPENED], ("sent", "dot", 250), ("in_doubt", "dot", None)),
        # it is out of step: Bob is not to blame
        (["554 no", "503 nested", *OPENED], ("refused", "dot", 554), ("not_sent", "mail", None)),
        (["354 what", *OPENED], ("in_doubt", "dot", 354), None),
        (["250 ok", "250 ok", "250 ok", "250 ok"], ("sent", "dot", 250), ("not_sent", "data", 250)),
    ],
)  # fmt: skip
def test_whatever_the_server_says_each_message_has_its_own_end(
    start_puppet,
    talk,
    replies,
    first,
    second,
):
    def conversation(line):
        begin(line)
        line.say(*replies[:4])
        if replies[4:]:
            line.until(END)
            line.say(*replies[4:])
        elif replies[3:4] == ["354 go on"]:
            line.until(END)

    found = talk(start_puppet(conversation), to_both)

    assert tuple(map(told, found)) == (first, second)


def test_a_354_for_a_refused_recipient_is_answered_with_a_lone_dot(start_puppet, talk):
    def conversation(line):
        begin(line)
        line.say("250 Ada's", "250 sender", "550 no such person", "354 go on")
        assert line.until(b".\r\n") == b".\r\n"
        line.say("554 nobody to send to")
        assert line.until(b"DATA\r\n").startswith(b"RSET\r\nMAIL")
        line.say("250 reset", *OPENED)
        line.until(END)
        line.say("250 Eve's")
        line.rest()

    async def three(session):
        return *await to_both(session), await session.send(NEWS, "eve@example.com", MESSAGE)

    *_, second, third = talk(start_puppet(conversation), three)

    assert (told(second), told(third)) == (("refused", "rcpt", 550), ("sent", "dot", 250))


def test_what_went_ahead_has_no_dot_when_it_is_forbidden(start_puppet, talk):
    def conversation(line):
        begin(line)
        line.say("250 Ada's", *OPENED)
        line.rest()

    puppet = start_puppet(conversation)
    _, second = talk(puppet, lambda session: to_both(session, lambda: False))

    assert (second.kind, second.cause) == ("not_sent", "stopped_before_dot")
    puppet.wait()
    assert puppet.lines[0].heard.count(END) == 1
    assert puppet.lines[0].heard.endswith(BOTH)


def test_another_message_than_the_one_that_went_ahead_is_not_sent(start_puppet, talk):
    def conversation(line):
        begin(line)
        line.say("250 Ada's", *OPENED)
        line.rest()

    async def another(session):
        await session.send(
            NEWS, ADA, MESSAGE, after_dot=lambda: session.send_ahead(NEWS, BOB, MESSAGE)
        )
        return await session.send(NEWS, "eve@example.com", MESSAGE), session.usable

    outcome, usable = talk(start_puppet(conversation), another)

    assert (outcome.kind, outcome.stage, usable) == ("not_sent", "mail", False)


def test_a_server_that_loses_what_comes_behind_a_dot_sends_nobody_into_doubt(
    start_puppet,
    talk,
):
    def conversation(line):
        begin(line)
        line.say("250 Ada's")
        line.rest()

    first, second = talk(start_puppet(conversation), to_both, timeouts=SHORT)

    assert (first.kind, second.kind, second.cause) == ("sent", "not_sent", "timeout")


@pytest.mark.parametrize(
    "extensions", [("8BITMIME",), ("PIPELINING", "CHUNKING")], ids=["lock-step", "chunks"]
)
def test_nothing_goes_ahead_where_it_may_not_or_need_not(start_smtpd, talk, extensions):
    ahead = []

    async def one(session):
        return await session.send(
            NEWS,
            ADA,
            MESSAGE,
            after_dot=lambda: ahead.append(session.send_ahead(NEWS, BOB, MESSAGE)),
        )

    assert talk(start_smtpd(extensions=extensions), one).kind == "sent"
    assert not any(ahead)


def test_nothing_goes_ahead_beyond_what_a_session_carries_or_takes(smtpd, talk):
    ahead = []

    async def one(session):
        ahead.append(session.send_ahead(NEWS, BOB, MESSAGE))  # no dot is being answered
        await session.send(
            NEWS,
            ADA,
            MESSAGE,
            after_dot=lambda: ahead.append(session.send_ahead(NEWS, BOB, MESSAGE)),
        )

    talk(smtpd, one, messages_per_session=1)

    async def unfit(session):
        await session.send(
            NEWS,
            ADA,
            MESSAGE,
            after_dot=lambda: ahead.append(session.send_ahead(NEWS, "no address", MESSAGE)),
        )

    talk(smtpd, unfit)

    assert ahead == [False, False, False]


def test_a_flood_of_replies_that_nobody_asked_for_ends_the_line(start_puppet, talk):
    def conversation(line):
        line.hello()
        line.until(b"DATA\r\n")
        line.say(*["250 ok"] * 1000)
        line.rest()

    async def one(session):
        outcome = await session.send(NEWS, ADA, MESSAGE)
        await asyncio.sleep(0)
        return outcome, session.usable

    outcome, usable = talk(start_puppet(conversation), one)

    assert outcome.kind == "not_sent"
    assert not usable
