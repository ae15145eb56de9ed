"""The suppression list: what it shows, what goes on it, and what comes off."""

import csv
import io

import pytest
from flask import url_for
from sqlalchemy import select

from mailrith.accounts.models import AuditEntry
from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.subscribers import actions as subscribers
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression import actions, queries
from mailrith.suppression.models import Suppression, SuppressionReason
from tests.support.cast import sign_in
from tests.support.factories import make_member, make_subscriber, make_user
from tests.support.html import faults

Reason = SuppressionReason


def test_an_empty_list_says_how_it_fills(signed_in, at):
    page = signed_in.get(at("index")).text

    assert "Nobody is suppressed" in page
    assert faults(page) == []


def test_the_list_shows_address_reason_and_where_it_came_from(signed_in, at, suppress):
    suppress("ada@readers.example", Reason.BOUNCED, "550 5.1.1 <no> such user")

    page = signed_in.get(at("index")).text

    assert "ada@readers.example" in page
    assert "550 5.1.1 &lt;no&gt; such user" in page
    assert faults(page) == []


def test_of_a_deleted_person_only_a_code_is_shown_and_the_whole_address_finds_it(
    signed_in, at, cast
):
    person = make_subscriber(cast.workspace, email="gone@readers.example")
    subscribers.record_complaint(person.id, "Marked it as spam")
    subscribers.delete(person)
    db.session.commit()

    page = signed_in.get(at("index")).text

    assert "Address not kept" in page
    assert "gone@readers.example" not in page
    assert "Address not kept" in signed_in.get(at("index", q="Gone@readers.example")).text
    assert "Nobody matches" in signed_in.get(at("index", q="gone")).text


def test_search_and_reason_narrow_the_list(signed_in, at, suppress):
    suppress("ada@readers.example", Reason.BOUNCED)
    suppress("wren@fenmail.example", Reason.UNSUBSCRIBED)

    by_text = signed_in.get(at("index", q="FENMAIL")).text
    by_reason = signed_in.get(at("index", reason="bounced")).text
    partial = signed_in.get(at("index", q="ada"), headers={"HX-Request": "true"}).text

    assert "wren@" in by_text
    assert "ada@" not in by_text
    assert "ada@" in by_reason
    assert "wren@" not in by_reason
    assert "ada@" in partial
    assert "<html" not in partial
    assert "Nobody matches" in signed_in.get(at("index", q="100%_")).text
    assert signed_in.get(at("index", reason="nonsense", after="x", q="\0")).status_code == 200


def test_a_long_list_has_pages(signed_in, at, suppress, cast):
    for number in range(queries.PAGE + 3):
        suppress(f"reader{number}@readers.example")

    first = signed_in.get(at("index")).text
    cursor = queries.search(cast.workspace, queries.Filter()).after
    second = signed_in.get(at("index", after=cursor)).text

    assert "reader52@" in first
    assert "reader2@" not in first
    assert "reader2@" in second
    assert "reader52@" not in second


def test_pasted_addresses_go_on_the_list_and_stop_who_is_here(signed_in, at, cast):
    here = make_subscriber(cast.workspace, email="ada@readers.example")
    pasted = "ADA@readers.example, wren@fenmail.example\nTomos <tomos@pritchard.example>\nnothing\n"

    answer = signed_in.post(
        at("add"), data={"pasted": pasted, "reason": "unsubscribed", "note": "By post"}
    )

    assert answer.location == at("index")
    assert kept(cast.workspace) == {
        "ADA@readers.example": Reason.UNSUBSCRIBED,
        "wren@fenmail.example": Reason.UNSUBSCRIBED,
        "tomos@pritchard.example": Reason.UNSUBSCRIBED,
    }
    db.session.refresh(here)
    assert here.status == SubscriberStatus.UNSUBSCRIBED
    assert here.status_reason == "Added by Alice: By post"
    assert audited() == [
        ("suppressions.added", {"addresses": 3, "changed": 3, "reason": "unsubscribed"})
    ]
    assert (
        "3 addresses are on the list now. 1 line was left out." in signed_in.get(at("index")).text
    )


