"""Where a day begins and ends: at midnight of a time zone, whose days have 23 to 25 hours when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: str) -> date:
    """The date there."""
    return moment.astimezone(ZoneInfo(zone)).date()


def begins(day: date, zone: str) -> datetime:
    """The first instant of the day there, in UTC.

    Where clocks change at midnight it is the first instant that has this date: midnight may be missing, or come twice.
    """
    place = ZoneInfo(zone)
    twice = [
        datetime(day.year, day.month, day.day, tzinfo=place, fold=fold).astimezone(UTC)
        for fold in (0, 1)
    ]
    return next((found for found in twice if found.astimezone(place).date() == day), twice[0])


def began(moment: datetime, zone: str) -> datetime:
    """When the day of `moment` began."""
    return begins(day_of(moment, zone), zone)


def ends(moment: datetime, zone: str) -> datetime:
    """When it ends, which is when the next one begins."""
    return begins(day_of(moment, zone) + timedelta(days=1), zone)
