"""Every operation, asked by everybody: without a key, with dead ones, with too small ones, with those of other workspaces.

The operations come from the app itself, so a new one is covered on the day it is added.
"""

import re
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import delete, select

from mailrith.accounts import api_keys
from mailrith.accounts.models import ApiKey, Member
from mailrith.accounts.scopes import READ_AND_WRITE, SCOPES
from mailrith.api import RESOURCES, nowhere, openapi, rates
from mailrith.api.operations import OPERATIONS
from mailrith.core.clock import now
from mailrith.core.db import Base, db
from tests.api.conftest import Program
from tests.support import factories, factories_messages
from tests.support.factories_api import key_for

for module in RESOURCES:
    import_module(module)
CLOSED = [name for name, found in OPERATIONS.items() if not found.open]


@pytest.fixture
def public_ids(cast):
    """The ids of one of everything that Alice's workspace has."""
    factories.make_connection(cast.workspace)
    factories_messages.accept(cast.workspace)
    key_for(cast.workspace, cast.alice)
    found = []
    for table in Base.metadata.sorted_tables:
        if "public_id" in table.c:
            found += db.session.scalars(select(table.c.public_id).limit(1))
    return found


def address(name, public_id):
    return re.sub(r"<[^>]+>", str(public_id), OPERATIONS[name].path)


def asked(program, name, public_id):
    """The answer, without what differs between any two."""
    found = OPERATIONS[name]
    body = {} if found.body is None else {"json": {}}
    headers = {"Idempotency-Key": str(uuid4())}
    return program.ask(found.method, address(name, public_id), headers=headers, **body)


def rows():
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table))))
        for table in Base.metadata.sorted_tables
    }


def codes(program, public_id):
    return {name: asked(program, name, public_id).status_code for name in CLOSED}


def test_without_a_key_that_opens_something_all_is_closed(app, cast, public_ids):
    dora = factories.make_user("Dora")
    factories.make_member(cast.workspace, dora)
    makers = (cast.alice, cast.alice, cast.bob, dora)
    revoked, ended, left, locked = (key_for(cast.workspace, maker) for maker in makers)
    revoked.row.revoked_at = now()
    ended.row.expires_at = now() - timedelta(seconds=1)
    db.session.execute(delete(Member).where(Member.user_id == cast.bob.id))
    dora.active = False
    db.session.commit()
    before = rows()
    wrong = ("mrk_" + "x" * 43, revoked.secret[:-1] + "!", "x" * 5000, "ключ", "")

    for secret in (None, *wrong, revoked.secret, ended.secret, left.secret, locked.secret):
        program = Program(app, None)
        if secret is not None:
            program.headers = {"Authorization": f"Bearer {secret}".encode().decode("latin-1")}
        app.extensions[rates.EXTENSION].limiter.reset()
        assert set(codes(program, public_ids[0]).values()) == {401}, secret
    assert rows() == before


def test_dead_keys_are_not_told_from_invented_ones(app, cast):
    revoked = key_for(cast.workspace, cast.alice)
    revoked.row.revoked_at = now()
    db.session.commit()

    dead, invented = (
        Program(app, secret).get("/workspace") for secret in (revoked.secret, "mrk_nothing")
    )

    assert dead.get_json() == invented.get_json()
    assert dead.get_json()["error"]["recovery"]["action"] == "replace_api_key"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", CLOSED)
def test_each_scope_is_needed_and_the_answer_says_which(program_of, cast, public_ids, name):
    before = None
    for scope in OPERATIONS[name].scopes:
        rest = [other for other in READ_AND_WRITE if other != scope]
        program = program_of(cast.workspace, cast.alice, rest)
        before = before or rows()
        error = asked(program, name, public_ids[0]).get_json()["error"]
        assert (error["type"], error["code"]) == ("permission_error", "insufficient_scope")
        assert error["missing_scopes"] == [scope]
        assert error["required_scopes"] == list(OPERATIONS[name].scopes)
        assert scope in error["replacement_scopes"]


