"""The composer: saving, two windows, and a preview in which nothing runs."""

import pytest

from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.db import db
from tests.support.factories import make_subscriber
from tests.web.broadcasts.conftest import HTMX


def words(**changes):
    return {"version": 1, "subject": "New subject", "preview_text": "", "markdown": "Hi"} | changes


def test_saving_by_itself_answers_when_and_the_new_version(signed_in, at, draft):
    answer = signed_in.post(at("letter"), data=words(), headers=HTMX)
    db.session.refresh(draft)

    assert answer.status_code == 200
    assert "Saved " in answer.text
    assert 'id="version" value="2"' in answer.text
    assert answer.headers["HX-Trigger"] == "mailrith:saved"
    assert (draft.subject, draft.version) == ("New subject", 2)


def test_continue_saves_and_goes_on(signed_in, at, draft):
    answer = signed_in.post(at("letter"), data=words(go="continue"))
    db.session.refresh(draft)

    assert answer.status_code == 303
    assert answer.location.endswith("/audience")
    assert draft.subject == "New subject"


def test_a_second_window_gets_both_versions_and_overwrites_nothing(signed_in, at, draft):
    signed_in.post(at("letter"), data=words(subject="First window"))
    answer = signed_in.post(at("letter"), data=words(subject="Second window"))
    db.session.refresh(draft)

    assert answer.status_code == 409
    assert "First window" in answer.text
    assert "Second window" in answer.text
    assert draft.subject == "First window"


def test_the_choice_between_two_versions_can_be_made(signed_in, at, draft):
    signed_in.post(at("letter"), data=words(subject="First window"))
    answer = signed_in.post(at("letter"), data=words(subject="Second window", version=2))
    db.session.refresh(draft)

    assert answer.status_code == 303
    assert draft.subject == "Second window"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_subject_with_a_line_break_says_so_and_keeps_the_words(signed_in, at, draft, headers):
    answer = signed_in.post(
        at("letter"), data=words(subject="one\ntwo", markdown="Kept"), headers=headers
    )
    db.session.refresh(draft)

    assert answer.status_code == 422
    assert "one line" in answer.text
    assert headers or "Kept" in answer.text
    assert draft.version == 1


def test_what_is_scheduled_is_not_written(signed_in, at, draft):
    draft.status = BroadcastStatus.SCHEDULED
    db.session.commit()

    assert signed_in.get(at("letter")).location.endswith("/review")
    answer = signed_in.post(at("letter"), data=words())
    assert answer.status_code == 409
    assert "back to a draft first" in answer.text


def test_the_preview_reads_as_the_chosen_person(signed_in, at, reader):
    assert "Good morning friend" in signed_in.get(at("preview")).text
    shown = signed_in.get(f"{at('preview')}?reader={reader.public_id}").text
    assert "Good morning Amara Singh" in shown


def test_the_preview_never_reads_as_somebody_of_another_workspace(signed_in, at, cast):
    stranger = make_subscriber(cast.elsewhere, name="Zoltan")
    shown = signed_in.get(f"{at('preview')}?reader={stranger.public_id}").text

    assert "Zoltan" not in shown


def test_nothing_in_the_preview_can_run(signed_in, at, draft, reader):
    reader.name = "<script>alert(1)</script>"
    db.session.commit()
    evil = "<script>alert(2)</script> <img src=x onerror=alert(3)> [x](javascript:alert(4))"
    signed_in.post(at("letter"), data=words(markdown=f"[Subscriber_Name] {evil}"))
    answer = signed_in.get(f"{at('preview')}?reader={reader.public_id}")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-same-origin;")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "<script" not in answer.text
    assert "<img src=x" not in answer.text
    assert 'href="javascript' not in answer.text


def test_the_unsubscribe_link_of_the_preview_is_harmless(signed_in, at):
    assert "/u/test" in signed_in.get(at("preview")).text


def test_readers_are_found_by_name(signed_in, at, reader, cast):
    make_subscriber(cast.workspace, name="Gareth Pugh")
    found = signed_in.get(f"{at('readers')}?reader_q=amara", headers=HTMX).text

    assert "Amara Singh" in found
    assert "Gareth" not in found
