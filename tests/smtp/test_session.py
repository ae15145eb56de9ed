import asyncio
from dataclasses import replace

import pytest

from mailrith.smtp.classification import classify
from mailrith.smtp.connecting import connect

MESSAGE = b"Subject: Hello\r\n\r\nHi\r\n"
ADA, BOB, NEWS = "ada@example.com", "bob@example.com", "news@example.org"
WAYS = {
    "pipelined": ("PIPELINING", "8BITMIME", "SIZE 100000"),
    "lock-step": ("8BITMIME",),
    "lock-step although chunks are offered": ("CHUNKING", "8BITMIME"),
}
CHUNKED = {"chunked": ("PIPELINING", "CHUNKING", "8BITMIME", "SIZE 100000")}
EVERY_WAY = pytest.mark.parametrize("extensions", (WAYS | CHUNKED).values(), ids=WAYS | CHUNKED)
WITH_DATA = pytest.mark.parametrize("extensions", WAYS.values(), ids=WAYS)


@EVERY_WAY
def test_a_message_arrives_byte_for_byte(start_smtpd, talk, extensions):
    smtpd = start_smtpd(extensions=extensions)
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.reply.code) == ("sent", 250)
    (got,) = smtpd.messages
    assert (got.mail_from, got.rcpt_to, got.content) == (NEWS, ADA, MESSAGE)


@EVERY_WAY
def test_one_session_carries_many_messages(start_smtpd, talk, extensions):
    smtpd = start_smtpd(extensions=extensions)

    async def three(session):
        return [await session.send(NEWS, f"p{n}@example.com", MESSAGE) for n in range(3)]

    assert [o.kind for o in talk(smtpd, three)] == ["sent"] * 3
    assert smtpd.recipients == ["p0@example.com", "p1@example.com", "p2@example.com"]
    assert smtpd.connections == 1


@WITH_DATA
@pytest.mark.parametrize(
    ("verb", "stage"), [("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data"), ("dot", "dot")]
)
@pytest.mark.parametrize(("code", "kind"), [("450 4.2.0", "deferred"), ("550 5.1.1", "refused")])
def test_a_refusal_names_its_stage_and_the_next_message_goes_out(
    start_smtpd, talk, verb, stage, code, kind, extensions
):
    smtpd = start_smtpd(extensions=extensions)
    smtpd.answer(verb, f"{code} no", times=1)

    async def two(session):
        return await session.send(NEWS, ADA, MESSAGE), await session.send(NEWS, BOB, MESSAGE)

    first, second = talk(smtpd, two)

    assert (first.kind, first.stage, first.reply.words) == (kind, stage, f"{code} no")
    assert first.reply.enhanced == code[4:]
    assert second.kind == "sent"
    assert smtpd.recipients == [BOB]


def test_a_354_for_a_refused_recipient_is_answered_with_a_lone_dot(smtpd, talk):
    smtpd.answer("RCPT", "550 5.1.1 no", times=1)
    smtpd.answer("DATA354", "unused", times=1)

    async def two(session):
        return await session.send(NEWS, ADA, MESSAGE), await session.send(NEWS, BOB, MESSAGE)

    first, second = talk(smtpd, two)

    assert (first.kind, first.stage) == ("refused", "rcpt")
    assert second.kind == "sent"
    assert smtpd.recipients == [BOB]


@WITH_DATA
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_line_lost_before_the_dot_is_certainly_not_sent(start_smtpd, talk, verb, extensions):
    smtpd = start_smtpd(extensions=extensions)
    smtpd.drop(verb)
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.cause) == ("not_sent", "connection_lost")


def test_a_line_lost_after_the_dot_is_in_doubt(smtpd, talk):
    smtpd.drop("dot")
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.stage, outcome.cause) == ("in_doubt", "dot", "connection_lost")
    assert smtpd.recipients == [ADA]  # as RFC 1047 describes


