"""The list, its rows, and strangers."""

import re

import pytest

from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.core.db import db
from mailrith.delivery.models import DeliveryState, RunPhase
from tests.support.cast import sign_in
from tests.support.factories import make_subscriber
from tests.support.factories_broadcasts import make_broadcast, make_delivery, make_run
from tests.web.broadcasts.conftest import HTMX

PAGES = (
    "letter", "preview", "readers", "audience", "review", "test", "delete", "progress", "cancel",
    "in-doubt", "report", "people",
)  # fmt: skip
ACTS = (
    "letter", "audience", "send", "schedule", "unschedule", "undo", "test", "duplicate", "delete",
    "pause", "resume", "cancel", "confirm-count", "retry", "in-doubt/again", "in-doubt/leave",
)  # fmt: skip


def test_an_empty_list_says_what_a_broadcast_is(signed_in, base):
    assert "Nothing written yet" in signed_in.get(base).text


def test_create_makes_a_draft_and_opens_it(signed_in, base):
    answer = signed_in.post(base)

    assert answer.status_code == 303
    assert answer.location.endswith("/letter")
    assert signed_in.get(answer.location).status_code == 200


def test_the_list_shows_subject_status_and_audience(signed_in, base, draft):
    page = signed_in.get(base).text

    assert draft.subject in page
    assert "Draft" in page
    assert "Everyone" in page


def test_chips_count_and_narrow(signed_in, base, draft, cast):
    make_broadcast(cast.workspace, subject="Already out", status=BroadcastStatus.COMPLETED)
    page = signed_in.get(f"{base}?status=sent").text

    assert "Already out" in page
    assert draft.subject not in page
    assert re.search(r"All <span class=\"n\">2</span>", page)


def test_search_finds_words_of_the_subject(signed_in, base, draft, cast):
    make_broadcast(cast.workspace, subject="100% rhubarb")
    found = signed_in.get(f"{base}?q=0%25 RHU", headers=HTMX).text

    assert "100% rhubarb" in found
    assert draft.subject not in found
    assert "<html" not in found


def test_older_ones_are_a_page_away(signed_in, base, cast):
    for number in range(51):
        make_broadcast(cast.workspace, subject=f"Letter {number:02}")
    first = signed_in.get(base).text
    older = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")

    assert "Letter 00" not in first
    assert "Letter 00" in signed_in.get(older).text


def test_a_running_one_shows_how_far_it_is(signed_in, base, draft, connection, cast):
    draft.status = BroadcastStatus.RUNNING
    run = make_run(draft, connection)
    for state in (DeliveryState.SENT, DeliveryState.QUEUED):
        make_delivery(run, make_subscriber(cast.workspace), state)

    assert "Sending, 50%" in signed_in.get(base).text


@pytest.mark.parametrize(
    ("status", "phase", "place"),
    [
        ("draft", None, "letter"),
        ("scheduled", None, "review"),
        ("running", RunPhase.SENDING, "progress"),
        ("completed", RunPhase.FINISHED, "report"),
        ("failed", RunPhase.FINISHED, "report"),
    ],
)
def test_its_address_leads_to_the_page_that_suits_it(
    signed_in, base, draft, connection, status, phase, place
):
    draft.status = BroadcastStatus(status)
    if phase:
        make_run(draft, connection, phase=phase)
    db.session.commit()

    assert signed_in.get(f"{base}/{draft.public_id}").location.endswith(f"/{place}")


def test_a_copy_opens_as_a_draft(signed_in, at):
    answer = signed_in.post(at("duplicate"))

    assert answer.location.endswith("/letter")
    assert db.session.query(Broadcast).count() == 2


def test_delete_asks_and_names_what_is_lost(signed_in, at, draft):
    page = signed_in.get(at("delete")).text

    assert draft.subject in page
    assert "cannot be brought back" in page


def test_delete_takes_a_draft_away(signed_in, at):
    assert signed_in.post(at("delete")).status_code == 303
    assert db.session.query(Broadcast).count() == 0


def test_what_was_sent_stays(signed_in, at, draft):
    draft.status = BroadcastStatus.COMPLETED
    db.session.commit()

    assert signed_in.post(at("delete")).status_code == 409
    assert db.session.query(Broadcast).count() == 1


@pytest.mark.parametrize("page", ["", *PAGES])
@pytest.mark.any_database
def test_a_stranger_finds_nothing(client, cast, draft, connection, page):
    make_run(draft, connection)
    sign_in(client, cast.carol)
    theirs = f"/w/{cast.workspace.slug}/broadcasts/{draft.public_id}/{page}".rstrip("/")
    through_hers = theirs.replace(cast.workspace.slug, cast.elsewhere.slug)

    assert client.get(theirs).status_code == 404
    assert client.get(through_hers).status_code == 404


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.any_database
def test_a_stranger_changes_nothing(client, cast, draft, connection, act):
    make_run(draft, connection)
    sign_in(client, cast.carol)
    theirs = f"/w/{cast.workspace.slug}/broadcasts/{draft.public_id}/{act}"
    through_hers = theirs.replace(cast.workspace.slug, cast.elsewhere.slug)
    before = (draft.version, draft.status, draft.run_id)

    assert client.post(theirs).status_code == 404
    assert client.post(through_hers).status_code == 404
    db.session.refresh(draft)
    assert (draft.version, draft.status, draft.run_id) == before


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.any_database
def test_who_may_only_look_changes_nothing(client, cast, draft, connection, act):
    make_run(draft, connection)
    sign_in(client, cast.bob)

    answer = client.post(f"/w/{cast.workspace.slug}/broadcasts/{draft.public_id}/{act}")
    assert answer.status_code == 403


def test_who_may_look_sees_the_review_without_a_send_button(client, cast, draft):
    sign_in(client, cast.bob)
    page = client.get(f"/w/{cast.workspace.slug}/broadcasts/{draft.public_id}/review").text

    assert "You can look, but not send" in page
    assert "/send" not in page


def test_who_may_only_look_is_led_to_what_can_be_looked_at(client, cast, draft):
    sign_in(client, cast.bob)
    base = f"/w/{cast.workspace.slug}/broadcasts"
    page = client.get(base).text

    assert "Create Broadcast" not in page
    assert "/delete" not in page
    assert client.get(f"{base}/{draft.public_id}").location.endswith("/review")
