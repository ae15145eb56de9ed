"""The webhook: who may post, what is refused how, and that 200 means it is on disk."""

import io
import json
import logging
import time
import tracemalloc
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mailrith.connections import credentials
from mailrith.core import clock, config
from mailrith.core.db import db
from mailrith.events import recording
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState
from mailrith.events.shelf import Shelf
from mailrith.hooks import endpoint
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from tests.support import factories, factories_events
from tests.support.factories_events import event, make_delivery, signed

pytestmark = pytest.mark.usefixtures("run_jobs")


def test_a_signed_event_is_stored_answered_and_applied(hook, sent, run_jobs):
    answer = hook.post([event(sent, "hard_bounce")])

    assert answer.status_code == 200
    assert answer.json == {"message": "Stored."}
    assert status_of(sent) == SubscriberStatus.ACTIVE  # a job does it, after the answer
    db.session.rollback()
    run_jobs()
    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_the_raw_body_is_kept_byte_for_byte(hook):
    body = b'  [ {"event" :"test"} ]\n'

    hook.post_raw(body)

    stored = db.session.scalars(select(HookRequest)).one()
    assert stored.body == body
    assert stored.state == HookRequestState.RECEIVED


def test_a_single_object_is_as_good_as_an_array(hook, sent, run_jobs):
    hook.post(event(sent, "complaint"))
    run_jobs()

    assert status_of(sent) == SubscriberStatus.COMPLAINED


def test_telling_an_event_a_thousand_times_changes_nothing(hook, sent, run_jobs):
    body = json.dumps([event(sent, "hard_bounce", id="ev-1")] * 50).encode()
    headers = signed(hook.signing, body)

    for _ in range(20):
        assert hook.post_raw(body, headers).status_code == 200
    run_jobs()

    assert count(DeliveryFact) == 1
    assert status_of(sent) == SubscriberStatus.BOUNCED


def test_a_bad_signature_is_refused_and_nothing_stored(hook, sent):
    body = json.dumps(event(sent)).encode()
    headers = signed(hook.signing, body)

    for bad in (body + b" ", body.replace(b"hard_bounce", b"complaint"), b""):
        answer = hook.post_raw(bad, headers)
        assert answer.status_code == 403
        assert "sign" in answer.json["message"].lower()
    assert hook.post_raw(body, {}).status_code == 403
    assert count(HookRequest) == 0


def test_a_stale_signature_is_refused(hook, sent):
    body = json.dumps(event(sent)).encode()
    old = int((clock.now() - timedelta(days=4)).timestamp())

    assert hook.post_raw(body, signed(hook.signing, body, old)).status_code == 403
    assert count(HookRequest) == 0


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff", b'{"a":1,"a":2}', b"[" * 50_000, b'{"a": NaN}', b'"text"']
)
@pytest.mark.any_database
def test_broken_json_is_refused_with_a_sentence(hook, body):
    answer = hook.post_raw(body)

    assert answer.status_code == 400
    assert answer.json["message"].endswith(".")
    assert count(HookRequest) == 0


def test_unknown_kinds_and_unknown_ids_are_taken_and_counted(hook, run_jobs):
    answer = hook.post([{"event": "opened"}, {"event": "complaint", "message_id": "a@b.example"}])
    run_jobs()

    stored = db.session.scalars(select(HookRequest)).one()
    assert answer.status_code == 200
    assert stored.state == HookRequestState.IGNORED
    assert [result["outcome"] for result in stored.results] == ["ignored", "ignored"]
    assert all(result["words"] for result in stored.results)


def test_a_wrong_secret_and_an_unknown_connection_get_one_answer(hook, connection):
    wrong = hook.client.post(f"/hooks/{connection.public_id}/wrong", data=b"{}")
    unknown = hook.client.post(f"/hooks/{uuid4()}/{hook.secret}", data=b"{}")
    nonsense = hook.client.post(f"/hooks/nonsense/{hook.secret}", data=b"{}")
    empty = hook.client.post(f"/hooks/{connection.public_id}/%00", data=b"{}")

    assert {a.status_code for a in (wrong, unknown, nonsense, empty)} == {404}
    assert len({a.data for a in (wrong, unknown, nonsense, empty)}) == 1


def test_a_connection_without_secrets_takes_nothing(client, cast):
    bare = factories.make_connection(cast.workspace)

    for secret in ("", "%20", "None"):
        assert client.post(f"/hooks/{bare.public_id}/{secret}").status_code == 404
    assert count(HookRequest) == 0


def test_replaced_secrets_close_the_old_address(hook, connection):
    credentials.make_hook_secrets(connection)
    db.session.commit()

    assert hook.post([{"event": "test"}]).status_code == 404


def test_another_connection_s_signature_is_not_enough(hook, cast):
    other = factories.make_connection(cast.elsewhere)
    credentials.make_hook_secrets(other)
    db.session.commit()
    body = b'{"event": "test"}'
    headers = signed(credentials.hook_secrets(other).signing_secret, body)

    assert hook.post_raw(body, headers).status_code == 403


