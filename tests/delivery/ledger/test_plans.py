"""Rows of a run are found by their numbers, also while PostgreSQL takes its queued ones for nobody."""

from functools import partial

import pytest
from sqlalchemy import select, text

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.ledger import shortcut, statements
from mailrith.delivery.models import Delivery
from mailrith.messages.statements import of as of_messages
from tests.support import factories_delivery as make

SENT, QUEUED, ASKED = 10_000, 20_000, 40

_ROWS = """
INSERT INTO deliveries (workspace_id, run_id, connection_id, email, fingerprint, state, attempt, cause, enhanced_status,
    diagnostic, updated_at)
SELECT :workspace, :run, :connection, n || '@b.example', decode(lpad(to_hex(n), 32, '0'), 'hex'), :state, 0, '', '', '', :now
FROM generate_series(1, :count) n
"""


@pytest.fixture
def just_frozen(session, smtpd):
    """A run whose people PostgreSQL has not counted yet, after one that is over. Gives the values of its statements."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("PostgreSQL's planner")
    over, _ = make.make_sending_run(smtpd, 1)
    run, _ = make.make_sending_run(smtpd, 1)
    _fill(over, "sent", SENT)
    session.execute(text("ANALYZE deliveries"))
    _fill(run, "queued", QUEUED)
    asked = select(Delivery.id).where(Delivery.run_id == run.id).order_by(Delivery.id)
    ids = session.scalars(asked.limit(ASKED)).all()
    yield {
        "ids": shortcut.integers(ids),
        "result_ids": shortcut.integers(ids),
        "run": run.id,
        "connection": run.connection_id,
        "credentials": "",
        "token": 1,
        "seconds": 60.0,
        "now": now(),
        "attempts": shortcut.integers([1] * len(ids)),
        "states": shortcut.texts(["sent"] * len(ids)),
        "codes": shortcut.integers([250] * len(ids)),
        "nexts": shortcut.moments([None] * len(ids)),
        **{name: shortcut.texts([""] * len(ids)) for name in ("causes", "enhanced", "diagnostics")},
    }
    session.rollback()


@pytest.mark.parametrize("name", ["mark", "record", "record_and_mark", "put_off", "release"])
def test_rows_are_found_by_their_numbers(just_frozen, name):
    statement = getattr(statements.of("postgresql"), name)
    explained = text(f"EXPLAIN {statement.text}")

    plan = "\n".join(
        row[0] for row in shortcut.execute(db.session.connection(), explained, just_frozen)
    )

    ways = [line for line in plan.splitlines() if "Scan" in line and " on deliveries" in line]
    assert ways, plan
    assert all("using pk_deliveries" in way for way in ways), plan


@pytest.mark.parametrize("made", [statements.of, partial(of_messages, call_id=None)])
@pytest.mark.parametrize("after", [0, 1_000_000])
def test_a_claim_begins_with_the_queued_of_its_run(just_frozen, made, after):
    """It sorts nobody and reads nobody who was sent to, counted or not, and wherever it begins."""
    explained = text(f"EXPLAIN {made('postgresql').claim.text}")
    claim = {**just_frozen, "after": after, "limit": 50}
    for _ in ("before", "counted"):
        plan = [row[0] for row in shortcut.execute(db.session.connection(), explained, claim)]

        ways = [line for line in plan if " on deliveries d " in line]
        assert len(ways) == 1, plan
        assert "using ix_deliveries_" in ways[0], plan
        assert not any("Sort" in line for line in plan), plan
        db.session.execute(text("ANALYZE deliveries"))


def _fill(run, state, count):
    values = {"workspace": run.workspace_id, "run": run.id, "connection": run.connection_id}
    db.session.execute(text(_ROWS), {**values, "state": state, "count": count, "now": now()})
