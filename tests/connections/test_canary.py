"""A connection with canaries for secrets goes through everything; afterwards no store, log or page holds one of them."""

import logging
import sys
import zlib
from base64 import b64encode
from dataclasses import dataclass, field, replace
from io import StringIO
from urllib.parse import quote
from uuid import uuid4

import pytest
import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from mailrith import worker
from mailrith.accounts.models import User
from mailrith.api.operations import OPERATIONS
from mailrith.broadcasts import actions as broadcasts
from mailrith.connections import actions, credentials
from mailrith.connections.checks import checking
from mailrith.connections.models import AuthMechanism, Connection
from mailrith.core import config, network, queue, rotation
from mailrith.core.db import Base, db
from mailrith.delivery.sending import engine
from mailrith.events.mailbox import jobs as mailbox_jobs
from tests.api.conftest import Program
from tests.support import factories, factories_broadcasts
from tests.support.cast import sign_in
from tests.support.factories_api import key_for
from tests.support.factories_connections import typed_connection

HOST = "canary-host-7f3a.example"
USERNAME = "canary-username-7f3a"
PASSWORD = "canary-password-7f3a"
NEW_PASSWORD = "canary-replaced-7f3a"
WRONG_PASSWORD = "canary-mistyped-7f3a"
TOKEN = {
    "oauth_secret": "canary-client-secret-7f3a",
    "oauth_refresh": "canary-refresh-7f3a",
}
ACCESS = "canary-access-7f3a"
MAILBOX = {
    "address": "bounces@allotmentpost.example",
    "protocol": "imap",
    "host": HOST,
    "secure_mode": "tls",
    "username": USERNAME,
    "sign_in": "token",
    "oauth_client_id": "client",
    "oauth_token_url": "https://localhost/token",
    "oauth_secret": "canary-mailbox-client-7f3a",
    "oauth_refresh": "canary-mailbox-refresh-7f3a",
    "afterwards": "keep",
}
SECRETS = (
    PASSWORD,
    NEW_PASSWORD,
    WRONG_PASSWORD,
    *TOKEN.values(),
    ACCESS,
    MAILBOX["oauth_secret"],
    MAILBOX["oauth_refresh"],
)
NEW_KEY = config.Key("k2", b"n" * 32)
METRICS = "metrics-token"


@dataclass
class Haystack:
    """Everything that was kept or shown, by where. `printed` takes what structlog writes."""

    printed: StringIO = field(default_factory=StringIO)
    found: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, where, content):
        data = content if isinstance(content, bytes) else str(content).encode()
        self.found.append((where, data.lower()))

    def holding(self, *needles):
        """Where one of the needles is, as it is or encoded."""
        forms = {form for needle in needles for form in _forms(needle)}
        return sorted({where for where, data in self.found if any(form in data for form in forms)})


def _forms(needle):
    """The needle as bytes: plain, in an address, and inside a longer base64 text."""
    yield needle.lower().encode()
    yield quote(needle, safe="").lower().encode()
    for shift in range(3):
        # Without the characters that depend on what stands beside it.
        encoded = b64encode(b"x" * shift + needle.encode()).rstrip(b"=")
        yield encoded[4 if shift else 0 : -2].lower()


def test_the_search_finds_what_it_has_to_find():
    haystack = Haystack()
    haystack.add("plain", f"535 no {PASSWORD}")
    haystack.add("sign-in", b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()))
    haystack.add("nothing", "535 no")

    assert haystack.holding(PASSWORD) == ["plain", "sign-in"]
    assert haystack.holding(USERNAME) == ["sign-in"]


@pytest.fixture
def server(start_smtpd):
    """A mail server that takes the password, and repeats who asks when it does not."""
    server = start_smtpd(users={USERNAME: PASSWORD})
    server.answer("greeting", f"220 {HOST} ESMTP")
    server.answer("RCPT", f"550 5.1.1 {HOST} knows no such user", argument="gone@")
    return server


@pytest.fixture
def haystack(app, monkeypatch):
    """With a name server that knows the canary's host, and a place for metrics."""

    async def look_up(name, port):
        return ["127.0.0.1"]

    monkeypatch.setattr(network, "_system_lookup", look_up)
    settings = replace(
        config.current(), metrics_token=METRICS, public_url="https://post.mailrith.example"
    )
    config.install(settings)
    before, printed = structlog.get_config(), StringIO()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(printed),
        cache_logger_on_first_use=False,
    )
    for name, module in list(sys.modules.items()):
        if name.startswith("mailrith.") and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", structlog.get_logger())  # the old one is kept
    yield Haystack(printed)
    structlog.configure(**before)
    engine.current().discard()


