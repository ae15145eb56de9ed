"""Every address of the app, asked by everybody: by the owner, by a member who may only look, by a stranger, by nobody.

The addresses come from the app itself, so a new page is covered on the day it is added.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from mailrith.accounts import actions, links
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.core.clock import now
from mailrith.core.db import Base, db
from mailrith.delivery.models import DeliveryState, RunPhase
from mailrith.subscribers.links import unsubscribe_url
from mailrith.web import chrome
from tests.support import factories
from tests.support.cast import Cast, sign_in
from tests.support.factories_broadcasts import make_broadcast, make_delivery, make_run
from tests.support.front_door import _forgetful_limits, csrf_on, plain  # noqa: F401 - fixtures

# What others' machines post to, with a key, a signature or a sealed token in place of a cookie.
WITHOUT_CSRF = {"api", "unsubscribing"}
READING = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def world(cast: Cast, app: Flask) -> dict[str, Any]:
    """Alice's workspace with one of everything, and a true value for each kind of address."""
    workspace = cast.workspace
    person = factories.make_subscriber(workspace)
    factories.make_tag(workspace, "Growers", person)
    connection = factories.make_connection(workspace)
    make_broadcast(workspace, connection_id=connection.id)
    make_broadcast(
        workspace,
        connection_id=connection.id,
        status=BroadcastStatus.SCHEDULED,
        scheduled_at=now() + timedelta(days=2),
    )
    going = make_broadcast(workspace, connection_id=connection.id, status=BroadcastStatus.RUNNING)
    run = make_run(going, connection, phase=RunPhase.PAUSED)
    delivery = make_delivery(run, person, DeliveryState.IN_DOUBT)
    asked = actions.sign_up(
        name="Bruno", email_key="bruno@people.example", password_hash="x", time_zone="UTC"
    )
    secret = actions.make_owner_link().rpartition("/")[2]
    token = unsubscribe_url(workspace.id, person.id, person.fingerprint, delivery.id)
    db.session.commit()
    return {
        "ws": workspace.slug,
        "ids": list(_public_ids(workspace.id, workspace.account_id)),
        "one_of_each": list(_public_ids(workspace.id, workspace.account_id, limit=1)),
        "/u/": token.rpartition("/")[2],
        "/confirm/": links.confirm_url(asked).rpartition("/")[2],
        "/reset/": links.reset_url(cast.bob).rpartition("/")[2],
        "/welcome/": secret,
    }


def test_no_address_writes_when_it_is_only_opened(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any]
) -> None:
    sign_in(client, cast.alice)
    before = _everything()

    opened = [
        (address, client.get(address).status_code)
        for rule in _rules(app, reading=True)
        for address in _addresses(rule, world)
    ]

    assert len(opened) > 100
    assert not [(address, code) for address, code in opened if code >= 500]
    assert _everything() == before


def test_nothing_that_changes_something_works_without_a_token(
    app: Flask,
    client: FlaskClient,
    cast: Cast,
    world: dict[str, Any],
    csrf_on: None,  # noqa: F811
) -> None:
    sign_in(client, cast.alice)
    before = _everything()

    answers = {}
    for rule in _rules(app, reading=False):
        if rule.endpoint.partition(".")[0] in WITHOUT_CSRF:
            continue
        address = _addresses(rule, world)[0]
        answers[address] = {
            client.post(address).status_code,
            client.post(address, json={"name": "x"}).status_code,
            client.post(address, data="name=x", content_type="text/plain").status_code,
            client.post(address, headers={"Origin": "https://evil.example"}).status_code,
            client.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code,
        }

    assert len(answers) > 20
    assert {a: codes for a, codes in answers.items() if codes != {400}} == {}
    assert _everything() == before


