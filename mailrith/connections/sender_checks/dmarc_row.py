"""The line about DMARC."""

from mailrith.connections.sender_checks import advice
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.rows import Facts, Row, State

PROVES = (
    "DMARC tells receivers what to do with mail that says it is from you and cannot prove it. It needs SPF or DKIM to pass "
    "for the same domain that readers see."
)
_POLICIES = {
    "none": "change nothing, and only report it (p=none)",
    "quarantine": "put it into the spam folder (p=quarantine)",
    "reject": "refuse it (p=reject)",
}
_PROBLEMS = {
    "several": "There is more than one DMARC record. Receivers then ignore all of them: delete all but one.",
    "unreadable": "The record cannot be read. Its parts are written name=value, with semicolons between them.",
    "policy": "The record has no policy that receivers know (p=none, p=quarantine or p=reject).",
}


def row(facts: Facts) -> Row:
    """What is known of DMARC."""
    dmarc = facts.report.dmarc
    found = tuple((f"_dmarc.{dmarc.at}", record) for record in dmarc.records)
    notes = [_PROBLEMS[code] for code in dmarc.problems]
    if dmarc.outcome == Outcome.FAILED:
        return _row(State.UNKNOWN, f"No name server answered for {facts.domain}.")
    if dmarc.outcome == Outcome.NONE:
        return _row(
            State.WRONG,
            f"{facts.domain} has no DMARC record. Gmail, Yahoo and Outlook want one from everybody who mails many people.",
            short="No DMARC record",
            publish=advice.dmarc(facts.domain),
        )
    if dmarc.problems:
        return _row(
            State.WRONG,
            "There is a record, but receivers cannot use it.",
            short="DMARC record is broken",
            found=found,
            notes=tuple(notes),
            publish=advice.dmarc(facts.domain),
        )
    return _published(facts, found, notes)


def _published(facts: Facts, found: tuple[tuple[str, str], ...], notes: list[str]) -> Row:
    dmarc, proof = facts.report.dmarc, facts.proof
    if not dmarc.reports_to:
        notes.append(
            "It names no address for reports (rua=), so you would not hear of mail that fails."
        )
    if dmarc.percent < 100 and dmarc.policy != "none":
        notes.append(f"The policy holds for {dmarc.percent} % of the mail only.")
    text = f"When mail cannot prove that it is yours, receivers are to {_POLICIES[dmarc.policy]}."
    receiver = proof.server if proof and proof.server else "The receiving server"
    if proof and proof.dmarc == "pass":
        return _row(
            State.PROVED,
            f"{receiver} says that DMARC passes. {text}",
            found=found,
            notes=tuple(notes),
        )
    if proof and proof.dmarc:
        said = f"{receiver} says dmarc={proof.dmarc}. {text}"
        return _row(
            State.WRONG, said, short="DMARC failed in a test", found=found, notes=tuple(notes)
        )
    return _row(State.FOUND, text, found=found, notes=tuple(notes))


def _row(state: State, text: str, **more: object) -> Row:
    return Row("dmarc", "DMARC", state, text, PROVES, **more)  # type: ignore[arg-type]