def test_something_else_keeps_the_status_and_suppresses_all_the_same(signed_in, at, cast):
    here = make_subscriber(cast.workspace, email="ada@readers.example")

    signed_in.post(at("add"), data={"pasted": here.email, "reason": "manual"})

    db.session.refresh(here)
    assert here.status == SubscriberStatus.ACTIVE
    assert kept(cast.workspace) == {here.email: Reason.MANUAL}


def test_a_weaker_reason_replaces_no_stronger_one(signed_in, at, cast, suppress):
    suppress("ada@readers.example", Reason.COMPLAINED)

    signed_in.post(at("add"), data={"pasted": "ada@readers.example", "reason": "manual"})

    assert kept(cast.workspace) == {"ada@readers.example": Reason.COMPLAINED}
    assert "0 addresses are on the list now. 1 was there before." in signed_in.get(at("index")).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"pasted": "", "reason": "bounced"}, "There is no address here"),
        ({"pasted": "hello there", "reason": "bounced"}, "begins: hello there"),
        ({"pasted": "ada@readers.example", "reason": "provider"}, "Choose why"),
        ({"pasted": "ada@readers.example", "reason": "bounced", "note": "x" * 121}, "At most 120"),
        ({}, "There is no address here"),
    ],
)
@pytest.mark.any_database
def test_what_cannot_be_used_gets_its_sentence(signed_in, at, cast, data, words):
    answer = signed_in.post(at("add"), data=data)

    assert answer.status_code == 422
    assert words in answer.text
    assert kept(cast.workspace) == {}
    assert faults(answer.text) == []


def test_a_file_of_another_service_brings_its_own_reasons(signed_in, at, cast):
    file = "created,email,reason\n1,ada@readers.example,550 hard bounce\n2,wren@fenmail.example,\n3,tomos@pritchard.example,spam report\n"
    upload = (io.BytesIO(b"\xef\xbb\xbf" + file.encode()), "bounces.csv")

    signed_in.post(
        at("add"),
        data={"upload": upload, "reason": "manual"},
        content_type="multipart/form-data",
    )

    assert kept(cast.workspace) == {
        "ada@readers.example": Reason.BOUNCED,
        "wren@fenmail.example": Reason.MANUAL,
        "tomos@pritchard.example": Reason.COMPLAINED,
    }
    assert audited()[0][0] == "suppressions.imported"


def test_what_is_exported_can_be_brought_back(signed_in, at, cast, suppress):
    suppress("=cmd@readers.example", Reason.BOUNCED, "=1+1")
    suppress("'=odd@readers.example", Reason.UNSUBSCRIBED)
    suppress("gone@readers.example", Reason.BLOCKED, email=None)

    answer = signed_in.get(at("export"))
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [row["email"] for row in rows] == ["'=cmd@readers.example", "'=odd@readers.example", ""]
    assert [row["reason"] for row in rows] == ["bounced", "unsubscribed", "blocked"]
    assert rows[0]["source"] == "'=1+1"
    before = kept(cast.workspace)
    db.session.execute(Suppression.__table__.delete())
    db.session.commit()

    upload = (io.BytesIO(answer.get_data()), "suppressions.csv")
    signed_in.post(
        at("add"), data={"upload": upload, "reason": "manual"}, content_type="multipart/form-data"
    )

    after = kept(cast.workspace)
    assert after["=cmd@readers.example"] == before["=cmd@readers.example"]
    assert len(after) == 2


def test_nothing_comes_off_without_a_reason(signed_in, at, cast, suppress):
    code = suppress("ada@readers.example", Reason.BOUNCED)

    page = signed_in.get(at("confirm_remove", code=code)).text
    answer = signed_in.post(at("remove", code=code), data={"why": " \n "})

    assert "makes nobody Active" in page
    assert faults(page) == []
    assert answer.status_code == 422
    assert "Say why it comes off the list" in answer.text
    assert kept(cast.workspace) == {"ada@readers.example": Reason.BOUNCED}


