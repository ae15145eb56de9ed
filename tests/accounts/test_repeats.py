"""A request that is sent twice is done once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from mailrith.accounts import jobs, repeats
from mailrith.accounts.models import KeptAnswer
from mailrith.accounts.repeats import Answer, Claim
from mailrith.core.clock import now
from mailrith.core.db import db

REQUEST = repeats.digest_of(b"send", b"{}")
DONE = Answer(200, '{"data": 1}')


def begin(workspace, key="k", request=REQUEST):
    return repeats.begin(workspace.id, key, request)


@pytest.fixture
def done(cast):
    repeats.end(begin(cast.workspace), DONE)
    db.session.commit()


def test_the_first_answer_is_given_again(cast, done):
    assert begin(cast.workspace) == DONE


def test_another_request_under_the_key_is_refused(cast, done):
    with pytest.raises(repeats.KeyReused):
        begin(cast.workspace, request=repeats.digest_of(b"send{", b"}"))


def test_a_key_belongs_to_one_workspace(cast, done):
    assert isinstance(begin(cast.elsewhere), Claim)


def test_work_that_was_rolled_back_leaves_the_key_free(cast):
    begin(cast.workspace)
    db.session.rollback()

    assert isinstance(begin(cast.workspace), Claim)


def test_work_that_was_cut_off_is_never_done_again(cast):
    begin(cast.workspace)
    db.session.commit()

    with pytest.raises(repeats.StillAtWork):
        begin(cast.workspace)


def test_what_was_not_done_frees_its_own_claim_and_nobody_elses(cast):
    mine = begin(cast.workspace)
    db.session.rollback()
    theirs = begin(cast.workspace)
    db.session.commit()

    repeats.forget(mine)
    with pytest.raises(repeats.StillAtWork):
        begin(cast.workspace)
    repeats.forget(theirs)

    assert isinstance(begin(cast.workspace), Claim)


def test_a_day_later_the_key_is_new(cast, done):
    with time_machine.travel(now() + repeats.KEPT + timedelta(seconds=1)):
        assert isinstance(begin(cast.workspace), Claim)


def test_old_answers_are_forgotten(cast, done):
    jobs.prune()
    kept = db.session.scalars(select(KeptAnswer)).all()
    with time_machine.travel(now() + repeats.KEPT + timedelta(seconds=1)):
        jobs.prune()

    assert len(kept) == 1
    assert db.session.scalars(select(KeptAnswer)).all() == []
