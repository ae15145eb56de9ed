"""What the list shows: its filter from the address, its rows, and its counts."""

from dataclasses import dataclass
from typing import Any

from flask import abort, g, request, url_for

from mailrith.accounts.permissions import can
from mailrith.core import addresses
from mailrith.suppression import queries, removing
from mailrith.suppression.models import Suppression, SuppressionReason
from mailrith.suppression.queries import Filter
from mailrith.suppression.wording import NAMES

TEXT_CHARS = 254

TONES = {
    SuppressionReason.COMPLAINED: ("shield-alert", "bad"),
    SuppressionReason.BOUNCED: ("circle-x", "bad"),
    SuppressionReason.BLOCKED: ("lock", ""),
    SuppressionReason.UNSUBSCRIBED: ("circle-minus", ""),
    SuppressionReason.PROVIDER: ("server", ""),
    SuppressionReason.UNCONFIRMED: ("hourglass", ""),
    SuppressionReason.MANUAL: ("pencil", ""),
}


@dataclass(frozen=True)
class Wanted:
    """The filter as people chose it."""

    filter: Filter

    def address(self, **changes: Any) -> str:
        """The list's address with this filter, or with something else instead."""
        values = {"q": self.filter.text or None, "reason": self.filter.reason}
        return url_for("suppressions.index", **values | changes)


def wanted() -> Wanted:
    """The filter of the request; what makes no sense is left out."""
    reason = request.args.get("reason", "")
    text = request.args.get("q", "").strip()[:TEXT_CHARS].replace("\0", "")
    known = reason in set(SuppressionReason)
    return Wanted(Filter(text, SuppressionReason(reason) if known else None))


def context() -> dict[str, Any]:
    """Everything that the list's templates want."""
    chosen = wanted()
    counts = queries.counts_by_reason(g.workspace.id)
    return {
        "page": queries.search(
            g.workspace,
            chosen.filter,
            after=request.args.get("after"),
            before=request.args.get("before"),
        ),
        "counts": counts,
        "everybody": sum(counts.values()),
        "wanted": chosen,
        "names": NAMES,
        "tones": TONES,
        "may_manage": can(g.member, "subscribers", "manage"),
        "may_remove": removing.may_remove,
    }


def load(code: str) -> Suppression:
    """The entry whose fingerprint this is, if it is one of this workspace."""
    if len(code) != 2 * addresses.FINGERPRINT_BYTES:
        abort(404)
    try:
        fingerprint = bytes.fromhex(code)
    except ValueError:
        abort(404)
    return queries.entry(g.workspace.id, fingerprint) or abort(404)
