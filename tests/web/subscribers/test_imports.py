"""Bringing a list in four steps: each bad file gets a sentence, each step its page, and nothing is written before the last."""

import pytest
from flask import url_for

from mailrith.core.db import db
from mailrith.subscribers import imports, queries
from mailrith.subscribers.models import Import, ImportState, SubscriberStatus
from tests.support.cast import sign_in
from tests.support.factories import make_subscriber, make_tag
from tests.support.factories_subscribers import bring, ready, receive
from tests.support.html import faults

FILE = "E-mail,Name,Groups\nada@readers.example,Ada,Course\nnot an address,Nobody,\n"
CONSENT = {
    "basis": "consent",
    "source": "Sign-up sheet",
    "collected_on": "2026-02-21",
    "true_for_all": "y",
}


@pytest.fixture(autouse=True)
def worker(run_jobs):
    return run_jobs


@pytest.fixture
def at(app, cast):
    def address(endpoint, workspace=None, **values):
        with app.test_request_context():
            return url_for(endpoint, ws=(workspace or cast.workspace).slug, **values)

    return address


def text(response):
    return response.get_data(as_text=True)


def upload(client, at, content, name="list.csv"):
    # By hand, because the test client leaves the temporary file of a large body open.
    head = f'--cut\r\nContent-Disposition: form-data; name="upload"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--cut--\r\n"
    return client.post(
        at("imports.upload"), data=body, content_type="multipart/form-data; boundary=cut"
    )


def only():
    db.session.expire_all()
    return db.session.query(Import).one()


def test_whole_way_from_file_to_people(signed_in, at, cast, worker):
    assert upload(signed_in, at, FILE.encode()).status_code == 303
    brought = only()
    here = {"public_id": brought.public_id}

    mapping = signed_in.get(at("imports.columns", **here))
    assert "ada@readers.example" in text(mapping)
    assert faults(text(mapping)) == []
    signed_in.post(
        at("imports.map_columns", **here),
        data={
            "column-0": "email",
            "column-1": "name",
            "column-2": "tags",
            "existing": "merge",
            "new_tag": "Seed swap, Spring",
        },
    )
    assert faults(text(signed_in.get(at("imports.consent", **here)))) == []
    signed_in.post(at("imports.state_consent", **here), data=CONSENT)
    checking = signed_in.get(at("imports.show", **here))
    assert "Checking every row" in text(checking)
    assert faults(text(checking)) == []
    worker()
    dry = text(signed_in.get(at("imports.show", **here)))
    assert "Import 1 person" in dry
    assert "The @ is missing" in dry
    assert faults(dry) == []
    assert queries.count(cast.workspace.id, queries.Filter()) == 0

    signed_in.post(at("imports.start", **here))
    running = text(signed_in.get(at("imports.show", **here)))
    assert "Importing" in running
    assert faults(running) == []
    worker()

    done = text(signed_in.get(at("imports.show", **here)))
    assert "1 person is in" in done
    assert faults(done) == []
    ada = queries.get_by_email(cast.workspace.id, "ada@readers.example")
    names = [tag.name for tag in queries.tags_of(cast.workspace.id, [ada.id])[ada.id]]
    assert names == ["Course", "Seed swap", "Spring"]
    assert queries.consents_of(ada)[0].source == "Sign-up sheet"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\0" * 50, "Save As"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (b"ada@readers.example,Ada\nb@b.example,Bob\n", "instead of the names"),
        (b"email,Name,name\na@b.example,x,y\n", "called “Name”"),
        (b"email,name\n", "nobody below"),
    ],
)
@pytest.mark.any_database
def test_bad_file_gets_its_sentence(signed_in, at, content, words):
    answer = upload(signed_in, at, content)

    assert answer.status_code == 422
    assert words in text(answer)
    assert faults(text(answer)) == []
    assert db.session.query(Import).count() == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_every_alphabet_is_shown_as_it_was_meant(signed_in, at, encoding):
    upload(signed_in, at, "email,name\na@b.example,Zoë Müller\n".encode(encoding))

    page = text(signed_in.get(at("imports.columns", public_id=only().public_id)))

    assert "Zoë Müller" in page


