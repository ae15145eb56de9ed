"""What Postfix wrote down of a run against what the ledger says of it. `python -m tests.bench.postfix` is the long form."""

import pytest

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine
from tests.bench import postfix
from tests.support import factories_delivery as make

PEOPLE = 200


@pytest.fixture(params=["submission", "data"])
def run(request, session, mailhost):
    """Through a real server over TLS with AUTH, with CHUNKING and without."""

    class Server:
        port = mailhost.port(request.param)

    made, _ = make.make_sending_run(Server, PEOPLE, max_sessions=4)
    postfix.use(db.session.get_one(Connection, made.connection_id), Server.port)
    session.commit()
    return made


def test_the_log_of_a_real_server_agrees_with_the_ledger_one_to_one(run, mailhost):
    before = len(mailhost.log())

    jobs.send_slice(run.id)
    engine.current().close()
    messages = postfix.settled(mailhost, PEOPLE, since=before)

    assert len(messages) == PEOPLE
    assert not any(postfix.disagreements(run.id, messages).values())
    # And it would be noticed if they did not.
    messages[0].recipients, messages[1].message_id = ["other@readers.example"], "somebody@else"
    found = postfix.disagreements(run.id, [*messages[:-1], messages[5]])
    assert (
        found | {"strangers": 1, "queued_twice": 1, "not_queued": 2, "other_recipient": 1} == found
    )