@pytest.mark.parametrize(("verb", "kind"), [("RCPT", "not_sent"), ("dot", "in_doubt")])
def test_silence_ends_in_a_timeout_and_the_session_is_not_used_again(
    smtpd, talk, server_for, verb, kind
):
    from mailrith.smtp.server import Timeouts

    smtpd.hang(verb)

    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE), session.usable

    short = Timeouts(connect=2, greeting=2, command=0.1, data=0.1, block=0.1, dot=0.1)
    outcome, usable = talk(smtpd, one, timeouts=short)

    assert (outcome.kind, outcome.cause, usable) == (kind, "timeout", False)


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_no_dot_is_written_when_it_is_forbidden_at_the_last_moment(smtpd, talk, size):
    async def one(session):
        message = MESSAGE + b"x" * 70 + b"\r\n" * (size // 2)
        return await session.send(NEWS, ADA, message, lambda: False), session.usable

    outcome, usable = talk(smtpd, one)

    assert (outcome.kind, outcome.cause) == ("not_sent", "stopped_before_dot")
    assert not usable
    assert smtpd.messages == []


def test_the_permission_for_the_dot_is_asked_after_the_recipient_was_accepted(smtpd, talk):
    heard = []

    async def one(session):
        return await session.send(
            NEWS, ADA, MESSAGE, lambda: bool(heard.extend(smtpd.commands)) or True
        )

    assert talk(smtpd, one).kind == "sent"
    assert "DATA" in heard


@WITH_DATA
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "dot"])
def test_a_421_defers_the_message_and_ends_the_session(start_smtpd, talk, verb, extensions):
    smtpd = start_smtpd(extensions=extensions)
    smtpd.answer(verb, "421 4.7.0 Too many messages")

    async def one(session):
        return await session.send(NEWS, ADA, MESSAGE), session.usable

    outcome, usable = talk(smtpd, one)

    assert (outcome.kind, outcome.reply.code, usable) == ("deferred", 421, False)


@pytest.mark.parametrize(
    "body",
    [
        b".\r\n",
        b"..\r\n.\r\n",
        b"a\r\n.\r\nb\r\n",
        b"\r\n.\r\n.b\r\n",
        b"." * 5 + b"\r\n",
        b"no end",
        b"x" * 2_000_000,
    ],
)
def test_dots_at_the_start_of_a_line_arrive_as_written(smtpd, talk, body):
    talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE + body))

    expected = MESSAGE + body
    (got,) = smtpd.messages
    assert got.content == (expected if expected.endswith(b"\r\n") else expected + b"\r\n")


@pytest.mark.parametrize(
    "ending", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\n.\r"]
)
def test_no_spelling_of_the_end_of_data_smuggles_a_second_message(smtpd, talk, ending):
    smuggled = b"MAIL FROM:<x@y.test>\r\nRCPT TO:<eve@y.test>\r\nDATA\r\nowned\r\n.\r\n"
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE + b"a" + ending + smuggled))

    assert outcome.kind == "sent"
    assert smtpd.recipients == [ADA]
    assert b"\n.\r\n" not in smtpd.messages[0].content.replace(b"\r\n.\r\n", b"")


@pytest.mark.parametrize(
    "recipient",
    [
        "a@x.test\r\nRCPT TO:<v@x.test",
        "a@x> AUTH=",
        "a b@x.test",
        "a\x00@x.test",
        "a\u2028@x.test",
        "",
    ],
)
def test_an_address_that_could_carry_a_command_never_reaches_the_wire(smtpd, talk, recipient):
    outcome = talk(smtpd, lambda s: s.send(NEWS, recipient, MESSAGE))

    assert (outcome.kind, outcome.stage) == ("refused", "local")
    assert not any(line.startswith("MAIL") for line in smtpd.commands)


def test_a_sender_that_could_carry_a_command_never_reaches_the_wire(smtpd, talk):
    outcome = talk(smtpd, lambda s: s.send("a@x.test>\r\nRSET", ADA, MESSAGE))

    assert (outcome.stage, outcome.reply.enhanced) == ("local", "5.1.7")
    assert not any(line.startswith("MAIL") for line in smtpd.commands)


def test_the_null_sender_is_written_as_an_empty_path(smtpd, talk):
    assert talk(smtpd, lambda s: s.send("", ADA, MESSAGE)).kind == "sent"
    assert "MAIL FROM:<>" in smtpd.commands


def test_an_international_address_goes_out_only_where_it_is_offered(start_smtpd, talk):
    old, new = start_smtpd(), start_smtpd(extensions=("PIPELINING", "8BITMIME", "SMTPUTF8"))

    refused = talk(old, lambda s: s.send(NEWS, "jörg@example.com", MESSAGE))
    sent = talk(new, lambda s: s.send(NEWS, "jörg@example.com", MESSAGE))

    assert (refused.kind, refused.reply.enhanced) == ("refused", "5.6.7")
    assert sent.kind == "sent"
    assert f"MAIL FROM:<{NEWS}> SMTPUTF8" in new.commands