def test_file_over_the_limit_gets_a_sentence_and_no_reset(signed_in, at, app):
    from dataclasses import replace

    from mailrith.core import config

    config.install(replace(config.current(), upload_megabytes=1))

    answer = upload(signed_in, at, b"email\n" + b"a@b.example\n" * 500_000)
    page = signed_in.get(answer.headers["Location"])

    assert answer.status_code == 303
    assert "larger than 1 MB" in text(page)


def test_file_just_over_the_limit_gets_the_same_sentence(signed_in, at, app):
    from dataclasses import replace

    from mailrith.core import config

    config.install(replace(config.current(), upload_megabytes=1))

    answer = upload(signed_in, at, b"email\n" + b"a@b.example\n" * 100_000)

    assert answer.status_code == 422
    assert "larger than 1 MB" in text(answer)


def test_file_larger_than_other_forms_may_be_is_taken(signed_in, at):
    rows = b"".join(b"a%d@readers.example,%s\n" % (n, b"x" * 50) for n in range(60_000))

    assert upload(signed_in, at, b"email,name\n" + rows).status_code == 303
    assert only().size_bytes > 3_000_000


def test_name_of_the_file_is_only_shown(signed_in, at):
    upload(signed_in, at, FILE.encode(), name="../../etc/<b>passwd.csv")

    page = text(signed_in.get(at("imports.columns", public_id=only().public_id)))

    assert "<b>passwd" not in page


def test_pasted_lines_are_enough(signed_in, at):
    signed_in.post(at("imports.upload"), data={"pasted": "ada@readers.example, Ada"})

    assert only().file_name == "Pasted addresses"


def test_nothing_brought_gets_a_sentence(signed_in, at):
    answer = signed_in.post(at("imports.upload"), data={"pasted": " \n"})

    assert answer.status_code == 422
    assert "paste at least one address" in text(answer)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({}, "which column holds the e-mail"),
        ({"column-0": "email", "column-1": "email"}, "Two columns go into Email"),
        ({"column-0": "email", "existing": "burn"}, "choice"),
        ({"column-0": "email", "new_tag": "x" * 81}, "at most 80"),
    ],
)
@pytest.mark.any_database
def test_mapping_that_makes_no_sense_gets_a_sentence(signed_in, at, cast, mapping, words):
    brought = receive(cast.workspace, FILE)
    address = at("imports.map_columns", public_id=brought.public_id)

    answer = signed_in.post(address, data={"existing": "merge"} | mapping)

    assert answer.status_code == 422
    assert words in text(answer)
    assert faults(text(answer)) == []


def test_chosen_tags_are_given_to_everybody(signed_in, at, cast):
    tag = make_tag(cast.workspace, "Course")
    foreign = make_tag(cast.elsewhere, "Foreign")
    brought = receive(cast.workspace, FILE)

    signed_in.post(
        at("imports.map_columns", public_id=brought.public_id),
        data={
            "column-0": "email",
            "existing": "merge",
            "tags": [str(tag.public_id), str(foreign.public_id)],
        },
    )

    assert only().tags == ["Course"]


@pytest.mark.parametrize("lacking", ["basis", "source", "collected_on", "true_for_all"])
@pytest.mark.any_database
def test_import_without_consent_is_not_checked(signed_in, at, cast, lacking):
    brought = receive(cast.workspace, FILE)
    data = {name: value for name, value in CONSENT.items() if name != lacking}
    if lacking == "basis":
        data["basis"] = "bought"

    answer = signed_in.post(at("imports.state_consent", public_id=brought.public_id), data=data)

    assert answer.status_code == 422
    assert faults(text(answer)) == []
    assert only().state == ImportState.PENDING


def test_consent_from_the_future_is_refused(signed_in, at, cast):
    brought = receive(cast.workspace, FILE)

    answer = signed_in.post(
        at("imports.state_consent", public_id=brought.public_id),
        data=CONSENT | {"collected_on": "2999-01-01"},
    )

    assert "in the future" in text(answer)


