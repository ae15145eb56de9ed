"""Outcomes that the database could not take survive the process that heard them."""

from datetime import UTC, datetime

import pytest

from mailrith.core import config
from mailrith.delivery.ledger import journal
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.models import DeliveryState

SENT = Result(1, 2, DeliveryState.SENT, "", 250, "2.0.0", "250 Ok\u2028")
LATER = Result(
    2, 1, DeliveryState.DEFERRED, "temporary", 450, next_attempt_at=datetime(2026, 5, 1, tzinfo=UTC)
)


@pytest.fixture(autouse=True)
def _folder(make_settings, tmp_path):
    config.install(make_settings(database_url="sqlite://", data_dir=tmp_path))


def test_what_was_kept_is_found_after_its_process_is_gone():
    kept = journal.Journal()
    kept.keep([SENT])
    kept.keep([LATER])
    kept._file.close()  # as when the process dies

    [(path, results)] = journal.left_behind()
    journal.forget(path)

    assert results == [SENT, LATER]
    assert journal.left_behind() == []


def test_the_journal_of_a_living_process_is_left_alone():
    kept = journal.Journal()
    kept.keep([SENT])

    assert journal.left_behind() == []

    kept.landed()
    assert not list((config.current().data_dir / "journal").iterdir())


def test_a_line_cut_by_the_kill_is_passed_over():
    kept = journal.Journal()
    kept.keep([SENT])
    kept._file.write('{"delivery_id": 3, "att')
    kept._file.close()

    [(_, results)] = journal.left_behind()

    assert results == [SENT]
