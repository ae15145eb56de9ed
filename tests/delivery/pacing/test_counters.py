"""No window of any kind ever holds more than its limit, whoever asks, whenever, and whatever Valkey forgets."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailrith.core.clock import now
from mailrith.delivery.pacing import windows
from mailrith.delivery.pacing.counters import Counters
from mailrith.delivery.pacing.limits import Group, Limits, quotas

PACIFIC = "America/Los_Angeles"
BEGIN = datetime(2026, 10, 30, 5, tzinfo=UTC)  # clocks go back there on the first of November
OURS, THEIRS = 1, 2  # workspaces
GROUP = Group((7, 9))

steps = st.lists(
    st.tuples(
        st.sampled_from([OURS, THEIRS]),
        st.integers(1, 9),  # messages wanted
        st.sampled_from([1, 600, 7200, 40_000]),  # seconds until the next one asks
        st.sampled_from(["", "", "", "", "lost"]),  # what Valkey does
    ),
    min_size=10,
    max_size=40,
)


class Ledger:
    """What was marked, as windows.buckets would count it."""

    def __init__(self):
        self.marks = []  # (when, workspace, messages)

    def buckets(self, quota):
        since, found = quota.window.since(now()), Counter()
        for at, workspace, count in self.marks:
            if at >= since and quota.whose.workspace_id in (None, workspace):
                found[int(at.timestamp()) // quota.window.bucket_seconds] += count
        return found

    def most(self, day, workspaces=(OURS, THEIRS)):
        """The fullest of all days: `day` says which days a moment is in, as (begin, end)."""
        mine = [(at, count) for at, workspace, count in self.marks if workspace in workspaces]
        return max(
            (sum(n for other, n in mine if begin <= other < end) for begin, end in map(day, [at for at, _ in mine])),
            default=0,
        )  # fmt: skip


@pytest.fixture
def valkey(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def simulate(valkey, monkeypatch, moves, limits):
    """Two workers, who mark what they are granted at once."""
    ledger = Ledger()
    monkeypatch.setattr(windows, "buckets", ledger.buckets)
    monkeypatch.setattr("mailrith.delivery.pacing.counters.db.session.rollback", lambda: None)
    valkey.flushdb()
    workers = {OURS: Counters(valkey), THEIRS: Counters(valkey)}
    with time_machine.travel(BEGIN, tick=False) as clock:
        for workspace, wanted, seconds, valkey_does in moves:
            if valkey_does:
                valkey.flushdb()
            wanted_quotas = quotas(limits[workspace], GROUP, workspace)
            count, _, _ = workers[workspace].take(wanted, wanted_quotas)
            if count:
                ledger.marks.append((now(), workspace, count))
            clock.shift(timedelta(seconds=seconds))
    return ledger


def rolling(begin):
    return begin, begin + timedelta(days=1)


HOURS = defaultdict(list)  # of each date there, by the clock on the wall
for hour in range(-48, 24 * 25):
    moment = BEGIN + timedelta(hours=hour)
    HOURS[moment.astimezone(ZoneInfo(PACIFIC)).date()].append(moment)


def in_zone(moment):
    same = HOURS[moment.astimezone(ZoneInfo(PACIFIC)).date()]
    return same[0], same[-1] + timedelta(hours=1)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=steps)
@pytest.mark.parametrize(
    ("zone", "day"), [("", rolling), (PACIFIC, in_zone)], ids=["rolls", "zone"]
)
def test_neither_the_group_nor_a_share_is_ever_more_than_full(
    valkey, monkeypatch, zone, day, moves
):
    whole = Limits(per_day=20, day_zone=zone)
    limits = {OURS: Limits(per_day=20, day_zone=zone, share=25), THEIRS: whole}

    ledger = simulate(valkey, monkeypatch, moves, limits)

    assert ledger.most(day) <= 20
    assert ledger.most(day, [OURS]) <= 5


def test_a_share_leaves_the_rest_to_others_and_a_day_of_a_zone_begins_anew(valkey, monkeypatch):
    limits = {
        OURS: Limits(per_day=20, day_zone=PACIFIC, share=25),
        THEIRS: Limits(per_day=20, day_zone=PACIFIC),
    }
    greedy = [(OURS, 9, 60, ""), (OURS, 9, 60, ""), (THEIRS, 99, 2 * 3600, "")]

    ledger = simulate(valkey, monkeypatch, [*greedy, *greedy], limits)

    # Midnight there is at 7 o'clock in UTC.
    assert [(workspace, count) for _, workspace, count in ledger.marks] == [
        (OURS, 5), (THEIRS, 15), (OURS, 5), (THEIRS, 15),
    ]  # fmt: skip


def test_what_only_others_limit_is_counted_for_them(valkey, monkeypatch):
    monkeypatch.setattr(windows, "buckets", lambda _: {})
    monkeypatch.setattr("mailrith.delivery.pacing.counters.db.session.rollback", lambda: None)
    valkey.flushdb()
    limits = Limits(per_day=20, share=50)
    others = Group(GROUP.connection_ids, *[tuple(window for window, _ in limits.windows)] * 2)

    free, _, _ = Counters(valkey).take(18, quotas(Limits(), others, OURS))
    mine, _, _ = Counters(valkey).take(9, quotas(limits, GROUP, OURS))
    theirs, _, _ = Counters(valkey).take(9, quotas(Limits(per_day=20), GROUP, THEIRS))

    assert (free, mine, theirs) == (18, 0, 2)


def test_the_wait_for_a_day_of_a_zone_ends_at_its_midnight(valkey, monkeypatch):
    monkeypatch.setattr(windows, "buckets", lambda _: {int(BEGIN.timestamp()) // 900: 20})
    monkeypatch.setattr("mailrith.delivery.pacing.counters.db.session.rollback", lambda: None)
    valkey.flushdb()
    full = quotas(Limits(per_day=20, day_zone=PACIFIC), GROUP, THEIRS)

    with time_machine.travel(BEGIN, tick=False):
        count, window, wait = Counters(valkey).take(1, full)

    assert (count, window.zone) == (0, PACIFIC)
    assert wait == pytest.approx(2 * 3600)