@pytest.fixture
def work(app, haystack):
    """Let a real worker do everything that waits, after a look at what waits."""

    def run():
        db.session.rollback()
        haystack.add("jobs", _whole_queue())
        worker.AppJob.app = app
        client = queue.connect()
        queues = [
            Queue(name, connection=client, serializer=JSONSerializer, job_class=worker.AppJob)
            for name in queue.QUEUES
        ]
        warm = worker.WarmWorker(queues, connection=client, serializer=JSONSerializer)
        warm.work(burst=True, logging_level="DEBUG")
        haystack.add("queue server", _whole_queue())
        client.close()

    return run


def test_no_store_log_or_page_holds_a_secret(
    app, cast, client, server, haystack, work, caplog, capfd, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    sign_in(client, cast.alice)
    home = f"/w/{cast.workspace.slug}/connections"
    form = {
        "name": "Northpost SMTP",
        "host": HOST,
        "port": str(server.port),
        "secure_mode": "none",
        "allow_clear_auth": "y",
        "username": USERNAME,
        "password": PASSWORD,
        "from_name": "Hannah",
        "from_email": "hannah@allotmentpost.example",
        "workspaces": str(cast.workspace.id),
    }

    def press(path, **data):
        answer = client.post(path, data=data)
        haystack.add(
            f"answer {answer.status_code} of {path.rpartition('/')[2]} for Alice", answer.data
        )
        return answer

    # made, and changed with mistakes
    press(f"{home}/new/custom-smtp", **form | {"from_email": "nonsense"})
    assert press(f"{home}/new/custom-smtp", **form).status_code in {302, 303}
    connection = db.session.scalar(select(Connection))
    here = f"{home}/{connection.public_id}"
    assert press(here, **form | {"port": "1", "password": ""}).status_code == 422
    assert press(here, **form | {"port": "99999", "password": WRONG_PASSWORD}).status_code == 422

    # tried: well, with the wrong password, and well again
    press(f"{here}/verification")
    work()
    press(f"{here}/test", recipient="ada@readers.example")
    press(here, **form | {"password": WRONG_PASSWORD})
    server.answer("AUTH", f"535 5.7.8 {USERNAME} failed at {HOST}, not {WRONG_PASSWORD}")
    press(f"{here}/verification")
    work()
    press(f"{here}/test", recipient="ada@readers.example")
    _look_at_pages(client, cast, connection, haystack)
    _ask_the_api(app, cast, connection, haystack)
    server.clear()
    server.answer("RCPT", f"550 5.1.1 {HOST} knows no such user", argument="gone@")
    server.answer("dot", f"250 2.0.0 Queued by {HOST.upper()}")
    server.users[USERNAME] = NEW_PASSWORD
    press(here, **form | {"password": NEW_PASSWORD})
    press(f"{here}/test", recipient="ada@readers.example")
    press(f"{here}/resume")

    # another one, with tokens
    token = _with_tokens(cast)
    press(f"{home}/{token.public_id}/test", recipient="ada@readers.example")
    press(f"{home}/{token.public_id}/verification")
    work()

    # and its bounce mailbox, with tokens too
    mailbox = f"{home}/{token.public_id}/mailbox"
    assert press(mailbox, **MAILBOX | {"address": "nonsense"}).status_code == 422
    assert press(mailbox, **MAILBOX).status_code == 303
    assert press(mailbox, **MAILBOX | {"oauth_refresh": "", "port": "143"}).status_code == 422
    work()
    mailbox_jobs.fetch_due()
    work()

    # a broadcast with a refusal, and a job that breaks
    run = _broadcast(cast, connection)
    assert press(f"{here}/disable").status_code == 409
    assert press(f"{home}/{cast.workspace.public_id}").status_code == 404
    work()
    monkeypatch.setattr(checking.probing, "verify", _break)
    press(f"{here}/verification")
    work()
    config.install(replace(config.current(), keys=(NEW_KEY, *config.current().keys)))
    rotation.rotate()

    for user in (cast.alice, cast.bob, cast.carol):
        sign_in(client, user)
        _look_at_pages(client, cast, connection, haystack)
        _look_at_pages(client, cast, token, haystack)
    _ask_the_api(app, cast, connection, haystack)
    _ask_the_api(app, cast, token, haystack)
    sign_in(client, cast.alice)
    haystack.add("broadcast", client.get(f"/w/{cast.workspace.slug}/broadcasts/{run}").data)
    metrics = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"})
    haystack.add("metrics", metrics.data)
    assert metrics.status_code == 200
    haystack.add("database", _whole_database())
    haystack.add("queue server", _whole_queue())
    haystack.add("log", caplog.text + haystack.printed.getvalue())
    haystack.add("output", "".join(capfd.readouterr()))

    # what was looked at is not empty
    assert "database" in haystack.holding("connection.mailbox_added")
    assert {login[1] for login in server.logins} >= {NEW_PASSWORD}
    assert haystack.holding("connection.edited") == ["database"]
    assert "log" in haystack.holding("job_failed")
    assert "jobs" in haystack.holding("mailrith.connections.jobs.check")
    # who may see the connection sees its host, and who may change it its username
    assert haystack.holding(*SECRETS) == []
    assert any(_is_page_of(where, "Alice") for where in haystack.holding(HOST))
    assert "API getEmailDeliveryConnection 200 for Alice" in haystack.holding(USERNAME)
    assert "API testEmailDeliveryConnection 200 for Alice" in {where for where, _ in haystack.found}
    assert {
        where for where in haystack.holding(HOST) if not _is_page_of(where, "Alice", "Bob")
    } == set()
    assert {
        where for where in haystack.holding(USERNAME) if not _is_page_of(where, "Alice")
    } == set()


def _is_page_of(where, *names):
    """Whether it is an answer to one of them."""
    return where.endswith(tuple(f" for {name}" for name in names))


def _break(probe, observe=None):
    raise ValueError("broken")


def _with_tokens(cast):
    values = typed_connection(
        cast.workspace,
        **TOKEN,
        name="Tokens",
        host=HOST,
        port=1,
        username=USERNAME,
        auth_mechanism=AuthMechanism.XOAUTH2,
        oauth_client_id="client",
        oauth_token_url="http://127.0.0.1:1/token",
    )
    user = db.session.get_one(User, cast.alice.id)
    made = actions.create(cast.workspace.account_id, values, user)
    credentials.seal(made, "oauth_access", ACCESS)
    db.session.commit()
    return made


def _broadcast(cast, connection):
    for address in ("ada@readers.test", "gone@readers.test"):
        factories.make_subscriber(cast.workspace, email=address)
    broadcast = factories_broadcasts.make_broadcast(cast.workspace, connection_id=connection.id)
    broadcasts.send_now(cast.workspace, broadcast, user_id=cast.alice.id, typed_count="2")
    db.session.commit()
    return broadcast.public_id


def _look_at_pages(client, cast, connection, haystack):
    """Every page below /connections, as it stands and as a part of one."""
    with client.session_transaction() as session:
        who = next(
            user.display_name
            for user in (cast.alice, cast.bob, cast.carol)
            if user.fs_uniquifier == session["_user_id"]
        )
    places = {"workspace": cast.workspace.slug, "public_id": connection.public_id}
    for rule in client.application.url_map.iter_rules():
        if "GET" not in rule.methods or "/connections" not in rule.rule:
            continue
        values = {name: places.get(name, "custom-smtp") for name in rule.arguments}
        if "slug" in values:
            values["slug"] = cast.workspace.slug
        _, path = rule.build(values)
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code < 500, path
            haystack.add(f"{rule.rule} for {who}", answer.data)


def _ask_the_api(app, cast, connection, haystack):
    """Every operation about connections but the end of one, for a key of each of them; two are mistaken."""
    bodies = {"test": {"to": "gone@readers.example"}, "status": {"enabled": PASSWORD}}
    stolen = {"host": HOST, "username": USERNAME, "password": WRONG_PASSWORD}
    for user in (cast.alice, cast.bob):
        program = Program(app, key_for(cast.workspace, user).secret)
        for found in OPERATIONS.values():
            if "connections" not in found.path or found.method == "DELETE":
                continue
            path = found.path.replace("<uuid:connection_id>", str(connection.public_id))
            body = bodies.get(path.rpartition("/")[2], stolen) if found.body else None
            headers = {"Idempotency-Key": str(uuid4())}
            answer = program.ask(found.method, path, json=body, headers=headers)
            assert answer.status_code < 500, path
            haystack.add(
                f"API {found.id} {answer.status_code} for {user.display_name}", answer.data
            )


def _whole_database():
    """Every value of every row, bytes as they are."""
    db.session.rollback()
    values = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(table.select()):
            values += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    db.session.rollback()
    return b"\n".join(values) + str([entry.name for entry in Base.metadata.sorted_tables]).encode()


def _whole_queue():
    """Every key of the queue server, with what RQ packs unpacked."""
    client = redis.Redis.from_url(config.current().redis_url)
    readers = {
        b"string": client.get,
        b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": lambda key: list(client.smembers(key)),
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    found = []
    for key in client.scan_iter():
        read = readers[client.type(key)](key)
        found += [key, *(read if isinstance(read, list) else [read or b""])]
    client.close()
    return b"\n".join(_unpacked(value) for value in found)


def _unpacked(value):
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
