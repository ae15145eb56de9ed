"""A run over several mail services: each copy carries what its own connection wants, and nothing of the other's."""

import email

from mailrith.connections.models import Provider
from mailrith.core.db import db
from mailrith.delivery.sending import message_ids
from tests.support import factories_delivery as make


def test_each_part_of_a_run_carries_the_headers_of_its_own_connection(
    session, start_smtpd, run_jobs
):
    one, two = start_smtpd(), start_smtpd()
    run, _, (first, second) = make.make_routed_run([one, two], 8, weights=(1, 1))
    first.provider, first.provider_options = Provider.POSTMARK, {"message_stream": "weekly"}
    second.provider = Provider.MAILJET
    db.session.commit()

    run_jobs()

    by_id = {delivery.id: delivery for delivery in make.deliveries(run)}
    for server, connection_id, name, absent in (
        (one, first.id, "X-PM-Metadata-mailrith", "X-MJ-CustomID"),
        (two, second.id, "X-MJ-CustomID", "X-PM-Message-Stream"),
    ):
        assert len(server.messages) == 4
        for found in server.messages:
            message = email.message_from_bytes(found.content)
            delivery = by_id[message_ids.read(message_ids.from_mark(message[name]))]
            assert (delivery.email, delivery.connection_id) == (found.rcpt_to, connection_id)
            assert message[absent] is None


def test_a_choice_made_after_the_launch_counts_for_the_copies_that_follow(
    session, start_smtpd, run_jobs
):
    one = start_smtpd()
    run, _, [connection] = make.make_routed_run([one], 3)
    connection.provider, connection.provider_options = Provider.POSTMARK, {"message_stream": "late"}
    db.session.commit()

    run_jobs()

    assert "late" not in str(run.letter)
    assert {
        email.message_from_bytes(found.content)["X-PM-Message-Stream"] for found in one.messages
    } == {"late"}
