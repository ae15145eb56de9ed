"""The typed number."""

import pytest

from mailrith.broadcasts.confirming import agreed, read
from mailrith.core.errors import Invalid


@pytest.mark.parametrize(
    "typed", ["12480", "12,480", "12.480", "12 480", "12\u202f480", "12’480", " 12480 ", "١٢٤٨٠"]
)
def test_separators_and_scripts_do_not_matter(typed: str):
    assert read(typed) == 12480


@pytest.mark.parametrize("typed", ["", "many", "-5", "12480x", "1" * 40])
def test_what_is_no_number_is_none(typed: str):
    assert read(typed) is None


def test_a_hundred_people_need_no_number():
    assert agreed(100, "") == 100


def test_one_more_needs_it():
    with pytest.raises(Invalid) as refusal:
        agreed(101, "")
    assert refusal.value.field == "confirm_count"


def test_a_wrong_number_is_refused_even_for_few():
    with pytest.raises(Invalid):
        agreed(12, "13")


def test_somebody_who_joined_meanwhile_does_not_spoil_the_number_on_the_screen():
    assert agreed(12_481, "12,480", shown=12_480) == 12_480


def test_a_number_that_grew_by_more_than_a_tenth_is_asked_again():
    with pytest.raises(Invalid, match="changed"):
        agreed(13_729, "12,480", shown=12_480)


def test_a_number_far_from_the_truth_confirms_nothing():
    with pytest.raises(Invalid):
        agreed(12_480, "999999", shown=999_999)
