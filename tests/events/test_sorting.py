"""A service's own sorting, and the words of the server that refused."""

import pytest

from mailrith.events import sorting
from mailrith.events.models import FactKind

HARD, SOFT, BLOCK = FactKind.HARD_BOUNCE, FactKind.SOFT_BOUNCE, FactKind.BLOCK


@pytest.mark.parametrize(
    ("said", "words", "kind"),
    [
        (HARD, "", HARD),
        (HARD, "550 5.1.1 no such user", HARD),
        (HARD, "550 5.2.1 The account is disabled", HARD),
        (HARD, "552 5.2.2 mailbox is full", SOFT),
        (HARD, "552 5.3.4 message too large", SOFT),
        (HARD, "554 5.7.1 rejected as spam", BLOCK),
        (SOFT, "550 5.1.1 no such user", SOFT),
        (SOFT, "554 5.7.1 rejected as spam", BLOCK),
        (FactKind.COMPLAINT, "554 5.7.1 rejected as spam", FactKind.COMPLAINT),
        (FactKind.DEFERRED, "550 5.1.1 no such user", FactKind.DEFERRED),
        (FactKind.DELIVERED, "250 ok", FactKind.DELIVERED),
    ],
)
def test_the_words_spare_the_person_and_never_harm_one(said, words, kind):
    assert sorting.checked(said, words) == kind


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        ("550 5.1.1 no such user", "", HARD),
        ("", "5.1.1", HARD),
        ("", "5.7.26", BLOCK),
        ("it came back", "", SOFT),
        ("it came back", "no status", SOFT),
        ("", "", SOFT),
    ],
)
def test_what_the_service_does_not_sort_is_told_by_words_and_codes(words, status, kind):
    assert sorting.kind_of(words, status) == kind