def test_page_asks_again_while_something_goes_on_and_stops_after(signed_in, at, cast, worker):
    brought = ready(cast.workspace, FILE)
    address = at("imports.show", public_id=brought.public_id)
    signed_in.post(at("imports.start", public_id=brought.public_id))

    going = signed_in.get(address, headers={"HX-Request": "true"})
    worker()
    over = signed_in.get(address, headers={"HX-Request": "true"})

    assert (going.status_code, over.status_code) == (200, 286)
    assert "every 1s" in text(going)
    assert "every 1s" not in text(over)
    assert "<html" not in text(over)


def test_started_import_is_not_started_twice(signed_in, at, cast, worker):
    brought = ready(cast.workspace, FILE)
    for _ in range(2):
        signed_in.post(at("imports.start", public_id=brought.public_id))

    worker()

    assert only().added == 1


def test_unchecked_import_is_not_started(signed_in, at, cast):
    brought = receive(cast.workspace, FILE)

    answer = signed_in.post(at("imports.start", public_id=brought.public_id))

    assert answer.status_code == 409
    assert only().state == ImportState.PENDING


def test_leaving_drops_the_file(signed_in, at, cast):
    brought = receive(cast.workspace, FILE)

    signed_in.post(at("imports.cancel", public_id=brought.public_id))

    assert only().state == ImportState.CANCELED


def test_people_who_left_are_named_with_the_reason(signed_in, at, cast):
    make_subscriber(
        cast.workspace, email="ada@readers.example", status=SubscriberStatus.UNSUBSCRIBED
    )
    brought = ready(cast.workspace, FILE + "bea@readers.example,Bea,\n")

    page = text(signed_in.get(at("imports.show", public_id=brought.public_id)))

    assert "Only they themselves can come back" in page


def test_refused_rows_come_as_a_file(signed_in, at, cast):
    brought = bring(cast.workspace, FILE + '=1+1,"=cmd()",\n')

    answer = signed_in.get(at("imports.refused", public_id=brought.public_id))

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "'=1+1,'=cmd(),Refused" in text(answer)


def test_sample_file_can_be_imported(signed_in, at, cast):
    sample = signed_in.get(at("imports.sample")).get_data()

    brought = bring(cast.workspace, sample)

    assert (brought.added, brought.refused) == (2, 0)


def test_earlier_imports_are_found_again(signed_in, at, cast):
    brought = bring(cast.workspace, FILE)

    page = text(signed_in.get(at("imports.create")))

    assert at("imports.show", public_id=brought.public_id) in page
    assert faults(page) == []


ONE = [
    ("GET", "imports.columns"),
    ("POST", "imports.map_columns"),
    ("GET", "imports.consent"),
    ("POST", "imports.state_consent"),
    ("GET", "imports.show"),
    ("POST", "imports.start"),
    ("POST", "imports.cancel"),
    ("GET", "imports.refused"),
]


@pytest.mark.parametrize(("method", "endpoint"), ONE)
@pytest.mark.any_database
def test_stranger_gets_404_in_either_workspace(client, at, cast, method, endpoint):
    brought = ready(cast.workspace, FILE)
    sign_in(client, cast.carol)

    for workspace in (cast.workspace, cast.elsewhere):
        address = at(endpoint, workspace, public_id=brought.public_id)
        assert client.open(address, method=method).status_code == 404
    assert only().state == ImportState.READY


@pytest.mark.parametrize("endpoint", ["imports.create", "imports.upload"])
def test_member_who_may_only_look_brings_nothing(client, at, cast, endpoint):
    sign_in(client, cast.bob)

    method = "GET" if endpoint == "imports.create" else "POST"

    assert client.open(at(endpoint), method=method).status_code == 403


def test_import_of_another_workspace_is_not_listed(cast):
    bring(cast.workspace, FILE)

    assert imports.recent(cast.elsewhere.id) == []
