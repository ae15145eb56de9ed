"""The line about DKIM."""

from mailrith.connections.sender_checks.carriers import SELF
from mailrith.connections.sender_checks.dkim import GOOD_BITS, Key, KeyState
from mailrith.connections.sender_checks.domains import aligned
from mailrith.connections.sender_checks.rows import Facts, Row, State, listed

PROVES = (
    "A DKIM signature proves that the mail came from whoever holds the key, and that nobody changed it on the way. "
    "A key in the DNS alone proves nothing: your server has to sign with it."
)
_PROBLEMS = {
    "several": "there is more than one key at this name",
    "unreadable": "the key is cut off or mistyped",
    "short": "the key has fewer than 1,024 bits, and receivers refuse it",
    "version": "it does not begin with v=DKIM1",
    "kind": "its kind of key is unknown",
    "sha1": "it allows only SHA-1, which receivers refuse",
    "not_for_mail": "it says that the key is not for e-mail",
}


def row(facts: Facts) -> Row:
    """What is known of DKIM."""
    proof, keys = facts.proof, facts.report.dkim
    found = tuple((key.name, _describe(key)) for key in keys if key.state != KeyState.ABSENT)
    notes = tuple(_notes(facts))
    if proof:
        passed = [one for one in proof.signatures if one.outcome == "pass"]
        ours = [one for one in passed if aligned(one.domain, facts.domain)]
        receiver = proof.server or "The receiving server"
        lost = _lost_keys(facts)
        if ours and all(f"{one.selector}._domainkey.{one.domain}" in lost for one in ours):
            return _none(facts, found, notes)
        if ours:
            text = f"{receiver} says that the signature of {ours[0].domain} passes (selector {ours[0].selector})."
            return _row(State.PROVED, text, found=found, notes=notes)
        return _unproved(facts, receiver, found, notes)
    good = facts.report.good_keys
    if good:
        text = f"{'A key is' if len(good) == 1 else 'Keys are'} published at {listed(tuple(key.selector for key in good))}."
        return _row(State.LOOK if notes else State.FOUND, text, found=found, notes=notes)
    return _none(facts, found, notes)


def _lost_keys(facts: Facts) -> set[str]:
    """Names at which receivers find no usable key any more."""
    lost = {KeyState.ABSENT, KeyState.REVOKED, KeyState.BROKEN}
    return {key.name for key in facts.report.dkim if key.state in lost}


def _unproved(
    facts: Facts, receiver: str, found: tuple[tuple[str, str], ...], notes: tuple[str, ...]
) -> Row:
    assert facts.proof is not None
    signed = facts.proof.signatures
    if not signed:
        text = "The test mail arrived without a DKIM signature: your server does not sign."
    elif any(aligned(one.domain, facts.domain) for one in signed):
        one = next(one for one in signed if aligned(one.domain, facts.domain))
        text = f"{receiver} says dkim={one.outcome or 'nothing'} for the signature of {one.domain}."
    else:
        domains = listed(tuple(dict.fromkeys(one.domain for one in signed)))
        text = f"The test mail is signed for {domains}, not for {facts.domain}."
    return _row(
        State.WRONG,
        text,
        short="DKIM did not pass in a test",
        found=found,
        notes=(*notes, _how(facts)),
    )


def _none(facts: Facts, found: tuple[tuple[str, str], ...], notes: tuple[str, ...]) -> Row:
    keys = facts.report.dkim
    states = {key.state for key in keys}
    broken = states & {KeyState.BROKEN, KeyState.REVOKED}
    if not broken and (KeyState.FAILED in states or not facts.carrier.selectors):
        # Selectors are names that only the signer knows: not finding one is no proof that there is none.
        text = _not_found(facts)
        if KeyState.FAILED in states:
            text = f"No name server answered for the keys of {facts.domain}."
        return _row(State.UNKNOWN, text, found=found, notes=(*notes, _how(facts)))
    if broken:
        text = f"{facts.domain} has a DKIM key that receivers cannot use."
        return _row(
            State.WRONG,
            text,
            short="DKIM key is unusable",
            found=found,
            notes=(*notes, _how(facts)),
        )
    text = f"{facts.domain} has no DKIM key of {facts.carrier.label}."
    return _row(State.WRONG, text, short="No DKIM key", found=found, notes=(*notes, _how(facts)))


def _not_found(facts: Facts) -> str:
    tried = listed(tuple(key.selector for key in facts.report.dkim[:5]))
    looked = f"No key at {tried}. " if tried else ""
    why = "Your server may use another selector"
    if facts.carrier is not SELF:
        why = f"{facts.carrier.label} gives every domain a selector of its own"
    return f"{looked}{why}: type it under DKIM selectors, or read it from a test mail."


def _how(facts: Facts) -> str:
    if facts.carrier.where:
        return f"{facts.carrier.label} shows the exact records under {facts.carrier.where}. Copy them from there."
    if facts.carrier is SELF:
        return (
            "Whoever runs your server makes the key and gives you one TXT record for a name like "
            f"mail._domainkey.{facts.domain}. Ask for an RSA key of 2,048 bits."
        )
    return ""


def _notes(facts: Facts) -> list[str]:
    notes = []
    for key in facts.report.dkim:
        if key.state == KeyState.GOOD and key.kind == "rsa" and key.bits < GOOD_BITS:
            notes.append(f"The key at {key.selector} has {key.bits:,} bits; 2,048 are usual today.")
        if key.state == KeyState.GOOD and key.testing:
            notes.append(
                f"The key at {key.selector} says t=y, “only testing”. Receivers may ignore its signatures."
            )
    return notes


def _describe(key: Key) -> str:
    said = {
        KeyState.REVOKED: "Revoked: the key was taken back",
        KeyState.FAILED: "No answer",
        KeyState.BROKEN: "Unusable: " + _PROBLEMS.get(key.problem, "it cannot be read"),
    }.get(key.state)
    if said is None:
        said = f"RSA key, {key.bits:,} bits" if key.kind == "rsa" else "Ed25519 key"
    return f"{said}, by CNAME at {key.alias}" if key.alias else said


def _row(state: State, text: str, **more: object) -> Row:
    return Row("dkim", "DKIM", state, text, PROVES, **more)  # type: ignore[arg-type]
