"""The clock on the wall, and the instants it may mean."""

from datetime import UTC, date, datetime, time

import pytest

from mailrith.broadcasts.scheduling import Skipped, Twice, instant


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_plain_time_is_one_instant():
    assert instant(date(2026, 4, 24), time(7, 0), "Europe/London") == utc(2026, 4, 24, 6, 0)


def test_seconds_are_dropped():
    assert instant(date(2026, 4, 24), time(7, 0, 59), "UTC") == utc(2026, 4, 24, 7, 0)


def test_the_hour_that_happens_twice_is_a_question():
    found = instant(date(2026, 10, 25), time(1, 30), "Europe/London")
    assert isinstance(found, Twice)
    assert found.first.astimezone(UTC) == utc(2026, 10, 25, 0, 30)
    assert found.second.astimezone(UTC) == utc(2026, 10, 25, 1, 30)
    assert (found.first.tzname(), found.second.tzname()) == ("BST", "GMT")


@pytest.mark.parametrize("at", [time(0, 59), time(2, 0)])
def test_the_minutes_around_the_repeated_hour_are_plain(at: time):
    assert isinstance(instant(date(2026, 10, 25), at, "Europe/London"), datetime)


def test_the_hour_that_does_not_exist_offers_its_neighbours():
    found = instant(date(2026, 3, 29), time(1, 30), "Europe/London")
    assert isinstance(found, Skipped)
    assert (found.before.strftime("%H:%M %Z"), found.after.strftime("%H:%M %Z")) == (
        "00:30 GMT",
        "02:30 BST",
    )


def test_half_an_hour_is_skipped_where_clocks_move_by_that():
    found = instant(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe")
    assert isinstance(found, Skipped)
    assert (found.before.strftime("%H:%M"), found.after.strftime("%H:%M")) == ("01:45", "02:45")


def test_a_day_that_a_zone_left_out_offers_its_neighbours():
    found = instant(date(2011, 12, 30), time(12, 0), "Pacific/Apia")
    assert isinstance(found, Skipped)
    assert (found.before.day, found.after.day) == (29, 31)
