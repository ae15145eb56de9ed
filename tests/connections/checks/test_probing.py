from mailrith.connections import actions
from mailrith.connections.checks import probing
from mailrith.core.db import db
from tests.support import factories


def probe(connection, user):
    report = probing.verify(probing.prepare(connection))
    probing.record_report(connection, report, user)
    db.session.commit()


def test_a_good_report_is_kept_and_ends_a_pause(cast, smtpd):
    connection = factories.make_connection(cast.workspace, port=smtpd.port)
    actions.pause_connection(connection.id, "quota")
    probe(connection, cast.alice)

    assert connection.verified_at is not None
    assert connection.paused_at is None
    assert connection.last_report["ok"] is True


def test_a_bad_report_is_kept_with_the_servers_words(cast, smtpd):
    smtpd.answer("MAIL", "553 5.7.1 Not yours")
    connection = factories.make_connection(cast.workspace, port=smtpd.port)
    actions.pause_connection(connection.id, "quota")
    probe(connection, cast.alice)

    assert connection.verified_at is None
    assert connection.paused_at is not None
    assert connection.last_error == "553 5.7.1 Not yours"
