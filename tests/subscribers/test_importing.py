"""An import does what its dry run said, brings nobody back, and survives whatever happens to its worker."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from mailrith.core import queue, storage
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.subscribers import actions, importing, imports, jobs, queries, statuses, timeline
from mailrith.subscribers.findings import Findings
from mailrith.subscribers.models import (
    Consent,
    Import,
    ImportRefusal,
    ImportState,
    Subscriber,
    SubscriberStatus,
    SubscriberTag,
)
from mailrith.suppression.actions import suppress
from mailrith.suppression.models import SuppressionReason
from tests.support.factories import make_subscriber, make_tag
from tests.support.factories_subscribers import PROOF, bring, ready, receive

FILE = """E-mail,Name,Tags
ada@readers.example,Ada Lovelace,"Course, Hackney"
luis@readers.example,Luís,
ada@readers.example,Ada again,
not an address,Nobody,
,Empty,
"""
NOT_ACTIVE = [status for status in SubscriberStatus if status != SubscriberStatus.ACTIVE]


@pytest.fixture(autouse=True)
def worker(run_jobs):
    return run_jobs


def people(workspace):
    return db.session.scalars(
        select(Subscriber).where(Subscriber.workspace_id == workspace.id).order_by(Subscriber.id)
    ).all()


def reasons(brought):
    return {
        row.row_number: row.reason
        for row in db.session.scalars(
            select(ImportRefusal).where(ImportRefusal.import_id == brought.id)
        )
    }


def counts(brought):
    return (
        brought.added,
        brought.updated,
        brought.unchanged,
        brought.left_alone,
        brought.refused,
    )


def test_new_people_are_active_with_proof_tags_and_history(cast):
    brought = bring(cast.workspace, FILE, tags=["Seed swap 2026"])

    ada, luis = people(cast.workspace)
    assert (ada.name, ada.status, ada.name_key) == ("Ada Lovelace", "Active", "ada lovelace")
    tags = queries.tags_of(cast.workspace.id, [ada.id, luis.id])
    assert [tag.name for tag in tags[ada.id]] == ["Course", "Hackney", "Seed swap 2026"]
    assert [tag.name for tag in tags[luis.id]] == ["Seed swap 2026"]
    assert [line.words for line in timeline.of(ada)] == ["Imported from seed-swap.csv"]
    (proof,) = queries.consents_of(ada)
    assert (proof.basis, proof.source, proof.collected_at) == (
        PROOF.basis,
        PROOF.source,
        PROOF.collected_at,
    )
    assert brought.state == ImportState.COMPLETED
    assert counts(brought) == (2, 0, 0, 0, 3)


def test_every_row_that_was_not_taken_has_its_reason(cast):
    brought = bring(cast.workspace, FILE)

    assert reasons(brought) == {
        4: "The same address as row 2. The first one counts.",
        5: "The @ is missing. An address looks like ada@example.com.",
        6: "There is no address here.",
    }


def test_dry_run_says_what_will_happen_and_writes_nothing(cast):
    brought = ready(cast.workspace, FILE, tags=["New"])

    found = Findings.from_json(brought.findings)
    assert found.counts == {"add": 2, "merge": 0, "same": 0, "left_alone": 0, "refused": 3}
    assert found.rows == brought.rows_total == 5
    assert sorted(found.new_tags.values()) == ["Course", "Hackney", "New"]
    assert people(cast.workspace) == []
    assert queries.tags(cast.workspace.id) == []
    assert brought.state == ImportState.READY


def test_import_does_what_the_dry_run_said(cast):
    make_subscriber(cast.workspace, email="ada@readers.example", name="")
    make_subscriber(cast.workspace, email="luis@readers.example", name="Luís")
    brought = ready(cast.workspace, FILE)
    said = Findings.from_json(brought.findings).counts
    imports.start(brought)
    db.session.commit()
    jobs.run_import(brought.id)

    assert counts(brought) == tuple(
        said[outcome] for outcome in ("add", "merge", "same", "left_alone", "refused")
    )


@pytest.mark.parametrize("status", NOT_ACTIVE)
@pytest.mark.parametrize("policy", ["merge", "skip", "overwrite"])
def test_nobody_who_is_not_active_is_touched(cast, status, policy):
    person = make_subscriber(cast.workspace, email="ada@readers.example", name="", status=status)

    brought = bring(cast.workspace, FILE, existing=policy, tags=["New"])

    db.session.refresh(person)
    assert (person.status, person.name) == (status, "")
    assert queries.tags_of(cast.workspace.id, [person.id]) == {person.id: []}
    assert reasons(brought)[2] == statuses.why_not(status)
    assert brought.left_alone == 1


@pytest.mark.parametrize("status", NOT_ACTIVE)
def test_deleting_and_importing_makes_nobody_active(cast, status):
    person = make_subscriber(cast.workspace, email="ADA@readers.example", status=status)
    actions.delete(person)
    db.session.commit()

    bring(cast.workspace, FILE)

    assert [person.email for person in people(cast.workspace)] == ["luis@readers.example"]


def test_address_on_the_suppression_list_is_left_alone(cast):
    from mailrith.core import addresses

    fingerprint = addresses.fingerprint(cast.workspace.address_salt, "ada@readers.example")
    suppress(cast.workspace.id, fingerprint, None, SuppressionReason.MANUAL, "by letter")
    db.session.commit()

    brought = bring(cast.workspace, FILE)

    assert reasons(brought)[2] == "This address is on your suppression list."


def test_merging_fills_in_and_adds_but_replaces_nothing(cast):
    ada = make_subscriber(cast.workspace, email="ada@readers.example", name="Countess")
    luis = make_subscriber(cast.workspace, email="luis@readers.example", name="")
    make_tag(cast.workspace, "course", ada)

    brought = bring(cast.workspace, FILE)

    db.session.refresh(ada)
    db.session.refresh(luis)
    assert (ada.name, luis.name, luis.name_key) == ("Countess", "Luís", "luís")
    tags = queries.tags_of(cast.workspace.id, [ada.id])[ada.id]
    assert [tag.name for tag in tags] == ["course", "Hackney"]
    assert counts(brought) == (0, 2, 0, 0, 3)


def test_overwriting_takes_the_name_of_the_file(cast):
    ada = make_subscriber(cast.workspace, email="ada@readers.example", name="Countess")

    bring(cast.workspace, FILE, existing="overwrite")

    db.session.refresh(ada)
    assert ada.name == "Ada Lovelace"


def test_skipping_leaves_people_as_they_are(cast):
    make_subscriber(cast.workspace, email="ada@readers.example", name="")

    brought = bring(cast.workspace, FILE, existing="skip", tags=["x"])

    assert counts(brought) == (1, 0, 1, 0, 3)


def test_same_file_again_changes_nothing(cast):
    bring(cast.workspace, FILE)

    again = ready(cast.workspace, FILE)

    assert Findings.from_json(again.findings).counts["same"] == 2
    with pytest.raises(Conflict, match="nobody to write"):
        imports.start(again)


def test_running_twice_is_running_once(cast):
    brought = bring(cast.workspace, FILE)

    jobs.run_import(brought.id)

    assert len(people(cast.workspace)) == 2
    assert db.session.scalar(select(func.count()).select_from(ImportRefusal)) == 3


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_killed_worker_loses_and_doubles_nothing(cast, monkeypatch, killed_after):
    monkeypatch.setattr(importing, "BATCH", 2)
    brought = ready(cast.workspace, FILE + "bea@readers.example,Bea,\nluis@readers.example,,\n")
    imports.start(brought)
    db.session.commit()
    kill_after(monkeypatch, killed_after)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_import(brought.id)
    db.session.rollback()
    monkeypatch.undo()

    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        jobs.find_lost_imports()
    jobs.run_import(brought.id)

    db.session.refresh(brought)
    assert brought.state == ImportState.COMPLETED
    assert brought.rows_done == 7
    assert counts(brought) == (3, 0, 0, 0, 4)
    assert len(people(cast.workspace)) == 3
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 3
    assert len(reasons(brought)) == 4


def kill_after(monkeypatch, batches):
    real, written = importing._advance, []

    def advance(*arguments):
        if len(written) == batches:
            raise KeyboardInterrupt
        written.append(1)
        return real(*arguments)

    monkeypatch.setattr(importing, "_advance", advance)


def test_second_worker_on_the_same_import_stops(cast, monkeypatch):
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    db.session.commit()
    real = importing._advance

    def overtaken(import_id, *arguments):
        db.session.execute(update(Import).where(Import.id == import_id).values(rows_done=5))
        return real(import_id, *arguments)

    monkeypatch.setattr(importing, "_advance", overtaken)
    jobs.run_import(brought.id)

    assert people(cast.workspace) == []


def test_person_added_meanwhile_by_somebody_else_is_merged(cast, monkeypatch):
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    db.session.commit()
    real, calls = importing.planning.plan, []

    def plan(*arguments):
        made = real(*arguments)
        if not calls:
            db.session.add(make_row(cast.workspace, "ada@readers.example"))
            db.session.flush()
        calls.append(1)
        return made

    monkeypatch.setattr(importing.planning, "plan", plan)
    jobs.run_import(brought.id)

    db.session.refresh(brought)
    assert counts(brought) == (1, 1, 0, 0, 3)


def make_row(workspace, email):
    from mailrith.core import addresses

    return Subscriber(
        workspace_id=workspace.id,
        email=email,
        email_key=addresses.key(email),
        fingerprint=addresses.fingerprint(workspace.address_salt, email),
        name="",
    )


def test_import_that_keeps_failing_stops_with_a_sentence(cast):
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    brought.attempts = importing.MAX_ATTEMPTS
    db.session.commit()

    jobs.run_import(brought.id)

    db.session.refresh(brought)
    assert brought.state == ImportState.FAILED
    assert "stopped 5 times after row 0" in brought.error_message


def test_lost_file_ends_the_import_with_a_sentence(cast):
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    db.session.commit()
    storage.delete(brought.storage_key)

    jobs.run_import(brought.id)

    db.session.refresh(brought)
    assert brought.state == ImportState.FAILED
    assert "Bring it again" in brought.error_message


def test_cancel_keeps_what_was_written_and_stops(cast, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    db.session.commit()
    real = importing._advance

    def advance(import_id, done, *arguments):
        moved = real(import_id, done, *arguments)
        if done == 0:
            db.session.execute(
                update(Import).where(Import.id == import_id).values(cancel_requested=True)
            )
        return moved

    monkeypatch.setattr(importing, "_advance", advance)
    jobs.run_import(brought.id)

    db.session.refresh(brought)
    assert brought.state == ImportState.CANCELED
    assert (brought.rows_done, len(people(cast.workspace))) == (1, 1)


def test_file_is_gone_when_the_import_is_done(cast):
    brought = bring(cast.workspace, FILE)

    with pytest.raises(FileNotFoundError), storage.opened(brought.storage_key):
        pass


def test_import_without_a_pulse_isworkerd_again_once(cast, worker):
    brought = ready(cast.workspace, FILE)
    imports.start(brought)
    db.session.commit()
    queue.connect().flushdb()

    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        jobs.find_lost_imports()
        jobs.find_lost_imports()

    assert worker() == 1
    db.session.refresh(brought)
    assert brought.state == ImportState.COMPLETED


def test_check_without_a_pulse_is_checked_again(cast, worker):
    brought = receive(cast.workspace, FILE)
    imports.state_consent(brought, PROOF)
    db.session.commit()
    queue.connect().flushdb()

    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        jobs.find_lost_imports()

    assert worker() == 1
    db.session.refresh(brought)
    assert brought.state == ImportState.READY


def test_upload_that_nobody_finished_is_dropped(cast):
    brought = receive(cast.workspace, FILE)

    with time_machine.travel(now() + timedelta(days=3), tick=False):
        jobs.find_lost_imports()

    assert brought.state == ImportState.CANCELED


def test_check_of_an_import_left_meanwhile_changes_nothing(cast):
    brought = receive(cast.workspace, FILE)
    imports.state_consent(brought, PROOF)
    imports.cancel(brought)
    db.session.commit()

    jobs.check_import(brought.id)

    assert brought.state == ImportState.CANCELED


def test_another_mapping_needs_another_check(cast):
    brought = ready(cast.workspace, FILE)

    imports.map_columns(brought, {"email": 0}, existing="merge", tags=[])

    assert brought.findings == {}
    with pytest.raises(Conflict):
        imports.start(brought)


def test_started_import_cannot_be_changed(cast):
    brought = bring(cast.workspace, FILE)

    with pytest.raises(Conflict, match="has been started"):
        imports.map_columns(brought, {"email": 0}, existing="merge", tags=[])


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({}, "which column holds"),
        ({"email": 0, "name": 0}, "only go into one place"),
        ({"email": 99}, "no such column"),
        ({"email": -1}, "no such column"),
        ({"email": 0, "status": 1}, "no such column"),
    ],
)
@pytest.mark.any_database
def test_mapping_that_makes_no_sense_is_refused(cast, places, words):
    with pytest.raises(Invalid, match=words):
        imports.map_columns(receive(cast.workspace, FILE), places, existing="merge", tags=[])


def test_columns_are_guessed_by_their_names():
    columns = ["Kundennummer", "E-Mail Address", "First Name", "Full name", "Groups"]

    assert imports.guess(columns) == {"email": 1, "name": 2, "tags": 4}


def test_column_of_free_text_does_not_become_tags(cast):
    rows = "".join(f"a{n}@readers.example,Note {n}\n" for n in range(600))
    brought = ready(cast.workspace, f"email,tags\n{rows}")

    with pytest.raises(Conflict, match="500 new tags"):
        imports.start(brought)


def test_file_over_the_limit_gets_its_sentence(cast, app):
    from dataclasses import replace

    from mailrith.core import config

    config.install(replace(config.current(), upload_megabytes=1))

    with pytest.raises(Invalid, match="larger than 1 MB") as refusal:
        receive(cast.workspace, b"email\n" + b"a@b.example\n" * 200_000)
    assert refusal.value.field == "file"


def test_pasted_lines_are_people(cast):
    brought = imports.paste(
        cast.workspace,
        cast.alice.id,
        "wren@fenmail.example, Wren Holloway\n\nTobias <tobias@sjomail.example>\nj@gardenmail.example",
    )
    imports.state_consent(brought, PROOF)
    db.session.commit()
    jobs.check_import(brought.id)
    imports.start(brought)
    db.session.commit()
    jobs.run_import(brought.id)

    assert [(p.email, p.name) for p in people(cast.workspace)] == [
        ("wren@fenmail.example", "Wren Holloway"),
        ("tobias@sjomail.example", "Tobias"),
        ("j@gardenmail.example", ""),
    ]


def test_stranger_gets_no_import(cast):
    brought = receive(cast.workspace, FILE)

    assert imports.get(cast.elsewhere.id, brought.public_id) is None


def test_tags_of_another_workspace_are_not_used(cast):
    theirs = make_tag(cast.elsewhere, "Course")

    bring(cast.workspace, FILE)

    assert (
        db.session.scalars(select(SubscriberTag).where(SubscriberTag.tag_id == theirs.id)).all()
        == []
    )
