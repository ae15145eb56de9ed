from datetime import timedelta

import redis
import time_machine
from sqlalchemy import func, select

from mailrith.accounts import actions, jobs
from mailrith.accounts.models import ResetRequest, SignUp, SystemMail
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support.front_door import Inbox, person


def test_an_answer_that_runs_twice_writes_one_mail(session, inbox: Inbox) -> None:
    asked = _ask("hannah@allotmentpost.example")

    jobs.answer_sign_up(asked)
    jobs.answer_sign_up(asked)

    assert session.scalar(select(func.count(SystemMail.id))) == 1


def test_what_was_lost_with_the_queue_is_answered_all_the_same(
    session, inbox: Inbox, redis_url: str
) -> None:
    user = person()
    actions.ask_reset(user.email)
    _ask("hannah@allotmentpost.example")
    redis.Redis.from_url(redis_url).flushdb()

    jobs.find_waiting()

    assert {letter["To"] for letter in inbox.letters()} == {
        user.email,
        "hannah@allotmentpost.example",
    }


def test_a_reset_request_is_forgotten_whoever_asked(session, inbox: Inbox) -> None:
    actions.ask_reset(person().email)
    actions.ask_reset("nobody@people.example")
    db.session.commit()

    inbox.run_jobs()

    assert session.scalar(select(func.count(ResetRequest.id))) == 0


def test_somebody_switched_off_gets_no_reset_link(session, inbox: Inbox) -> None:
    actions.ask_reset(person(active=False).email)
    db.session.commit()

    assert inbox.letters() == []


def test_unconfirmed_sign_ups_are_forgotten_after_a_week(session, inbox: Inbox) -> None:
    _ask("old@people.example")

    with time_machine.travel(now() + timedelta(days=8)):
        _ask("young@people.example")
        jobs.prune()

    assert session.scalars(select(SignUp.email)).all() == ["young@people.example"]


def _ask(email: str) -> int:
    asked = actions.sign_up(name="Hannah", email_key=email, password_hash="x", time_zone="UTC")
    db.session.commit()
    return asked.id
