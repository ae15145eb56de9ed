"""People in doubt: names, and the two decisions, for one, some or all."""

import pytest

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState, RunPhase
from tests.support.factories import make_subscriber
from tests.support.factories_broadcasts import make_delivery, make_run


def test_names_are_shown_with_what_is_known(signed_in, at, doubts):
    page = signed_in.get(at("in-doubt")).text

    assert "3 people may or may not have it" in page
    assert "Elif Aydın" in page
    assert "closed 4.1 s after the final dot" in page
    assert "they may get two" in page


def test_one_is_left(signed_in, at, doubts):
    signed_in.post(at("in-doubt/leave"), data={"delivery": doubts[0].id})
    page = signed_in.get(at("in-doubt")).text

    assert _states(doubts) == ["in_doubt", "in_doubt", "in_doubt"]
    assert "2 people may or may not have it" in page


def test_ticked_ones_are_sent_again(signed_in, at, doubts, draft, run_jobs):
    ids = [doubts[0].id, doubts[1].id]
    answer = signed_in.post(at("in-doubt/again"), data={"delivery": ids})
    db.session.refresh(draft)

    assert answer.status_code == 303
    assert _states(doubts) == ["queued", "queued", "in_doubt"]
    assert draft.status == BroadcastStatus.RUNNING


def test_all_are_left_at_once(signed_in, at, doubts, draft):
    signed_in.post(at("in-doubt/leave"), data={"all": "yes"})
    page = signed_in.get(at("in-doubt")).text

    assert "Nobody is waiting for a decision" in page
    assert draft.status == BroadcastStatus.COMPLETED


@pytest.mark.parametrize("act", ["again", "leave"])
def test_deciding_about_nobody_changes_nobody(signed_in, at, doubts, act):
    answer = signed_in.post(at(f"in-doubt/{act}"), data={})

    assert answer.status_code == 422
    assert "Tick the people" in answer.text
    assert _states(doubts) == ["in_doubt"] * 3


def test_people_of_another_broadcast_are_not_touched(
    signed_in, base, at, doubts, draft, connection
):
    copy = signed_in.post(at("duplicate")).location
    other = copy.rsplit("/", 2)[1]
    from mailrith.broadcasts.models import Broadcast

    broadcast = db.session.query(Broadcast).filter(Broadcast.id != draft.id).one()
    make_run(broadcast, connection)
    signed_in.post(f"{base}/{other}/in-doubt/again", data={"delivery": doubts[0].id})

    assert _states(doubts) == ["in_doubt"] * 3


def _states(doubts):
    for doubt in doubts:
        db.session.refresh(doubt)
    return [str(doubt.state) for doubt in doubts]


@pytest.fixture
def doubts(cast, draft, connection):
    draft.status = BroadcastStatus.COMPLETED
    run = make_run(draft, connection, phase=RunPhase.FINISHED, started_at=now(), finished_at=now())
    words = {"cause": "connection_lost", "diagnostic": "closed 4.1 s after the final dot"}
    return [
        make_delivery(
            run, make_subscriber(cast.workspace, name=name), DeliveryState.IN_DOUBT, **words
        )
        for name in ("Elif Aydın", "Gareth Pugh", "")
    ]
