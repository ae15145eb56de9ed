"""The lines about what belongs together: the domains (alignment), and one-click unsubscribe under the signature."""

from mailrith.connections.sender_checks.domains import aligned
from mailrith.connections.sender_checks.proof import Proof
from mailrith.connections.sender_checks.rows import Facts, Row, State

ALIGNMENT_PROVES = (
    "SPF and DKIM may pass for somebody else's domain. Only when one of them passes for the domain in your From address "
    "do receivers know that the mail is yours."
)
ONE_CLICK_PROVES = (
    "Gmail and Yahoo show their own unsubscribe button when both headers are there and lie under a DKIM signature that passes. "
    "Mailrith writes both into every broadcast; your server has to sign them."
)


def alignment(facts: Facts) -> Row:
    """Whether what passes speaks for the From domain."""
    if facts.proof is None:
        return _by_dns(facts)
    proof, receiver = facts.proof, facts.proof.server or "The receiving server"
    if proof.rewritten:
        text = (
            f"The mail left as {proof.sender} and arrived as {proof.arrived_from or 'somebody else'}: "
            f"{facts.carrier.label} replaced your address, usually because the domain is not set up there yet."
        )
        return _alignment(State.WRONG, text, short="The From address was replaced")
    by = passing(proof, facts)
    if by:
        return _alignment(
            State.PROVED,
            f"In the mail that {receiver} took, {' and '.join(by)} passed for {facts.domain}.",
        )
    text = f"In the mail that {receiver} took, neither SPF nor DKIM passed for {facts.domain}."
    notes = () if facts.envelope_aligned else (_elsewhere(facts),)
    return _alignment(State.WRONG, text, short="Nothing passed for your domain", notes=notes)


def passing(proof: Proof, facts: Facts) -> list[str]:
    """SPF, DKIM or both: those that passed for the From domain, by the strictness that its DMARC record asks for."""
    dmarc, by = facts.report.dmarc, []
    if proof.spf == "pass" and aligned(proof.spf_domain, facts.domain, strict=dmarc.strict_spf):
        by.append("SPF")
    if any(
        one.outcome == "pass" and aligned(one.domain, facts.domain, strict=dmarc.strict_dkim)
        for one in proof.signatures
    ):
        by.append("DKIM")
    return by


def one_click(facts: Facts) -> Row:
    """Whether the unsubscribe button of mailbox providers can be trusted by them."""
    if facts.proof is None:
        text = "Both headers are in every broadcast. Whether your server signs them, only a test mail shows."
        return _one_click(State.UNKNOWN, text)
    if facts.proof.one_click == "signed":
        return _one_click(
            State.PROVED, "Both headers arrived under a signature that passes.", label="Signed"
        )
    if facts.proof.one_click == "missing":
        text = f"{facts.carrier.label} took List-Unsubscribe or List-Unsubscribe-Post out of the mail on its way."
        return _one_click(State.WRONG, text, short="One-click unsubscribe was taken out")
    text = "Both headers arrived, but not under a signature that passes."
    how = (
        "Ask whoever runs your server to sign list-unsubscribe and list-unsubscribe-post too "
        "(OpenDKIM: SignHeaders; rspamd: sign_headers)."
        if not facts.carrier.where
        else f"{facts.carrier.label} signs them once the domain's DKIM is set up there: {facts.carrier.where}."
    )
    return _one_click(State.WRONG, text, short="One-click unsubscribe is not signed", notes=(how,))


def _by_dns(facts: Facts) -> Row:
    """What the records promise, before anybody has seen a mail."""
    report, label = facts.report, facts.carrier.label
    keys = [key for key in report.good_keys if aligned(key.domain, facts.domain)]
    if not facts.envelope_aligned:
        return _by_signature(facts, signed=bool(keys))
    if facts.carrier.keeps_envelope:
        same = "the same domain as in From" if facts.envelope == facts.domain else "like From"
        envelope = f"Mail leaves with {facts.envelope} on the envelope, {same}"
        if report.spf.usable:
            return _alignment(
                State.FOUND, f"{envelope}: it is aligned if SPF passes.", label="Fits together"
            )
        if keys:
            return _alignment(
                State.FOUND,
                f"{envelope}. It is aligned if the DKIM signature passes.",
                label="Fits together",
            )
        return _alignment(State.UNKNOWN, f"{envelope}, but SPF and DKIM are not settled yet.")
    if keys or report.return_path:
        text = f"{label} uses an envelope of its own, so DKIM has to speak for {facts.domain}. A key for it is there."
        if not keys:
            text = f"Bounces go to a name under {facts.domain}, so SPF can speak for it."
        return _alignment(State.FOUND, text, label="Fits together")
    text = f"{label} uses an envelope of its own. Without a DKIM key, nothing speaks for {facts.domain}."
    if not facts.carrier.selectors:
        return _alignment(
            State.UNKNOWN,
            f"{label} uses an envelope of its own, so DKIM has to speak for {facts.domain}.",
        )
    return _alignment(State.WRONG, text, short="Nothing speaks for your domain")


def _by_signature(facts: Facts, *, signed: bool) -> Row:
    """Bounces go to somebody else's domain, so that SPF is out of it."""
    if signed:
        text = f"{_divided(facts)} A DKIM signature has to speak for {facts.domain}, and a key for it is there."
        return _alignment(State.FOUND, text, label="Fits together")
    text = _elsewhere(facts)
    if not facts.carrier.selectors:
        return _alignment(State.UNKNOWN, f"{text} No key was found yet.")
    short = "Nothing speaks for your domain"
    return _alignment(State.WRONG, f"{text} It has no key.", short=short)


def _elsewhere(facts: Facts) -> str:
    return (
        f"{_divided(facts)} A DKIM signature has to speak for {facts.domain}; "
        f"or take a bounce address at {facts.domain}."
    )


def _divided(facts: Facts) -> str:
    return (
        f"Bounces go to {facts.envelope}, so SPF speaks for that domain and not for {facts.domain}."
    )


def _alignment(state: State, text: str, **more: object) -> Row:
    return Row("alignment", "Alignment", state, text, ALIGNMENT_PROVES, **more)  # type: ignore[arg-type]


def _one_click(state: State, text: str, **more: object) -> Row:
    return Row("one_click", "One-click unsubscribe", state, text, ONE_CLICK_PROVES, **more)  # type: ignore[arg-type]
