"""The suppression list keeps the strongest reason, and never lets go of an address."""

import itertools

import pytest

from mailrith.core.db import db
from mailrith.suppression import queries
from mailrith.suppression.actions import suppress
from mailrith.suppression.models import SuppressionReason

FINGERPRINT = b"f" * 16


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.permutations(list(SuppressionReason)[:4], 2))
)
def test_strongest_reason_stays_in_whatever_order(cast, first, second):
    for reason in (first, second):
        suppress(cast.workspace.id, FINGERPRINT, None, reason, str(reason))

    kept = queries.entry(cast.workspace.id, FINGERPRINT)
    assert kept.reason == min(first, second, key=list(SuppressionReason).index)
    assert kept.source == str(kept.reason)


def test_same_news_twice_changes_nothing(cast):
    news = (cast.workspace.id, FINGERPRINT, "a@b.example", SuppressionReason.BOUNCED, "550")

    assert suppress(*news) is True
    assert suppress(*news) is False


def test_suppression_of_another_workspace_is_not_seen(cast):
    suppress(cast.elsewhere.id, FINGERPRINT, None, SuppressionReason.MANUAL, "")
    db.session.commit()

    assert queries.suppressed_among(cast.workspace.id, [FINGERPRINT]) == {}


def test_many_addresses_are_looked_up_at_once(cast):
    prints = [bytes([n % 256, n // 256]) * 8 for n in range(2500)]
    suppress(cast.workspace.id, prints[2400], None, SuppressionReason.BLOCKED, "")

    found = queries.suppressed_among(cast.workspace.id, prints)

    assert found == {prints[2400]: SuppressionReason.BLOCKED}
