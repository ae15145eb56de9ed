"""What servers say ends up in arrays that we write ourselves: it has to come back as it was."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from mailrith.core.db import db
from mailrith.delivery.ledger import shortcut

WORDS = ["", "NULL", '"', "\\", '\\"', "a,b", "{x}", "}", " blank ", "line\r\nfeed", "\t", "žluťoučký 🐎", "'; --", "%s", ":id"]  # fmt: skip
MOMENTS = [None, datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)]


@pytest.fixture
def postgresql(session):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("the way round SQLAlchemy is for psycopg alone")
    with db.engine.connect() as connection, connection.begin():
        yield connection


@pytest.mark.parametrize(
    ("kind", "write", "values"),
    [
        ("text", shortcut.texts, WORDS),
        ("bigint", shortcut.integers, [None, 0, -1, 2**62]),
        ("timestamptz", shortcut.moments, MOMENTS),
        ("text", shortcut.texts, []),
    ],
)
def test_an_array_comes_back_as_it_was(postgresql, kind, write, values):
    statement = text(f"SELECT unnest(CAST(:values AS {kind}[]))")

    rows = shortcut.execute(postgresql, statement, {"values": write(values)})

    assert [value for (value,) in rows] == values


def test_values_that_a_statement_brings_along_are_bound(postgresql):
    statement = text("SELECT CAST(:own AS text), CAST(:given AS text)").bindparams(own="mine")

    assert shortcut.execute(postgresql, statement, {"given": "yours"}) == [("mine", "yours")]


def test_moments_keep_their_zone(postgresql):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    statement = text("SELECT unnest(CAST(:values AS timestamptz[])) - CAST(:moment AS timestamptz)")
    values = {"values": shortcut.moments([moment + timedelta(hours=2)]), "moment": moment}

    assert shortcut.execute(postgresql, statement, values) == [(timedelta(hours=2),)]