def test_a_key_can_do_no_more_than_whoever_made_it(program_of, cast, public_ids):
    # Bob may see everything and change nothing; his key says that it may do all.
    program = program_of(cast.workspace, cast.bob)
    before = rows()
    before.pop("api_keys")

    for name, code in codes(program, public_ids[0]).items():
        needed = [SCOPES[scope] for scope in OPERATIONS[name].scopes]
        if any(scope.level == "manage" for scope in needed):
            assert code == 403, name
    after = rows()
    after.pop("api_keys")
    assert after == before


def test_the_scope_table_holds_when_permissions_are_taken_away(program, cast):
    member = db.session.scalars(select(Member).where(Member.user_id == cast.alice.id)).one()
    member.role, member.permissions = "member", {}
    db.session.commit()

    answer = program.get("/workspace")

    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "insufficient_permission"


def test_ids_of_others_are_nothing_and_nothing_is_done(program_of, cast, public_ids):
    stranger = program_of(cast.elsewhere, cast.carol)
    stranger.get("/workspace")  # notes the key's use
    before = rows()

    for name in CLOSED:
        if "<" not in OPERATIONS[name].path:
            continue
        unknown = asked(stranger, name, uuid4())
        for public_id in public_ids:
            answer = asked(stranger, name, public_id)
            assert answer.status_code == unknown.status_code, name
            assert answer.get_json() == unknown.get_json(), name
    assert rows() == before


def test_reading_writes_nothing(program, public_ids):
    program.get("/workspace")  # notes the key's use
    before = rows()

    for name, found in OPERATIONS.items():
        if found.reads:
            assert asked(program, name, public_ids[0]).status_code < 500, name
    assert rows() == before


def test_when_a_key_was_used_is_known_to_the_hour_and_costs_no_more(program):
    def used_at():
        program.get("/workspace")
        return db.session.scalar(select(ApiKey.last_used_at))

    first, same = used_at(), used_at()
    with time_machine.travel(now() + api_keys.USED_WITHIN + timedelta(seconds=1)):
        later = used_at()

    assert first is not None
    assert same == first
    assert later > first


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_each_address_is_an_operation_that_is_described(app, program_of):
    rules = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and not rule.endpoint.endswith(nowhere.NAME)
        for method in (rule.methods or set()) - {"HEAD"}
    }
    document = program_of().get("/openapi.json").get_json()
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }

    assert described == rules
    assert len(rules) == len(OPERATIONS) > 10


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_document_names_only_what_is_in_it(app, program_of):
    text = program_of().get("/openapi.json").text
    document = program_of().get("/openapi.json").get_json()
    schemas = document["components"]["schemas"]

    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= set(schemas)
    for operations in document["paths"].values():
        for described in operations.values():
            assert set(described["tags"]) <= set(openapi.ABOUT), described["operationId"]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_each_operation_has_a_scope_that_exists_and_a_shape(app):
    for name in CLOSED:
        found = OPERATIONS[name]
        assert set(found.scopes) <= set(SCOPES), name
        assert found.scopes or name == "getPublicApiCapabilities"
        assert found.answer is not None or found.status == 204, name
        assert any(scope.endswith(":write") for scope in found.scopes) or found.reads, name


def test_capabilities_are_what_would_not_be_refused(program_of, cast, public_ids):
    reader = program_of(cast.workspace, cast.bob)
    data = reader.get("/capabilities").get_json()["data"]
    listed = {one["operation_id"] for group in data["resources"] for one in group["operations"]}

    refused = {name for name, code in codes(reader, public_ids[0]).items() if code == 403}
    assert listed == set(OPERATIONS) - refused
    assert refused
    assert data["credential"]["key_preview"].startswith("mrk_…")
    assert data["workspace"]["name"] == cast.workspace.name
    assert data["limitations"] == []


def test_a_workspace_that_cannot_send_says_so(program_of, cast):
    data = program_of(cast.elsewhere, cast.carol).get("/capabilities").get_json()["data"]

    assert [one["code"] for one in data["limitations"]] == ["email_delivery_connection_missing"]