def test_only_machines_are_excused_from_the_token(app: Flask) -> None:
    csrf = app.extensions["csrf"]

    assert {blueprint.name for blueprint in csrf._exempt_blueprints} == WITHOUT_CSRF
    assert csrf._exempt_views == set()


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a worker is there is remembered for a moment, and stands on pages."""
    monkeypatch.setattr(chrome, "_has_workers", lambda: True)


def test_a_stranger_finds_nothing_at_any_address_of_a_workspace(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any], steady: None
) -> None:
    sign_in(client, cast.carol)
    before = _everything()
    nowhere = world | {"ws": "there-is-no-such-place"}

    for rule in _workspace_rules(app):
        address = _addresses(rule, world)[0]
        answer, nothing = (
            _ask(client, rule, address),
            _ask(client, rule, _addresses(rule, nowhere)[0]),
        )
        assert answer.status_code == 404, address
        assert plain(answer.text) == plain(nothing.text), address

    assert _everything() == before


def test_ids_of_others_are_nothing_in_ones_own_workspace(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any], steady: None
) -> None:
    sign_in(client, cast.carol)
    mine = world | {"ws": cast.elsewhere.slug, "ids": world["one_of_each"]}
    before = _everything()

    for rule in _workspace_rules(app):
        if "uuid:" not in rule.rule:
            continue
        unknown = _ask(client, rule, _addresses(rule, mine | {"ids": [uuid4()]})[0])
        for address in _addresses(rule, mine):
            answer = _ask(client, rule, address)
            assert answer.status_code == unknown.status_code == 404, address
            assert plain(answer.text) == plain(unknown.text), address

    assert _everything() == before


def test_a_member_who_may_only_look_changes_nothing(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any]
) -> None:
    sign_in(client, cast.bob)
    before = _everything()

    for rule in _workspace_rules(app):
        if "POST" not in (rule.methods or set()):
            continue
        for address in _addresses(rule, world):
            assert client.post(address).status_code in {403, 404}, address

    assert _everything() == before


def test_nobody_gets_anywhere_without_signing_in(
    app: Flask, client: FlaskClient, world: dict[str, Any]
) -> None:
    before = _everything()

    for rule in _workspace_rules(app):
        address = _addresses(rule, world)[0]
        answer = _ask(client, rule, address)
        assert answer.status_code == 303, address
        assert answer.location.startswith("/sign-in"), address

    assert _everything() == before


@pytest.mark.any_database
def test_every_page_refuses_frames_foreign_scripts_and_guessing_of_types(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any]
) -> None:
    sign_in(client, cast.alice)

    for rule in _rules(app, reading=True):
        answer = client.get(_addresses(rule, world)[0])
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy, rule
        assert "script-src 'self'" in policy or "sandbox" in policy, rule
        assert "frame-ancestors" in policy, rule
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.any_database
def test_no_page_holds_a_script_or_a_style_of_its_own(
    app: Flask, client: FlaskClient, cast: Cast, world: dict[str, Any]
) -> None:
    sign_in(client, cast.alice)

    for rule in _rules(app, reading=True):
        if rule.endpoint == "broadcast_letters.frame":
            continue  # a letter, under a policy of its own
        for address in _addresses(rule, world):
            answer = client.get(address)
            if answer.mimetype == "text/html":
                assert "<style" not in answer.text, address
                assert " style=" not in answer.text, address
                assert " onclick=" not in answer.text, address
                assert "<script>" not in answer.text, address


def _rules(app: Flask, *, reading: bool) -> list[Rule]:
    wanted = "GET" if reading else "POST"
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and wanted in (rule.methods or set())
    ]


def _workspace_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/w/<ws>")]


def _ask(client: FlaskClient, rule: Rule, address: str) -> Any:
    return client.get(address) if "GET" in (rule.methods or set()) else client.post(address)


def _addresses(rule: Rule, world: dict[str, Any]) -> list[str]:
    """The rule with true values: once for each id there is."""
    filled = rule.rule.replace("<ws>", world["ws"])
    for beginning, value in world.items():
        if filled.startswith(beginning):
            filled = filled.replace("<token>", value).replace("<secret>", value)
    ids = world["ids"] if "<uuid:" in filled else [None]
    return [_without_names(filled, public_id) for public_id in ids]


def _without_names(rule: str, public_id: UUID | None) -> str:
    parts = []
    for part in rule.split("/"):
        if part.startswith("<uuid:"):
            parts.append(str(public_id))
        elif part.startswith("<int:"):
            parts.append("1")
        elif part.startswith("<"):
            parts.append("x")
        else:
            parts.append(part)
    return "/".join(parts)


def _public_ids(workspace_id: int, account_id: int, limit: int = 100) -> Iterator[UUID]:
    for table in Base.metadata.sorted_tables:
        if "public_id" not in table.c:
            continue
        if "workspace_id" in table.c:
            mine = table.c.workspace_id == workspace_id
        elif "account_id" in table.c:
            mine = table.c.account_id == account_id
        else:
            continue
        yield from db.session.scalars(select(table.c.public_id).where(mine).limit(limit))


def _everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    return {
        table.name: sorted(map(repr, db.session.execute(select(table))))
        for table in Base.metadata.sorted_tables
    }
