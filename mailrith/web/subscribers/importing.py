"""What the pages of an import show: columns with samples, findings as a sum, progress with pace, and the result."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, request

from mailrith.core.clock import now
from mailrith.subscribers import findings as found_in
from mailrith.subscribers import imports, queries, rows
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.files import Layout
from mailrith.subscribers.findings import Findings
from mailrith.subscribers.models import Import, ImportState, SubscriberStatus
from mailrith.web.filters import number
from mailrith.web.forms import text
from mailrith.web.subscribers.forms import ColumnsForm, ImportConsentForm, day
from mailrith.web.subscribers.loading import may_manage, start_of, today

SAMPLE = (
    "email,name,tags\n"
    'wren_holloway@fenmail.example,Wren Holloway,"Seed swap, Hackney"\n'
    "tobias.lindqvist@sjomail.example,Tobias Lindqvist,Seed swap\n"
)

LIVE = (ImportState.CHECKING, ImportState.QUEUED, ImportState.PROCESSING)

OUTCOMES = (
    (found_in.ADD, "Add", "plus", "go"),
    (found_in.MERGE, "Merge", "pencil", "ink"),
    (found_in.SAME, "No change", "equal", ""),
    (rows.LEFT_ALONE, "Left alone", "lock", ""),
    (rows.REFUSED, "Refused", "circle-x", "bad"),
)


@dataclass(frozen=True)
class Column:
    """One line of the mapping."""

    place: int
    name: str
    samples: list[str]
    target: str


def layout(brought: Import) -> Layout:
    """How the file is laid out."""
    return Layout.from_json(brought.dialect)


def columns(brought: Import, chosen: dict[int, str]) -> list[Column]:
    """The columns of the file, with where they go."""
    plan = layout(brought)
    pairs = zip(plan.columns, plan.samples, strict=True)
    return [
        Column(place, name, samples, chosen.get(place, ""))
        for place, (name, samples) in enumerate(pairs)
    ]


def chosen_before(brought: Import) -> dict[int, str]:
    """Column to target, as it was saved or guessed."""
    return {place: target for target, place in brought.mapping["places"].items()}


def chosen(brought: Import, values: Mapping[str, str]) -> dict[int, str]:
    """Column to target, as it was sent."""
    found = {}
    for place in range(len(layout(brought).columns)):
        target = values.get(f"column-{place}", "")
        if target in rows.TARGETS:
            found[place] = target
    return found


def save_columns(brought: Import, form: ColumnsForm, chosen: dict[int, str]) -> None:
    """Raises Invalid."""
    from mailrith.core.errors import Invalid

    targets = list(chosen.values())
    for target in rows.TARGETS:
        if targets.count(target) > 1:
            raise Invalid(
                f"Two columns go into {target.capitalize()}. Choose one.", field="columns"
            )
    names = [tag.name for tag in form.chosen(queries.tags(g.workspace.id))]
    names.extend(text(form.new_tag).split(","))
    places = {target: place for place, target in chosen.items()}
    imports.map_columns(brought, places, existing=text(form.existing), tags=names)


def save_consent(brought: Import, form: ImportConsentForm) -> None:
    """Raises Invalid."""
    proof = Proof(text(form.basis), text(form.source), start_of(day(form.collected_on)))
    imports.state_consent(brought, proof)


def filled_consent(brought: Import) -> ImportConsentForm:
    """The form as it was sent before, if it was."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    kept = brought.consent
    if not kept:
        return ImportConsentForm(formdata=None, collected_on=today())
    on = datetime.fromisoformat(kept["collected_at"]).astimezone(ZoneInfo(g.workspace.time_zone))
    return ImportConsentForm(
        formdata=None, basis=kept["basis"], source=kept["source"], collected_on=on.date()
    )


def context(brought: Import) -> dict[str, Any]:
    """Everything that the page of a checked or running import wants."""
    findings = Findings.from_json(brought.findings) if brought.findings else Findings()
    active = queries.counts_by_status(g.workspace.id)[SubscriberStatus.ACTIVE]
    return {
        "brought": brought,
        "findings": findings,
        "sum": _sum(findings),
        "outcomes": OUTCOMES,
        "active": active,
        "refusals": imports.refusals(brought) if brought.rows_done else [],
        "pace": _pace(brought),
        "live": brought.state in LIVE,
        "show": request.args.get("show", ""),
        "may_manage": may_manage(),
    }


def _sum(findings: Findings) -> list[dict[str, Any]]:
    def note(outcome: str) -> str:
        kinds: Counter[str] = Counter()
        for sentence, count in findings.reasons[outcome].items():
            kinds[found_in.in_short(sentence)] += count
        return ", ".join(f"{number(count)} {kind}" for kind, count in kinds.most_common())

    counts = findings.counts
    minus = (
        (rows.REFUSED, "Refused", note(rows.REFUSED)),
        (rows.LEFT_ALONE, "Left alone", note(rows.LEFT_ALONE)),
        (found_in.SAME, "No change", ""),
    )
    return [
        {"label": "Rows in the file", "count": findings.rows},
        *(
            {"label": label, "note": words, "count": counts[outcome], "minus": True}
            for outcome, label, words in minus
        ),
    ]


def _pace(brought: Import) -> dict[str, float] | None:
    """Rows a second, and seconds left; None before anything is known."""
    if brought.state != ImportState.PROCESSING or brought.started_at is None:
        return None
    seconds = max((now() - brought.started_at).total_seconds(), 0.5)
    rate = brought.rows_done / seconds
    if rate <= 0:
        return None
    return {"rate": rate, "left": max(0, brought.rows_total - brought.rows_done) / rate}
