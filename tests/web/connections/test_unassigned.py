"""A connection that a workspace was not given: whoever manages connections there cannot use it by any address."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from mailrith.connections import queries
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.db import Base, db
from mailrith.delivery.models import Run
from tests.support import factories, factories_broadcasts
from tests.support.cast import sign_in


@pytest.fixture
def second(cast):
    """Another workspace of the same account; Erin manages everything in it, and nothing elsewhere."""
    return factories.make_workspace(cast.alice, name="Second")


@pytest.fixture
def connection(cast, smtpd):
    """Alice's first workspace has it, the second does not."""
    return factories.make_connection(cast.workspace, port=smtpd.port)


@pytest.fixture
def erin(client, cast, second):
    user = factories.make_user("Erin")
    areas = ("subscribers", "tags", "broadcasts", "connections", "workspace")
    factories.make_member(second, user, **dict.fromkeys(areas, "manage"))
    sign_in(client, user)
    return client


def addresses(app, second, public_id):
    """Every address below /connections that names one, with its method."""
    for rule in app.url_map.iter_rules():
        if "/connections" in rule.rule and "public_id" in rule.arguments:
            values = dict.fromkeys(rule.arguments, "x")
            values |= {"ws": second.slug, "public_id": public_id}
            method = "get" if "GET" in rule.methods else "post"
            yield method, rule.build(values)[1], rule.endpoint


def everything():
    db.session.rollback()
    return {
        t.name: sorted(map(repr, db.session.execute(select(t))))
        for t in Base.metadata.sorted_tables
    }


def test_no_address_knows_it(app, erin, second, connection, smtpd):
    before = everything()
    asked = set()

    for method, address, endpoint in addresses(app, second, connection.public_id):
        answer = getattr(erin, method)(
            address, data={"recipient": "ada@readers.example"} if method == "post" else None
        )
        unknown = address.replace(str(connection.public_id), str(uuid4()))
        assert answer.status_code == 404, address
        assert getattr(erin, method)(unknown).status_code == 404
        asked.add(endpoint.partition(".")[0])

    assert asked >= {
        "connections",
        "connection_trials",
        "connection_verification",
        "connection_webhooks",
        "connection_senders",
        "connection_history",
        "connection_routing",
        "connection_removal",
    }  # fmt: skip
    assert everything() == before
    assert smtpd.connections == 0


def test_her_lists_do_not_name_it(erin, second, connection):
    for page in ("connections", "connections/order", "broadcasts"):
        assert connection.name not in erin.get(f"/w/{second.slug}/{page}").text


def test_her_own_cannot_be_given_to_his_workspace_nor_his_taken_into_hers(
    erin, cast, second, connection, smtpd
):
    form = {
        "name": "Hers", "host": "127.0.0.1", "port": str(smtpd.port), "secure_mode": "none",
        "from_name": "Erin", "from_email": "erin@allotmentpost.example",
        "workspaces": [str(cast.workspace.id), str(second.id)],
    }  # fmt: skip
    refused = erin.post(f"/w/{second.slug}/connections/new/custom-smtp", data=form)
    form["workspaces"] = str(second.id)
    taken = erin.post(f"/w/{second.slug}/connections/new/custom-smtp", data=form)

    assert (refused.status_code, taken.status_code) == (422, 303)
    made = db.session.scalars(select(Connection).where(Connection.name == "Hers")).one()
    assert connection.id != made.id
    assert serves(made) == [second.id]
    assert serves(connection) == [cast.workspace.id]


def test_a_broadcast_of_hers_leaves_by_no_other_way(erin, cast, second, connection, smtpd):
    """Not by choosing it, and not by a row that names it from the time when she had it."""
    reader = factories.make_subscriber(second)
    draft = factories_broadcasts.make_broadcast(second)
    here = f"/w/{second.slug}/broadcasts/{draft.public_id}"
    plan = {"version": "1", "when": "now", "connection": str(connection.public_id)}
    chosen = erin.post(f"{here}/audience", data=plan)
    db.session.refresh(draft)
    assert (chosen.status_code, draft.connection_id) == (422, None)
    assert "connection" in chosen.text

    draft.connection_id = connection.id
    db.session.commit()
    test = {"to": "ada@b.example", "reader": reader.public_id}
    agreed = {"version": draft.version, "shown_count": "1", "confirm_count": "1"}
    tried, sent = erin.post(f"{here}/test", data=test), erin.post(f"{here}/send", data=agreed)
    assert (tried.status_code, sent.status_code) == (409, 409)
    assert db.session.scalars(select(Run)).all() == []
    assert smtpd.connections == 0

    db.session.add(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    db.session.commit()
    tried, sent = erin.post(f"{here}/test", data=test), erin.post(f"{here}/send", data=agreed)
    assert (tried.status_code, sent.status_code) == (200, 303), "nothing else was in the way"
    assert smtpd.connections == 1


def serves(connection):
    """The ids of the workspaces that it serves."""
    return [workspace.id for workspace in queries.workspaces_of([connection.id])[connection.id]]
