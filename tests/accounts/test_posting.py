from dataclasses import replace
from datetime import timedelta

import time_machine
from sqlalchemy import select

from mailrith.accounts import jobs, posting, system_mail
from mailrith.accounts.models import SystemMail
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support.front_door import Inbox


def test_a_mail_is_gone_once_the_server_took_it(session, inbox: Inbox) -> None:
    system_mail.send("hannah@allotmentpost.example", "Confirm", "text", "<p>text</p>")
    db.session.commit()

    letters = inbox.letters()

    assert [letter["Subject"] for letter in letters] == ["Confirm"]
    assert session.scalar(select(SystemMail)) is None


def test_a_mail_rolled_back_is_never_sent(session, inbox: Inbox) -> None:
    system_mail.send("hannah@allotmentpost.example", "Confirm", "text")
    db.session.rollback()

    assert inbox.letters() == []


def test_a_refused_mail_is_given_up_and_a_deferred_one_tried_again(session, inbox: Inbox) -> None:
    inbox.smtpd.answer("RCPT", "550 5.1.1 No such user", argument="nobody@")
    inbox.smtpd.answer("RCPT", "450 4.2.2 Full", argument="full@", times=1)
    for who in ("nobody", "full"):
        system_mail.send(f"{who}@people.example", "Confirm", "text")
    db.session.commit()
    inbox.run_jobs()
    waiting = session.scalars(select(SystemMail)).all()
    kept = [(mail.recipient, mail.attempts, "4.2.2" in mail.last_error) for mail in waiting]

    with time_machine.travel(now() + timedelta(seconds=20)):
        jobs.find_waiting()
        letters = inbox.letters()

    assert kept == [("full@people.example", 1, True)]
    assert [letter["To"] for letter in letters] == ["full@people.example"]
    assert session.scalar(select(SystemMail)) is None


def test_a_server_that_is_away_is_waited_for(session, inbox: Inbox) -> None:
    config.install(replace(config.current(), system_smtp_url="smtp://127.0.0.1:1"))
    system_mail.send("hannah@allotmentpost.example", "Confirm", "text")
    db.session.commit()

    inbox.run_jobs()

    mail = session.scalar(select(SystemMail))
    assert mail.attempts == 1
    assert mail.next_attempt_at > now()
    assert mail.last_error


def test_a_mail_nobody_took_for_a_day_is_given_up(session, inbox: Inbox) -> None:
    config.install(replace(config.current(), system_smtp_url="smtp://127.0.0.1:1"))
    system_mail.send("hannah@allotmentpost.example", "Confirm", "text")
    db.session.commit()

    with time_machine.travel(now() + timedelta(hours=25)):
        inbox.run_jobs()

    assert session.scalar(select(SystemMail)) is None


def test_two_workers_send_one_mail_once(session, inbox: Inbox) -> None:
    mail = system_mail.send("hannah@allotmentpost.example", "Confirm", "text")
    db.session.commit()
    number = mail.id

    first = posting.claim(number)
    db.session.commit()
    second = posting.claim(number)
    db.session.commit()

    assert first is not None
    assert second is None


def test_a_mail_whose_worker_died_is_found_again(session, inbox: Inbox) -> None:
    mail = system_mail.send("hannah@allotmentpost.example", "Confirm", "text")
    db.session.commit()
    posting.claim(mail.id)
    db.session.commit()
    inbox.run_jobs()

    with time_machine.travel(now() + timedelta(minutes=4)):
        jobs.find_waiting()
        letters = inbox.letters()

    assert len(letters) == 1
