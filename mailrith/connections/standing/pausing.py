"""When Mailrith stops using a connection by itself, when it tries again, and what ends the pause."""

import random
from datetime import datetime, timedelta

from mailrith.accounts.models import User
from mailrith.connections import signals, trail
from mailrith.connections.models import Connection
from mailrith.connections.standing import notices
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.smtp.causes import RETURNED_CAUSES
from mailrith.smtp.causes import cause as cause_of
from mailrith.smtp.replies import MAX_WORDS

# Minutes to the next probe; after the last one every hour.
LADDER = (1, 2, 5, 10, 20, 30)
HOURLY = 60
JITTER = 0.2  # of the wait, to both sides, so that not everybody comes back in the same second
# A limit of the service is over by the hour or by the day, so the first minutes would be asked in vain.
LATER = {"quota": len(LADDER) - 1}

# Too much came back. The server would take more all the same, so no try shows that it is over: a person decides.
BY_SHARE = frozenset(RETURNED_CAUSES)
# The same password again is a step towards a locked account, so it is never tried by itself.
NEVER_AGAIN = BY_SHARE | {"auth_refused", "auth_app_password", "auth_switched_off"}
# What may be over without anybody's doing. A name server that is away looks like a host that does not exist.
PASSING = frozenset(
    {
        "auth_temporary",
        "connect_timeout",
        "connection_closed",
        "connection_lost",
        "connection_refused",
        "greeting_refused",
        "greeting_timeout",
        "greylisted",
        "host_refused",
        "network_unreachable",
        "quota",
        "slow_down",
        "starttls_refused",
        "stopped_before_dot",
        "temporary",
        "timeout",
        "tls_failed",
        "token_unreachable",
        "too_many_connections",
    }
)
# For everything else a person is needed. Some servers count these tries, and a person may have mended it elsewhere.
ONLY_PEOPLE_TRIES = 3


def pause_connection(connection_id: int, cause: str, words: str = "") -> None:
    """Mailrith stops using it: `cause` is a key of smtp.causes, `words` the server's own. The first cause stays."""
    connection = db.session.get(Connection, connection_id)
    if connection is None or connection.paused_at is not None or connection.deleted_at is not None:
        return
    connection.paused_at = now()
    connection.pause_cause, connection.pause_words = cause, words[:MAX_WORDS]
    note_error(connection, cause, words)
    plan_probe(connection)
    notices.paused(connection)
    trail.record(connection, "connection.paused", None, {"cause": cause})


def resume_connection(
    connection: Connection, user: User | None, *, responsibly: bool = False
) -> None:
    """Use it again: somebody says so, Verify passed, or (without `user`) a probe of ours did.

    What was paused because too much came back stays so, unless somebody takes responsibility (see `resuming`).
    """
    if connection.paused_at is None or (by_share(connection) and not responsibly):
        return
    cause = connection.pause_cause
    connection.paused_at, connection.pause_cause, connection.pause_words = None, "", ""
    connection.probe_at = None
    # A probe sends nothing, so it may pass where mail is refused: if it stops again, we wait longer than before.
    connection.probe_failures = connection.probe_failures + 1 if user is None else 0
    if user is None:
        notices.recovered(connection, cause)
    trail.record(connection, "connection.resumed", user, {"cause": cause})
    recovered(connection)


def still_paused(connection: Connection, cause: str, words: str, *, tried: bool) -> None:
    """It was tried and does not work yet, perhaps for another cause; `tried` says that this was a probe of ours."""
    if by_share(connection):
        return
    connection.pause_cause, connection.pause_words = cause, words[:MAX_WORDS]
    if tried:
        connection.probe_failures += 1
    plan_probe(connection)


def by_share(connection: Connection) -> bool:
    """Whether it is paused because too much of its mail came back."""
    return connection.paused_at is not None and connection.pause_cause in BY_SHARE


def for_people(cause: str) -> bool:
    """Whether only a person can mend it."""
    return cause not in PASSING


def recovered(connection: Connection) -> None:
    """Tell the packages above that it carries mail again."""
    db.session.flush()
    signals.connection_recovered.send(None, connection_id=connection.id)


def note_error(connection: Connection, cause: str, words: str = "") -> None:
    """Keep what went wrong last, in the server's words or, when it had none, in ours."""
    connection.last_error = (words or cause_of(cause).title)[:MAX_WORDS]
    connection.last_error_at = now()


def plan_probe(connection: Connection) -> None:
    """Set when a paused connection is tried next; never, for what only a person can mend and trying does not help."""
    connection.probe_at = next_probe(connection.pause_cause, connection.probe_failures, now())


def next_probe(cause: str, tried: int, moment: datetime) -> datetime | None:
    """When to try again after `tried` probes, or None."""
    if cause in NEVER_AGAIN or (for_people(cause) and tried >= ONLY_PEOPLE_TRIES):
        return None
    step = tried + LATER.get(cause, 0)
    minutes = LADDER[step] if step < len(LADDER) else HOURLY
    return moment + timedelta(minutes=minutes * random.uniform(1 - JITTER, 1 + JITTER))