def test_taking_an_address_off_makes_nobody_active(signed_in, at, cast):
    person = make_subscriber(cast.workspace, email="ada@readers.example")
    subscribers.record_hard_bounce(person.id, "No such user")
    db.session.commit()

    signed_in.post(
        at("remove", code=person.fingerprint.hex()), data={"why": "The server was wrong"}
    )

    db.session.refresh(person)
    assert kept(cast.workspace) == {}
    assert person.status == SubscriberStatus.BOUNCED
    [(action, details)] = audited()
    assert action == "suppression.removed"
    assert details == {"reason": "bounced", "why": "The server was wrong"}
    assert db.session.scalar(select(AuditEntry.subject)) == "a***@readers.example"


def test_a_complaint_cannot_be_taken_off(signed_in, at, cast, suppress):
    code = suppress("ada@readers.example", Reason.COMPLAINED)

    page = signed_in.get(at("confirm_remove", code=code)).text
    signed_in.post(at("remove", code=code), data={"why": "I would like to"})

    assert "This address stays on the list" in page
    assert kept(cast.workspace) == {"ada@readers.example": Reason.COMPLAINED}
    assert "reported a mail as spam" in signed_in.get(at("index")).text


@pytest.mark.parametrize("code", ["x", "0" * 32, "z" * 32, "0" * 33])
@pytest.mark.any_database
def test_a_code_that_is_none_leads_nowhere(signed_in, at, suppress, code):
    assert signed_in.get(at("confirm_remove", code=code)).status_code == 404
    assert signed_in.post(at("remove", code=code), data={"why": "x"}).status_code == 404


ROUTES = [
    ("index", "get"),
    ("export", "get"),
    ("create", "get"),
    ("add", "post"),
    ("confirm_remove", "get"),
    ("remove", "post"),
]


@pytest.mark.parametrize(("endpoint", "method"), ROUTES)
@pytest.mark.any_database
def test_a_stranger_finds_nothing(client, at, cast, suppress, endpoint, method):
    code = suppress("ada@readers.example", Reason.BOUNCED)
    values = {"code": code} if "remove" in endpoint else {}
    data = {"pasted": "x@y.example", "reason": "bounced", "why": "x"}
    sign_in(client, cast.carol)

    theirs = getattr(client, method)(at(endpoint, **values), data=data)
    own = getattr(client, method)(at(endpoint, cast.elsewhere, **values), data=data)

    assert theirs.status_code == 404
    assert own.status_code == (404 if values else own.status_code)
    assert "ada@readers.example" not in own.text
    assert kept(cast.workspace) == {"ada@readers.example": Reason.BOUNCED}


@pytest.mark.parametrize(("endpoint", "method"), ROUTES[1:])
@pytest.mark.any_database
def test_who_may_only_look_changes_nothing(client, at, cast, suppress, endpoint, method):
    code = suppress("ada@readers.example", Reason.BOUNCED)
    values = {"code": code} if "remove" in endpoint else {}
    sign_in(client, cast.bob)

    answer = getattr(client, method)(
        at(endpoint, **values), data={"pasted": "x@y.example", "reason": "bounced", "why": "x"}
    )

    assert client.get(at("index")).status_code == 200
    assert answer.status_code == 403
    assert kept(cast.workspace) == {"ada@readers.example": Reason.BOUNCED}


def test_who_may_not_see_subscribers_does_not_see_the_list(client, at, cast):
    dora = make_user("Dora")
    make_member(cast.workspace, dora, broadcasts="manage")
    sign_in(client, dora)

    assert client.get(at("index")).status_code == 403


def kept(workspace):
    db.session.expire_all()
    rows = db.session.scalars(select(Suppression).where(Suppression.workspace_id == workspace.id))
    return {row.email: row.reason for row in rows}


def audited():
    return [(row.action, row.details) for row in db.session.scalars(select(AuditEntry))]


@pytest.fixture
def at(app, cast):
    def address(endpoint, workspace=None, **values):
        with app.test_request_context():
            slug = (workspace or cast.workspace).slug
            return url_for(f"suppressions.{endpoint}", ws=slug, **values)

    return address


@pytest.fixture
def suppress(cast):
    """Puts an address on the list and returns its code."""

    def one(address, reason=Reason.MANUAL, source="By hand", **more):
        fingerprint = addresses.fingerprint(cast.workspace.address_salt, address)
        email = more.get("email", address)
        actions.suppress(cast.workspace.id, fingerprint, email, reason, source)
        db.session.commit()
        return fingerprint.hex()

    return one
