"""The line about SPF."""

from mailrith.connections.sender_checks import advice
from mailrith.connections.sender_checks.domains import aligned
from mailrith.connections.sender_checks.lookup import Outcome
from mailrith.connections.sender_checks.rows import Facts, Row, State

PROVES = (
    "SPF says which servers may put your domain on the envelope. It says nothing about the From line that readers see, "
    "and it breaks when mail is forwarded."
)
NOT_NAMED = (
    "The mail came from a server that the record does not name. Ask whoever runs your server which addresses it sends from, "
    "and add them with ip4: or ip6:."
)
_PROBLEMS = {
    "several": "There are {} SPF records. Receivers then ignore all of them: only one is allowed.",
    "unreadable": "“{}” in the record cannot be read, so receivers ignore the whole record.",
    "too_many": "It needs {} further lookups, and 10 are allowed. Receivers then count it as an error. "
    "Remove services that you no longer use.",
    "voids": "{} of the names in it lead nowhere, and 2 are allowed. Remove the dead ones.",
    "include_missing": "It includes {}, which has no SPF record. Receivers then count it as an error.",
    "include_several": "It includes {}, which has more than one SPF record. Receivers then count it as an error.",
    "unanswered": "It includes {}, and nobody answered for that name.",
    "twice": "It leads to {} more than once, which wastes lookups.",
    "ptr": "It uses ptr, which is out of use and slow; many receivers skip it.",
    "everybody": "It ends in +all: everybody on the internet may send as you.",
}
_MILD = frozenset({"unanswered", "twice", "ptr"})
_SHORT = {"several": "Several SPF records", "everybody": "SPF allows everybody"}


def row(facts: Facts) -> Row:
    """What is known of SPF."""
    spf, proof = facts.report.spf, facts.proof
    found = tuple((facts.envelope, record) for record in spf.records)
    notes = tuple(_PROBLEMS[code].format(detail) for code, detail in spf.problems)
    if (
        proof
        and proof.spf == "pass"
        and aligned(proof.spf_domain, facts.envelope)
        and _holds(facts)
    ):
        text = f"{_receiver(facts)} says that SPF passes for {proof.spf_domain}.{_counts(facts)}"
        return _row(State.PROVED, text, found=found, notes=notes)
    if proof and proof.spf == "pass" and not facts.carrier.keeps_envelope:
        text = f"{_receiver(facts)} says that SPF passes for {proof.spf_domain}, the envelope of {facts.carrier.label}."
        return _row(State.PROVED, text, found=found, notes=notes)
    if not facts.carrier.keeps_envelope:
        return _theirs(facts, found, notes)
    if proof and proof.spf and proof.spf != "pass":
        text = f"{_receiver(facts)} says spf={proof.spf} for {proof.spf_domain or 'this mail'}."
        return _wrong(facts, text, "SPF failed in a test", found, (*notes, NOT_NAMED))
    return _published(facts, found, notes)


def _bad(facts: Facts) -> list[str]:
    return [code for code, _ in facts.report.spf.problems if code not in _MILD]


def _holds(facts: Facts) -> bool:
    """Whether nothing has happened to the record that would make an old proof untrue."""
    if facts.proof is None or facts.proof.spf_domain != facts.envelope:
        return True
    return facts.report.spf.outcome != Outcome.NONE and not _bad(facts)


def _published(facts: Facts, found: tuple[tuple[str, str], ...], notes: tuple[str, ...]) -> Row:
    spf, label = facts.report.spf, facts.carrier.label
    if spf.outcome == Outcome.FAILED:
        return _row(State.UNKNOWN, f"No name server answered for {facts.envelope}.")
    if spf.outcome == Outcome.NONE:
        return _wrong(facts, f"{facts.envelope} has no SPF record.", "No SPF record")
    bad = _bad(facts)
    if bad:
        short = _SHORT.get(bad[0], "SPF record is broken")
        return _wrong(
            facts, "There is a record, but receivers cannot use it as it is.", short, found, notes
        )
    if facts.carrier.includes and not set(facts.carrier.includes) & set(spf.includes):
        text = f"There is a record, and it does not name {label}."
        return _wrong(facts, text, f"SPF does not name {label}", found, notes)
    return _good(facts, found, notes)


def _good(facts: Facts, found: tuple[tuple[str, str], ...], notes: tuple[str, ...]) -> Row:
    spf = facts.report.spf
    text = (
        f"The record names {facts.carrier.label}."
        if facts.carrier.includes
        else {
            True: "The record covers the address of your server.",
            False: "The record does not cover the address at which your server takes mail. It may send from another one: "
            "only a test mail shows that.",
            None: "There is a record. Whether it covers your server, only a test mail shows.",
        }[spf.covers]
    )
    asks = f" It needs {spf.lookups} of the 10 lookups that are allowed.{_counts(facts)}"
    if spf.covers is False:
        publish = advice.spf(facts.envelope, spf.records, facts.carrier, facts.host)
        return _row(State.LOOK, text + asks, found=found, notes=notes, publish=publish)
    return _row(State.LOOK if notes else State.FOUND, text + asks, found=found, notes=notes)


def _theirs(facts: Facts, found: tuple[tuple[str, str], ...], notes: tuple[str, ...]) -> Row:
    """The service puts its own address on the envelope."""
    label, report = facts.carrier.label, facts.report
    text = f"{label} puts an address of its own on the envelope, so the SPF record of {facts.domain} is not asked for this mail."
    publish = None
    if report.return_path:
        text = f"Bounces go to a name under {facts.domain} that leads to {report.return_path}."
        found = (
            *found,
            (f"{(facts.carrier.return_path or ('',))[0]}.{facts.domain}", report.return_path),
        )
    else:
        publish = advice.return_path(facts.domain, facts.carrier)
    state = State.FOUND if report.return_path else State.QUIET
    if notes:
        state = State.LOOK
    return _row(state, text, found=found, notes=notes, publish=publish)


def _wrong(
    facts: Facts,
    text: str,
    short: str,
    found: tuple[tuple[str, str], ...] = (),
    notes: tuple[str, ...] = (),
) -> Row:
    records = facts.report.spf.records
    publish: advice.Publish | None = advice.spf(facts.envelope, records, facts.carrier, facts.host)
    if publish and publish.value in records:  # what is wrong lies in a record of somebody else
        publish = None
    return _row(State.WRONG, text, short=short, found=found, notes=notes, publish=publish)


def _row(state: State, text: str, **more: object) -> Row:
    return Row("spf", "SPF", state, text, PROVES, **more)  # type: ignore[arg-type]


def _counts(facts: Facts) -> str:
    """Whose record it is where bounces go to another domain, and whether that helps the one in From."""
    if facts.envelope == facts.domain:
        return ""
    if facts.envelope_aligned:
        return f" Bounces go to {facts.envelope}, which counts for {facts.domain} too."
    return (
        f" Bounces go to {facts.envelope}, so it does not count for {facts.domain}: see Alignment."
    )


def _receiver(facts: Facts) -> str:
    return (facts.proof.server if facts.proof else "") or "The receiving server"