@pytest.mark.parametrize(
    ("extensions", "message", "status"),
    [
        (("PIPELINING",), "é".encode(), "5.6.3"),
        (("SIZE 10",), MESSAGE, "5.3.4"),
        (("8BITMIME",), MESSAGE + b"\x00", "5.6.0"),
    ],
)
def test_a_message_that_the_server_cannot_carry_is_refused_here(
    start_smtpd, talk, extensions, message, status
):
    smtpd = start_smtpd(extensions=extensions)
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, message))

    assert (outcome.kind, outcome.stage, outcome.reply.enhanced) == ("refused", "local", status)
    assert smtpd.messages == []


def test_an_eight_bit_message_is_announced(smtpd, talk):
    assert talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE + "é".encode())).kind == "sent"
    assert f"MAIL FROM:<{NEWS}> BODY=8BITMIME" in smtpd.commands


def test_a_session_carries_only_so_many_messages(smtpd, talk):
    async def two(session):
        await session.send(NEWS, ADA, MESSAGE)
        before = session.usable
        await session.send(NEWS, ADA, MESSAGE)
        return before, session.usable

    assert talk(smtpd, two, messages_per_session=2) == (True, False)


def test_an_idle_session_is_probed_before_it_is_used_again(smtpd, talk):
    async def probe(session):
        alive = await session.probe()
        smtpd.drop("RSET")
        return alive, await session.probe()

    assert talk(smtpd, probe) == (True, False)


def test_a_canceled_send_ends_the_session(smtpd, talk):
    smtpd.hang("RCPT")

    async def cancel(session):
        task = asyncio.create_task(session.send(NEWS, ADA, MESSAGE))
        await asyncio.to_thread(smtpd.wait_for, "RCPT")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return session.usable

    assert talk(smtpd, cancel) is False


def test_hostile_words_are_made_harmless(smtpd, talk):
    smtpd.answer("RCPT", b"550 5.7.1 \x1b[31m<script>\x07 \xff" + b"x" * 5000 + b"\r\n")
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert outcome.reply.text.isprintable()
    assert len(outcome.reply.text) <= 1024
    assert outcome.reply.text.startswith("5.7.1 <script>")


def test_a_reply_of_many_lines_is_one_reply(smtpd, talk):
    smtpd.answer("dot", "550-5.7.1 Our system\n550-5.7.1 has detected\n550 5.7.1 spam")
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert outcome.reply.words == "550 5.7.1 Our system has detected spam"


@pytest.mark.parametrize(("verb", "kind"), [("RCPT", "not_sent"), ("dot", "in_doubt")])
@pytest.mark.parametrize(
    "junk", [b"hello\r\n", b"250-" + b"x" * 40_000, (b"250-x\r\n" * 10_000), b"200000000" * 2000]
)
def test_what_is_not_smtp_ends_the_session(smtpd, talk, verb, kind, junk):
    smtpd.answer(verb, junk)
    outcome = talk(smtpd, lambda s: s.send(NEWS, ADA, MESSAGE))

    assert (outcome.kind, outcome.cause) == (kind, "not_smtp")


@EVERY_WAY
def test_a_ready_message_goes_as_it_is(start_smtpd, talk, extensions):
    smtpd = start_smtpd(extensions=extensions)
    ready = MESSAGE + b"=2E\r\n"  # as the compiler writes a line that is only a dot

    assert talk(smtpd, lambda s: s.send(NEWS, ADA, ready, ready=True)).kind == "sent"
    assert smtpd.messages[0].content == ready


def test_a_sample_person_is_never_handed_to_a_server_beyond_this_machine(smtpd, server_for):
    async def here(name, port):
        return ["127.0.0.1"]

    async def both():
        session = await connect(replace(server_for(smtpd), host="smtp.northpost.net"), lookup=here)
        made_up = await session.send(NEWS, "amara@readers.example", MESSAGE)
        real = await session.send(NEWS, "amara@northpost.net", MESSAGE)
        session.abort()
        return made_up, real

    made_up, real = asyncio.run(both())

    assert (made_up.kind, made_up.stage, made_up.reply.enhanced) == ("refused", "local", "5.1.2")
    assert real.kind == "sent"
    assert smtpd.recipients == ["amara@northpost.net"]
    reply = made_up.reply
    verdict = classify(made_up.stage, reply.code, reply.enhanced, reply.text)
    assert (verdict.cause, verdict.kind, verdict.scope) == (
        "address_reserved",
        "message",
        "message",
    )