def test_another_workspace_s_endpoint_has_no_effect_here(client, cast, sent, run_jobs):
    other = factories.make_connection(cast.elsewhere)
    credentials.make_hook_secrets(other)
    db.session.commit()
    foreign = Hook(client, other)

    answer = foreign.post([event(sent, "complaint", recipient=sent.email)])
    run_jobs()

    assert answer.status_code == 200  # what exists elsewhere is nobody's business
    assert status_of(sent) == SubscriberStatus.ACTIVE


def test_ten_megabytes_are_refused_quickly_and_in_little_memory(hook):
    body = b"x" * 10_000_000
    tracemalloc.start()
    started = time.perf_counter()

    answer = hook.client.post(hook.path, input_stream=io.BytesIO(body), content_length=len(body))

    took, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 413
    assert "5 MB" in answer.json["message"]
    assert took < 0.5
    assert peak < 3_000_000


def test_an_endless_body_without_a_length_is_cut_off(app, hook):
    class Endless(io.RawIOBase):
        given = 0

        def readable(self):
            return True

        def readinto(self, buffer):
            self.given += len(buffer)
            assert self.given < 8_000_000
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    environ = EnvironBuilder(hook.path, method="POST").get_environ()
    environ |= {"wsgi.input": Endless(), "wsgi.input_terminated": True}
    environ["HTTP_TRANSFER_ENCODING"] = "chunked"

    _, status, _ = run_wsgi_app(app.wsgi_app, environ)

    assert status.startswith("413")


def test_a_body_just_below_the_limit_is_taken(hook):
    filler = "x" * (endpoint.MAX_BODY - 100)

    assert hook.post({"event": "test", "filler": filler}).status_code == 200


def test_a_packed_body_is_refused(hook):
    answer = hook.post_raw(b"{}", {"Content-Encoding": "gzip"})

    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "nonsense", None])
@pytest.mark.any_database
def test_the_content_type_does_not_matter(hook, content_type):
    body = b'{"event": "test"}'

    answer = hook.client.post(
        hook.path, data=body, headers=signed(hook.signing, body), content_type=content_type
    )

    assert answer.status_code == 200


def test_a_form_s_content_type_does_not_eat_the_body(hook):
    body = b'{"event": "test"}'

    for form in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = hook.client.post(
            hook.path, data=body, headers=signed(hook.signing, body), content_type=form
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
@pytest.mark.any_database
def test_only_post_is_answered(hook, method):
    assert getattr(hook.client, method)(hook.path).status_code == 405
    assert count(HookRequest) == 0


def test_when_too_much_waits_the_sender_is_asked_to_come_back(hook, monkeypatch):
    monkeypatch.setattr(recording, "MAX_WAITING", 2)
    monkeypatch.setattr(recording, "room", recording.Room())
    answers = [hook.post({"event": "test"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert count(HookRequest) == 3


def test_when_the_database_is_away_the_sender_is_asked_to_come_back(hook, monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("INSERT", {}, Exception("the server is gone"))

    monkeypatch.setattr(Shelf, "put", away)

    answer = hook.post({"event": "test"})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"]


def test_when_the_key_of_the_secrets_is_lost_the_sender_is_asked_to_come_back(hook, connection):
    old = config.current()
    changes = {name: getattr(old, name) for name in old.__dataclass_fields__}
    config.install(config.Settings(**changes | {"keys": (config.Key("new", bytes(32)),)}))
    try:
        answer = hook.post({"event": "test"})
    finally:
        config.install(old)

    assert answer.status_code == 429
    assert connection.name not in answer.text


def test_no_secret_is_logged(hook, capsys, caplog):
    caplog.set_level(logging.DEBUG)

    hook.post([{"event": "test"}])
    hook.post_raw(b"{}", {})
    hook.client.post(f"{hook.path}x", data=b"{}")

    said = caplog.text + "".join(capsys.readouterr())
    assert hook.secret not in said
    assert hook.signing not in said


def test_the_webhook_needs_no_csrf_token(app, hook):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert hook.post({"event": "test"}).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_the_answer_comes_after_the_commit(hook, app):
    hook.post({"event": "test"})

    with db.engine.connect() as other:
        assert other.execute(text("SELECT count(*) FROM hook_requests")).scalar() == 1


class Hook:
    """A sender who knows the connection's address and secret."""

    def __init__(self, client, connection):
        secrets = credentials.hook_secrets(connection)
        self.client = client
        self.secret, self.signing = secrets.path_secret, secrets.signing_secret
        self.path = f"/hooks/{connection.public_id}/{self.secret}"

    def post(self, events):
        return self.post_raw(json.dumps(events).encode())

    def post_raw(self, body, headers=None):
        headers = signed(self.signing, body) if headers is None else headers
        return self.client.post(self.path, data=body, headers=headers)


def status_of(delivery) -> SubscriberStatus:
    return db.session.get_one(Subscriber, delivery.subscriber_id, populate_existing=True).status


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def connection(cast):
    connection = factories.make_connection(cast.workspace)
    credentials.make_hook_secrets(connection)
    db.session.commit()
    return connection


@pytest.fixture
def hook(client, connection):
    return Hook(client, connection)


@pytest.fixture
def sent(cast, connection):
    run = factories_events.make_run(cast.workspace, connection)
    return make_delivery(run, factories.make_subscriber(cast.workspace))
