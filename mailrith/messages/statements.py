"""The ledger's statements where single messages differ: whom they may be sent to, and whose turn it is.

Who has unsubscribed still gets the receipt that they asked for; who complained, or whose address is dead or blocked, does not.
In a call that stops at the first refusal nobody's turn comes while somebody before them is waiting, on the wire, or refused.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BindParameter, TextClause, Uuid, bindparam, text

from mailrith.core.db import UtcDateTime
from mailrith.delivery.ledger import statements
from mailrith.delivery.ledger.statements import AMONG, BEHIND, EPOCH, QUEUED, Statements
from mailrith.suppression.models import SuppressionReason

# These are about the newsletter.
LETS_PASS = (SuppressionReason.UNSUBSCRIBED, SuppressionReason.UNCONFIRMED)

_CHOSEN = {
    "postgresql": {"chosen": "= ANY(ARRAY(", "chosen_end": " FOR UPDATE SKIP LOCKED))"},
    "sqlite": {"chosen": "IN (", "chosen_end": ")"},
}
_STOPPING = ", ".join(f"'{one}'" for one in SuppressionReason if one not in LETS_PASS)

_REASON = f"""(SELECT x.reason FROM suppressions x
   WHERE x.workspace_id = d.workspace_id AND x.fingerprint = d.fingerprint AND x.reason IN ({_STOPPING}))"""  # noqa: S608 - no value of anybody is in it

_TURN = """
  AND NOT EXISTS (
    SELECT 1 FROM deliveries b
    WHERE b.id < d.id AND b.state IN ('queued', 'sending', 'failed')
      AND b.run_id IN (SELECT m.run_id FROM messages m WHERE m.call_id = :call))"""

_CLAIM = """
UPDATE deliveries SET lease_token = :token, lease_until = {epoch} + :seconds
WHERE id {chosen}
  SELECT d.id FROM deliveries d
  WHERE d.state = 'queued' AND {behind} AND (d.lease_until IS NULL OR d.lease_until < {epoch}){turn}
  ORDER BY d.run_id, d.id LIMIT :limit{chosen_end}
RETURNING id, email, subscriber_id, fingerprint, attempt
"""

_MARK = """
UPDATE deliveries AS d
SET state = 'sending', attempt = attempt + 1,
    lease_until = {epoch} + :seconds, next_attempt_at = NULL, updated_at = :now
WHERE d.id {among} AND d.lease_token = :token AND {queued} AND d.connection_id = :connection
  AND {reason} IS NULL{turn}
  AND EXISTS (
    SELECT 1 FROM runs r
    JOIN connections c ON c.id = :connection
    JOIN connection_workspaces w ON w.connection_id = c.id AND w.workspace_id = r.workspace_id
    WHERE r.id = :run AND r.phase = 'sending' AND c.enabled AND c.paused_at IS NULL
      AND c.credential_fingerprint = :credentials)
RETURNING id, '' AS name
"""

# In the words of delivery.entries.skip_cause: a status that is a reason of its own, or a reason.
_UNMARKED = """
SELECT d.id, d.state, d.lease_token,
  CASE {reason} WHEN 'complained' THEN 'Complained' WHEN 'bounced' THEN 'Bounced' WHEN 'blocked' THEN 'Blocked'
    ELSE 'Active' END AS status,
  {reason} AS reason
FROM deliveries d WHERE d.id {among}
"""


def of(dialect: str, call_id: UUID | None) -> Statements:
    """The statements of "postgresql" or "sqlite". `call_id` names a call in which recipients take turns."""
    return _usual(dialect) if call_id is None else _made(dialect, call_id)


@lru_cache(maxsize=2)
def _usual(dialect: str) -> Statements:
    # The same objects each time: what they are compiled to is kept by them.
    return _made(dialect, None)


def _made(dialect: str, call_id: UUID | None) -> Statements:
    usual = statements.of(dialect)
    same = {
        "epoch": EPOCH[dialect],
        "among": AMONG[dialect],
        "behind": BEHIND[dialect],
        "queued": QUEUED.format(row="d"),
        "reason": _REASON,
        "turn": _TURN if call_id else "",
    } | _CHOSEN[dialect]
    ids: list[BindParameter[Any]] = [] if dialect == "postgresql" else [bindparam("ids", type_=JSON())]  # fmt: skip
    call = [bindparam("call", call_id, type_=Uuid())] if call_id else []

    def made(template: str, *binds: BindParameter[Any]) -> TextClause:
        return text(template.format(**same)).bindparams(*binds)

    return replace(
        usual,
        claim=made(_CLAIM, *call),
        mark=made(_MARK, bindparam("now", type_=UtcDateTime()), *ids, *call),
        unmarked=made(_UNMARKED, *ids),
        record_and_mark=None,
    )
