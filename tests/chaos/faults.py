"""What happens to a trial from outside. Each is a generator: it does something, yields the seconds until it goes on, and ends."""

import signal

from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import Conflict
from mailrith.delivery import actions
from mailrith.delivery.models import Run
from tests.chaos.theatre import LEASE_SECONDS


def pause(trial):
    """A person lets it rest, and goes on a little later."""
    decide(trial, actions.pause)
    yield 0.6
    decide(trial, actions.resume)


def decide(trial, action) -> None:
    with trial.here.app.app_context():
        try:
            action(db.session.get_one(Run, trial.run_id))
            db.session.commit()
        except Conflict:  # it is over already, or rests for another reason
            db.session.rollback()


def drain(trial):
    """SIGTERM to every worker; the harness starts others."""
    for name in trial.workers:
        trial.theatre.running[name].signal(signal.SIGTERM)
    yield 0


def suspend(trial):
    """A worker is stopped for longer than its lease, and continues as if nothing had been."""
    process = trial.theatre.running[trial.workers[0]]
    process.signal(signal.SIGSTOP)
    trial.kills += 1  # its marks may expire like those of a dead one
    yield LEASE_SECONDS * 2.5
    process.signal(signal.SIGCONT)


def database_away(trial):
    """Nobody gets to the database for longer than a lease."""
    open_again = trial.theatre.shut_database()
    yield LEASE_SECONDS * 1.5
    open_again()


def journal_unwritable(trial):
    """The database is away, and there is no room on the disk either: memory has to do."""
    folder = trial.here.settings.data_dir / "journal"
    for left in folder.glob("*"):
        left.unlink()
    if folder.is_dir():
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()
    yield from database_away(trial)
    folder.unlink()


def database_cut(trial):
    """Every connection to the database is cut, three times."""
    for _ in range(3):
        trial.theatre.cut_database()
        yield 0.15


def database_killed(trial):
    """kill -9 of PostgreSQL, and recovery."""
    trial.theatre.server.kill()
    yield 0.3
    trial.theatre.server.start()


def valkey_emptied(trial):
    import redis

    with redis.Redis.from_url(trial.here.valkey.url) as client:
        client.flushall()
    yield 0


def valkey_gone(trial):
    trial.here.valkey.stop()
    yield 1.5
    trial.here.valkey.start()


def server_killed(trial):
    """kill -9 of the mail server: a stand-in takes over."""
    trial.sinks[0].signal(signal.SIGKILL)
    trial.sinks[0].wait(5)
    trial.allowed += trial.plan.sessions  # one for each cut connection
    yield 0


def limit_changed(trial):
    """Somebody lowers the connection's limits, and raises them a little later."""
    change(trial, per_second=50, max_sessions=2)
    yield 0.8
    change(trial, per_second=400, max_sessions=trial.plan.sessions)
    yield 0.4
    change(trial, per_second=None)


def password_changed(trial):
    """Somebody types another password, twice."""
    for word in ("the second one", "the third one"):
        trial.here.sign_in(trial.run_id, word)
        yield 0.4


def change(trial, **values) -> None:
    with trial.here.app.app_context():
        run = db.session.get_one(Run, trial.run_id)
        connection = db.session.get_one(Connection, run.connection_id)
        for name, value in values.items():
            setattr(connection, name, value)
        db.session.commit()


def kill_at_random(trial):
    """Workers, scheduler and web, killed at random moments."""
    rng = trial.rng
    for _ in range(rng.randint(3, 6)):
        victim = rng.choice([*trial.workers, *trial.workers, "scheduler", "web"])
        trial.kill(victim)
        yield rng.uniform(0.1, 0.7)


CUES = {
    cue.__name__: cue
    for cue in (
        *(pause, drain, suspend, limit_changed, password_changed),
        *(database_away, journal_unwritable, database_cut, database_killed),
        *(valkey_emptied, valkey_gone, server_killed, kill_at_random),
    )
}
PARTS = ("kill_at_random",)  # never alone
WITH_A_KILL = ("limit_changed", "password_changed")
# What happens at the same time, as fields of a plan.
TOGETHER = {
    "server and workers killed": {
        "cues": ((0.1, "kill_at_random"), (0.3, "server_killed")),
        "stand_in": True,
        "worker_count": 2,
    },
    "workers killed while a group is slowed": {
        "cues": ((0.2, "kill_at_random"),),
        "faults": "throttle=0.5,shut=0.1",
        "worker_count": 2,
    },
}
# What the sink itself does, and how often.
OF_THE_SINK = {
    "closes after the dot": "close=0.02",
    "takes nothing and closes": "drop=0.02",
    "never replies": "deaf=0.01",
    "slow reply": "slow=0.02",
    "421 in the middle": "busy=0.05",
    "cut in the content": "cut=0.02",
    "deferred": "defer=0.1",
    "refused": "refuse=0.05",
    "a group deferred": "throttle=0.5",
    "421 for a group": "shut=0.2",
}
