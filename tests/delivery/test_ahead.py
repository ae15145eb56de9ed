"""Lanes whose next envelope goes out behind a dot: faster, and nothing that is promised changes."""

import re
import threading

from sqlalchemy import text

from mailrith.core.db import db
from mailrith.delivery import actions, jobs
from mailrith.delivery.models import RunPhase
from mailrith.delivery.sending import engine
from tests.support import factories_delivery as make

OPENED = ("250 sender", "250 recipient", "354 go on")
END = b"\r\n.\r\n"
RECIPIENT = re.compile(rb"RCPT TO:<([^>]*)>")


def open_first(line):
    line.hello()
    line.until(b"DATA\r\n")
    line.say(*OPENED)


def withholding(count):
    """Replies to a dot only when the next envelope has come: whoever sends it later waits for good."""

    def conversation(line):
        open_first(line)
        for number in range(count):
            line.until(END)
            if number < count - 1:
                line.until(b"DATA\r\n")
                line.say("250 taken", *OPENED)
        line.say("250 taken")
        line.rest()

    return conversation


def taken(puppet):
    """Whose message had its dot, in order, over all lines."""
    puppet.wait()
    found = []
    for line in puppet.lines:
        names = [name.decode() for name in RECIPIENT.findall(line.heard)]
        found += names[: line.heard.count(END)]
    return found


def test_the_next_envelope_is_there_before_the_dot_is_answered(session, start_puppet):
    puppet = start_puppet(withholding(6))
    run, people = make.make_sending_run(puppet, 6, max_sessions=1)

    jobs.send_slice(run.id)
    engine.current().discard()

    assert make.states(run) == {"sent": 6}
    assert taken(puppet) == [person.email for person in people]
    assert len(puppet.lines) == 1


def test_only_who_is_marked_goes_ahead(session, start_puppet, app):
    seen = []

    def look(recipient):
        query = text("SELECT state, (SELECT count(*) FROM deliveries WHERE state = 'sending') FROM deliveries WHERE email = :who")  # fmt: skip
        with app.app_context(), db.engine.connect() as connection:
            seen.append(tuple(connection.execute(query, {"who": recipient}).one()))

    def conversation(line):
        open_first(line)
        for _ in range(3):
            line.until(END)
            look(RECIPIENT.search(line.until(b"DATA\r\n"))[1].decode())
            line.say("250 taken", *OPENED)
        line.until(END)
        line.say("250 taken")
        line.rest()

    run, _ = make.make_sending_run(start_puppet(conversation), 4, max_sessions=1)

    jobs.send_slice(run.id)
    engine.current().discard()

    assert make.states(run) == {"sent": 4}
    assert seen == [("sending", 2)] * 3  # 2 W, W being one session


def test_a_pause_gives_back_whoever_has_no_dot_yet(session, start_puppet, in_background):
    paused = threading.Event()

    def conversation(line):
        open_first(line)
        line.until(END)
        line.until(b"DATA\r\n")
        paused.wait(10)
        line.say("250 taken", *OPENED)
        line.rest()

    puppet = start_puppet(conversation)
    run, people = make.make_sending_run(puppet, 5, max_sessions=1)
    join = in_background(run)
    while not puppet.lines or puppet.lines[0].heard.count(b"DATA\r\n") < 2:
        puppet.thread.join(0.01)
    actions.pause(run)
    session.commit()
    # The slice has seen it when the second one is marked no longer.
    while make.states(run).get("sending") != 1:
        puppet.thread.join(0.01)
    paused.set()
    join()

    engine.current().discard()
    assert run.phase == RunPhase.PAUSED
    assert make.states(run) == {"sent": 1, "queued": 4}
    assert taken(puppet) == [people[0].email]
    assert puppet.lines[0].heard.endswith(b"DATA\r\n")  # the line was closed, without a word


def test_a_line_cut_at_a_dot_takes_only_its_own_message_into_doubt(session, start_puppet):
    def cut(line):
        open_first(line)
        line.until(END)
        line.until(b"DATA\r\n")

    puppet = start_puppet(cut, withholding(3))
    run, people = make.make_sending_run(puppet, 4, max_sessions=1)

    jobs.send_slice(run.id)
    engine.current().discard()

    assert make.states(run) == {"in_doubt": 1, "sent": 3}
    assert taken(puppet) == [person.email for person in people]
    # Whoever had gone ahead was carried by the next line, without another try.
    assert [delivery.attempt for delivery in make.deliveries(run)] == [1, 1, 1, 1]


def test_a_server_that_is_out_of_step_behind_a_dot_gets_one_thing_at_a_time(session, start_puppet):
    def confused(line):
        open_first(line)
        line.until(END)
        line.until(b"DATA\r\n")
        line.say("250 taken", "503 nested", "503 no", "503 no")
        line.rest()

    def patient(line):
        line.hello()
        for _ in range(3):
            line.until(b"DATA\r\n")
            line.say(*OPENED)
            line.until(END)
            line.line.setblocking(False)  # nothing has come behind the dot
            try:
                early.append(line.line.recv(1))
            except BlockingIOError:
                early.append(b"")
            line.line.settimeout(10)
            line.say("250 taken")
        line.rest()

    early = []
    puppet = start_puppet(confused, patient)
    run, people = make.make_sending_run(puppet, 4, max_sessions=1)

    jobs.send_slice(run.id)
    engine.current().discard()

    assert make.states(run) == {"sent": 4}
    assert sorted(taken(puppet)) == sorted(person.email for person in people)
    assert early == [b""] * 3
