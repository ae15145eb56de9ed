"""What name servers said of a From domain at one time, kept on the connection as JSON."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from mailrith.connections.sender_checks.dkim import Key, KeyState
from mailrith.connections.sender_checks.dmarc import Dmarc
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.spf import Spf

VERSION = 1  # a report of another version counts as none; the next check writes a new one
_NO_SPF, _NO_DMARC = Spf(), Dmarc()


@dataclass(frozen=True)
class Report:
    """`gone` are (part, ISO 8601): records that were there once; `unanswered` are parts kept from an earlier check."""

    sender: str  # the From address it is about
    spf: Spf = _NO_SPF
    dkim: tuple[Key, ...] = ()
    dmarc: Dmarc = _NO_DMARC
    return_path: str = ""  # where the service's own return-path name under the From domain leads
    skipped: str = ""  # why nobody was asked: demo | reserved | nowhere
    gone: tuple[tuple[str, str], ...] = ()
    unanswered: tuple[str, ...] = ()
    envelope: str = (
        ""  # the domain that bounces go to, whose SPF is asked; empty where it is the one in From
    )

    @property
    def good_keys(self) -> tuple[Key, ...]:
        """Keys that receivers can use."""
        return tuple(key for key in self.dkim if key.state == KeyState.GOOD)

    def gone_since(self, part: str) -> datetime | None:
        """When a record was first missed, if it was there before."""
        found = next((at for name, at in self.gone if name == part), "")
        return datetime.fromisoformat(found) if found else None

    def as_data(self) -> dict[str, Any]:
        """As JSON values."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Report | None":
        """The inverse; None for anything else."""
        if data.get("version") != VERSION:
            return None
        spf, dmarc = data["spf"], data["dmarc"]
        return cls(
            sender=data["sender"],
            envelope=data.get("envelope", ""),
            spf=Spf(**_tuples({**spf, "outcome": Outcome(spf["outcome"])})),
            dkim=tuple(Key(**{**key, "state": KeyState(key["state"])}) for key in data["dkim"]),
            dmarc=Dmarc(**_tuples({**dmarc, "outcome": Outcome(dmarc["outcome"])})),
            return_path=data["return_path"],
            skipped=data["skipped"],
            gone=tuple((part, at) for part, at in data["gone"]),
            unanswered=tuple(data["unanswered"]),
        )


def following(previous: Report | None, new: Report, at: datetime) -> Report:
    """`new`, with what the check before it knows: records that have gone, and those of which nobody could say anything now."""
    if previous is None or new.skipped:
        return new
    if (previous.sender, previous.envelope) != (new.sender, new.envelope):
        return new
    kept, unanswered, gone = new, [], {}
    for part in ("spf", "dkim", "dmarc"):
        before, now = standing(previous, part), standing(new, part)
        if now == Outcome.FAILED and before != Outcome.FAILED:
            kept = replace(kept, **{part: getattr(previous, part)})
            unanswered.append(part)
        since = previous.gone_since(part)
        if standing(kept, part) == Outcome.NONE and (since or before == Outcome.FOUND):
            gone[part] = since.isoformat() if since else at.isoformat()
    return replace(kept, gone=tuple(gone.items()), unanswered=tuple(unanswered))


def standing(report: Report, part: str) -> Outcome:
    """Whether the part's record is there."""
    if part == "spf":
        return report.spf.outcome
    if part == "dmarc":
        return report.dmarc.outcome
    if report.good_keys:
        return Outcome.FOUND
    failed = any(key.state == KeyState.FAILED for key in report.dkim)
    return Outcome.FAILED if failed else Outcome.NONE


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has lists only."""
    return {
        name: tuple(tuple(item) if isinstance(item, list) else item for item in value)
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }
