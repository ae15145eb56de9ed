"""The SQL of the hot path, once for each engine. Written by hand: these statements run for every message.

Whatever the planner believes about the tables, rows are found by their numbers. Its statistics know nothing of a run that was
just frozen: it takes the queued for nobody, and would read all of them to find a few. So scalar subqueries instead of joins
where a row is judged, and the state within CASE, which no index answers.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import JSON, BindParameter, Executable, TextClause, bindparam, text

from mailrith.core.db import UtcDateTime

EPOCH = {
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}
AMONG = {
    "postgresql": "= ANY(CAST(:ids AS bigint[]))",
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
}
QUEUED = "CASE {row}.state WHEN 'queued' THEN true ELSE false END"
# A range of one run, in an order that begins with the run: by the numbers alone, whose index looks cheapest while a run is most
# of the table, each slice would begin by reading everybody who has been sent to.
BEHIND = {
    "postgresql": """d.run_id >= :run AND d.run_id <= :run AND d.connection_id = :connection
    AND (d.run_id, d.connection_id, d.id) > (:run, :connection, :after)""",
    "sqlite": "d.run_id = :run AND d.connection_id = :connection AND d.id > :after",
}

_CLAIM_POSTGRESQL = """
WITH next AS MATERIALIZED (
  SELECT d.id FROM deliveries d
  WHERE d.state = 'queued' AND {behind} AND (d.lease_until IS NULL OR d.lease_until < {epoch})
  ORDER BY d.run_id, d.id LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE deliveries SET lease_token = :token, lease_until = {epoch} + :seconds
FROM next WHERE deliveries.id = next.id
RETURNING deliveries.id, email, subscriber_id, fingerprint, attempt
"""

_CLAIM_SQLITE = """
UPDATE deliveries SET lease_token = :token, lease_until = {epoch} + :seconds
WHERE id IN (
  SELECT d.id FROM deliveries d
  WHERE d.state = 'queued' AND {behind} AND (d.lease_until IS NULL OR d.lease_until < {epoch})
  ORDER BY d.id LIMIT :limit)
RETURNING id, email, subscriber_id, fingerprint, attempt
"""

_MARK = """
UPDATE deliveries
SET state = 'sending', attempt = attempt + 1,
    lease_until = {epoch} + :seconds, next_attempt_at = NULL, updated_at = :now
WHERE id {among} AND lease_token = :token AND {queued} AND connection_id = :connection
  AND (SELECT s.status FROM subscribers s WHERE s.id = deliveries.subscriber_id) = 'Active'
  AND (SELECT count(*) FROM suppressions x
       WHERE x.workspace_id = deliveries.workspace_id AND x.fingerprint = deliveries.fingerprint) = 0
  AND EXISTS (
    SELECT 1 FROM runs r
    JOIN connections c ON c.id = :connection
    JOIN connection_workspaces w ON w.connection_id = c.id AND w.workspace_id = r.workspace_id
    WHERE r.id = :run AND r.phase = 'sending' AND c.enabled AND c.paused_at IS NULL
      AND c.credential_fingerprint = :credentials)
RETURNING id, (SELECT s.name FROM subscribers s WHERE s.id = deliveries.subscriber_id) AS name
"""

_SITUATION = """
SELECT r.phase, c.enabled, c.paused_at IS NULL AS running, c.credential_fingerprint AS credentials,
  w.connection_id IS NOT NULL AS assigned, w.share,
  c.max_sessions, c.per_second, c.per_minute, c.per_hour, c.per_day, c.per_month,
  c.day_zone, c.ramp_start, c.ramp_growth, c.ramp_target, c.ramp_began_at
FROM runs r JOIN connections c ON c.id = :connection
LEFT JOIN connection_workspaces w ON w.connection_id = c.id AND w.workspace_id = r.workspace_id
WHERE r.id = :run
"""

_UNMARKED = """
SELECT d.id, d.state, d.lease_token, s.status,
  (SELECT x.reason FROM suppressions x
   WHERE x.workspace_id = d.workspace_id AND x.fingerprint = d.fingerprint) AS reason
FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id
WHERE d.id {among}
"""

_SKIP = """
UPDATE deliveries
SET state = 'skipped', cause = :cause, lease_token = NULL, lease_until = NULL, updated_at = :now
WHERE id = :id AND lease_token = :token AND state = 'queued'
"""

# Nothing went out, so the attempt stays as it is; "resend" has to be seen by evidence that comes late.
_PUT_OFF_POSTGRESQL = """
UPDATE deliveries
SET state = v.state, cause = CASE WHEN deliveries.cause = 'resend' AND v.state = 'deferred' THEN 'resend' ELSE v.cause END,
    next_attempt_at = v.next_attempt_at, updated_at = :now, lease_token = NULL, lease_until = NULL
FROM unnest(CAST(:result_ids AS bigint[]), CAST(:states AS text[]), CAST(:causes AS text[]), CAST(:nexts AS timestamptz[]))
  AS v(id, state, cause, next_attempt_at)
WHERE deliveries.id = v.id AND lease_token = :token AND {queued}
"""

_PUT_OFF_SQLITE = """
UPDATE deliveries
SET state = :state, cause = CASE WHEN cause = 'resend' AND :state = 'deferred' THEN 'resend' ELSE :cause END,
    next_attempt_at = :next, updated_at = :now, lease_token = NULL, lease_until = NULL
WHERE id = :id AND lease_token = :token AND state = 'queued'
"""

_RELEASE = """
UPDATE deliveries SET lease_token = NULL, lease_until = NULL
WHERE id {among} AND lease_token = :token AND {queued}
"""

_RENEW = """
UPDATE deliveries SET lease_until = {epoch} + :seconds
WHERE id {among} AND lease_token = :token AND state = 'sending'
"""

# A late outcome of the same attempt settles a doubt; "sent" also when a person has asked for another try meanwhile.
_RECORD_POSTGRESQL = """
UPDATE deliveries
SET state = v.state, cause = v.cause, reply_code = v.reply_code, enhanced_status = v.enhanced_status,
    diagnostic = v.diagnostic, next_attempt_at = v.next_attempt_at, updated_at = :now,
    lease_token = NULL, lease_until = NULL
FROM unnest(
    CAST(:result_ids AS bigint[]), CAST(:attempts AS integer[]), CAST(:states AS text[]), CAST(:causes AS text[]),
    CAST(:codes AS integer[]), CAST(:enhanced AS text[]), CAST(:diagnostics AS text[]),
    CAST(:nexts AS timestamptz[]))
  AS v(id, attempt, state, cause, reply_code, enhanced_status, diagnostic, next_attempt_at)
WHERE deliveries.id = v.id AND deliveries.attempt = v.attempt
  AND CASE WHEN deliveries.state IN ('sending', 'in_doubt') THEN true
           WHEN deliveries.state IN ('queued', 'deferred') THEN deliveries.cause = 'resend' AND v.state = 'sent'
           ELSE false END
"""

# One way to the database and back instead of four. The two never touch the same row, which the caller sees to.
_RECORD_AND_MARK = f"WITH recorded AS ({_RECORD_POSTGRESQL}) {_MARK}"

_RECORD_SQLITE = """
UPDATE deliveries
SET state = :state, cause = :cause, reply_code = :code, enhanced_status = :enhanced,
    diagnostic = :diagnostic, next_attempt_at = :next, updated_at = :now,
    lease_token = NULL, lease_until = NULL
WHERE id = :id AND attempt = :attempt
  AND (state IN ('sending', 'in_doubt')
       OR (state IN ('queued', 'deferred') AND cause = 'resend' AND :state = 'sent'))
"""


@dataclass(frozen=True)
class Statements:
    """Ready for one engine. `ids` is a list on both. `record_and_mark` is None where that takes two statements."""

    claim: TextClause
    mark: TextClause
    situation: Executable
    unmarked: TextClause
    skip: TextClause
    put_off: TextClause
    release: TextClause
    renew: TextClause
    record: TextClause
    record_and_mark: TextClause | None


@cache
def of(dialect: str) -> Statements:
    """The statements of "postgresql" or "sqlite"."""
    here = {
        "epoch": EPOCH[dialect],
        "among": AMONG[dialect],
        "behind": BEHIND[dialect],
        "queued": QUEUED.format(row="deliveries"),
    }
    moment = bindparam("now", type_=UtcDateTime())
    postgresql = dialect == "postgresql"
    ids: list[BindParameter[Any]] = [] if postgresql else [bindparam("ids", type_=JSON())]

    def made(template: str, *binds: BindParameter[Any]) -> TextClause:
        return text(template.format(**here)).bindparams(*binds)

    # Rows of outcomes: a list for each column on PostgreSQL, a row each on SQLite.
    rows = [moment] if postgresql else [moment, bindparam("next", type_=UtcDateTime())]
    return Statements(
        claim=made(_CLAIM_POSTGRESQL if postgresql else _CLAIM_SQLITE),
        mark=made(_MARK, moment, *ids),
        situation=made(_SITUATION).columns(ramp_began_at=UtcDateTime()),
        unmarked=made(_UNMARKED, *ids),
        skip=made(_SKIP, moment),
        release=made(_RELEASE, *ids),
        renew=made(_RENEW, *ids),
        put_off=made(_PUT_OFF_POSTGRESQL if postgresql else _PUT_OFF_SQLITE, *rows),
        record=made(_RECORD_POSTGRESQL if postgresql else _RECORD_SQLITE, *rows),
        record_and_mark=made(_RECORD_AND_MARK, moment) if postgresql else None,
    )
