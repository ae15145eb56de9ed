"""A day begins at midnight there, however long it is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mailrith.connections.limits import days

PACIFIC = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (PACIFIC, date(2026, 3, 8), 23),
        (PACIFIC, date(2026, 11, 1), 25),
        (PACIFIC, date(2026, 11, 21), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", date(2026, 7, 1), 24),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # there is no midnight on that day
        ("Asia/Beirut", date(2025, 10, 25), 25),  # its last hour comes twice
        ("America/Havana", date(2026, 11, 1), 25),  # its first hour comes twice
        ("UTC", date(2026, 2, 28), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(zone, day, hours):
    begin, end = days.begins(day, zone), days.begins(day + timedelta(days=1), zone)

    assert end - begin == timedelta(hours=hours)
    for moment in (begin, begin + (end - begin) / 2, end - timedelta(microseconds=1)):
        assert (days.began(moment, zone), days.ends(moment, zone)) == (begin, end)
        assert days.day_of(moment, zone) == day


def test_it_is_another_day_there():
    assert days.day_of(datetime(2026, 11, 21, 7, 59, tzinfo=UTC), PACIFIC) == date(2026, 11, 20)
    assert days.began(datetime(2026, 11, 21, 9, tzinfo=UTC), PACIFIC) == datetime(
        2026, 11, 21, 8, tzinfo=UTC
    )
