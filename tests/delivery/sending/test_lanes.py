"""Lanes carry what is marked, in time or not at all."""

import asyncio

from mailrith.core.clock import ticking
from mailrith.delivery.ledger.entries import Claimed, Marked
from mailrith.delivery.sending.lanes import Lanes
from mailrith.delivery.sending.lines import Lines
from mailrith.delivery.sending.order import load
from tests.support import factories_delivery as make


def test_a_message_whose_time_is_over_never_reaches_the_wire(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 1)
    order = load(run.id)

    outcome = carry(order, deadline=ticking() - 1)

    assert (outcome.kind, outcome.cause) == ("not_sent", "stopped_before_dot")
    assert smtpd.messages == []


def carry(order, *, deadline):
    """What one lane says about one message."""

    async def main():
        news = asyncio.Event()
        lines = Lines()
        lanes = Lanes(order, lines, news.set)
        lanes.aim(1)
        await news.wait()
        news.clear()
        lanes.feed([Marked(Claimed(1, "a@b.example", 1, bytes(16), 0), "Ada", 1, deadline)])
        await news.wait()
        [(_, outcome)] = lanes.outcomes
        await lanes.abandon()
        await lines.close()
        await asyncio.sleep(0)
        return outcome

    return asyncio.run(main())
