"""Real bounce mails, where they are at hand: they are not ours to ship."""

import json
from pathlib import Path

import pytest

from mailrith.events.mail import read_mail

CORPUS = Path(__file__).parents[3].parent / "shared/corpora/bounces"
SAFE = {"soft", "block", "deferred"}


@pytest.fixture(scope="module")
def outcomes():
    """(wanted kind, kind found) for every labelled report."""
    if not (CORPUS / "labels.json").exists():
        pytest.skip("The collection of real bounce mails is not here.")
    labels = json.loads((CORPUS / "labels.json").read_text())
    pairs = []
    for name, wanted in labels.items():
        found = read_mail((CORPUS / f"mail/{name}.eml").read_bytes())
        for index, label in enumerate(wanted):
            pairs.append((label["kind"], found[index].kind if index < len(found) else "missing"))
    return pairs


def share(pairs, wanted, right):
    chosen = [found for kind, found in pairs if kind in wanted]
    return sum(1 for found in chosen if right(found)) / len(chosen)


def test_nearly_all_are_understood(outcomes):
    right = [a == b or (a == "soft_or_block" and b in SAFE) for a, b in outcomes]

    assert sum(right) / len(right) > 0.98


def test_hardly_anybody_is_given_up_wrongly(outcomes):
    others = {kind for kind, _ in outcomes} - {"hard"}

    assert share(outcomes, others, lambda found: found == "hard") < 0.005


def test_no_complaint_is_missed(outcomes):
    assert share(outcomes, {"complaint"}, lambda found: found == "complaint") == 1


def test_no_holiday_is_taken_for_a_bounce(outcomes):
    assert share(outcomes, {"auto_reply"}, lambda found: found == "auto_reply") == 1
