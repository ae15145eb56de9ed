"""The sum of a dry run says in a word or two why rows are not taken."""

import pytest

from mailrith.core import addresses
from mailrith.subscribers import findings, statuses
from mailrith.subscribers.findings import Findings
from mailrith.subscribers.planning import Plan
from mailrith.subscribers.rows import Refusal
from mailrith.suppression.models import SuppressionReason


def sentences(*reasons):
    found = Findings()
    found.take(Plan(), [Refusal(n, "", "", reason) for n, reason in enumerate(reasons)], set())
    return found.reasons["refused"]


@pytest.mark.parametrize("reason", SuppressionReason)
def test_every_reason_to_leave_somebody_alone_has_a_word(reason):
    assert findings.in_short(statuses.why_not(reason)) != "not addresses"


def test_reasons_with_numbers_in_them_are_one():
    counted = sentences(
        "The same address as row 3. The first one counts.",
        "The same address as row 5. The first one counts.",
    )

    assert [findings.in_short(sentence) for sentence in counted] == ["twice"]
    assert list(counted.values()) == [2]


def test_sentences_about_addresses_are_not_addresses():
    assert findings.in_short(addresses.NO_AT.sentence) == "not addresses"
    assert findings.in_short(addresses.EMPTY.sentence) == "empty"


def test_reasons_without_end_are_counted_together():
    counted = sentences(*(f"Reason {n}" for n in range(100)))

    assert len(counted) == findings.REASONS + 1
    assert counted[findings.OTHER] == 100 - findings.REASONS
