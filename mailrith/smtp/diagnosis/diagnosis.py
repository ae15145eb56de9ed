"""From words and codes to a diagnosis: the words first, then the codes inside them, then the fields."""

import re
from dataclasses import dataclass

from mailrith.smtp.diagnosis import codes, stages
from mailrith.smtp.diagnosis.phrases import ROWS, Rule, Sayings
from mailrith.smtp.diagnosis.reasons import REASONS, Kind

LONGEST = 2000  # characters that are looked at: a bounce may carry a whole page

_SPACES = re.compile(r"[\s\u00a0]+")
# Replies of several lines repeat their codes: "550-5.1.1 The email account 550-5.1.1 that you tried"
_REPEATED = re.compile(r"\b([45]\d\d)[ -]((?:[45]\.\d{1,3}\.\d{1,3} )?)(?=.)")
_FOR_NOW = re.compile(
    r"(?<!non-)\btemporar(y|ily)\b(?! (address|e-?mail))|(?<!not going to )try again later|for now\b"
)
_GAVE_UP = re.compile(
    r"(delivery|retry|queue|message) (time ?(out)? ?)?(expired|exceeded)|timeout exceeded"
)
_ROUTING = {
    "4.4.1",
    "4.4.2",
    "4.4.3",
    "4.4.4",
}  # trouble of names and lines while it is still tried
# What stands before is the reporting server's own sentence, which speaks of rejecting and blocking whatever it was.
_RETOLD = re.compile(
    r"the error that the other server returned was: ?(?=\S)|the response (?:from the remote server )?was: ?(?=\S)"
)
_OF_PEOPLE = {"user_unknown", "moved"}
_NOT_OF_PEOPLE = {stages.CONNECT: "blocked", stages.MAIL: "rejected", stages.RULE: "filtered"}
_BAD_ADDRESS = {"4.1.1", "5.1.1"}
_TOO_LATE = {stages.DATA, stages.RETOLD}
_OF_MAILBOX = [row for row in ROWS if row.reason in {"mailbox_disabled", "mailbox_full"}]
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "`": "'"})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`kind` as in `Reason`, or "deferred" while it is still tried; `reason` is a key of REASONS."""

    kind: Kind
    reason: str
    retry: bool

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        return REASONS[self.reason].sentence


def diagnose(
    words: str,
    *,
    status: str = "",
    reply_code: int | None = None,
    stage: str = "",
    deferred: bool = False,
) -> Diagnosis:
    """The diagnosis of a refusal.

    `words` is the diagnostic in any language and shape, `status` the Status field (RFC 3464, 2.3.4) and `reply_code` a
    code given apart; `stage` is one of `stages` where it is known at which command it was said; `deferred` says that delivery goes on (Action: delayed, or a provider's delay event).
    """
    reason = reason_of(words, status, reply_code, stage)
    known = REASONS[reason]
    if deferred:
        return Diagnosis("deferred", reason, retry=True)
    return Diagnosis(known.kind, reason, known.retry)


def state_of_mailbox(words: str) -> Diagnosis | None:
    """Whether words say that the mailbox is full or closed for now; all else that they say is left alone."""
    text = normalised(words)
    for row in _OF_MAILBOX:
        if row.fits(text, []):
            known = REASONS[row.reason]
            return Diagnosis(known.kind, row.reason, known.retry)
    return None


def reason_of(words: str, status: str = "", reply_code: int | None = None, stage: str = "") -> str:
    """A key of REASONS."""
    text = normalised(words)
    inside = codes.enhanced_codes(text)
    code = reply_code or codes.reply_code(text)
    stage = stage or stages.stage_of(text)
    rule = _rule(text, inside or ([status] if status else []))
    if code in codes.CERTAIN and (rule is None or rule.reason == "system"):
        return codes.REPLIES[str(code)]
    said = [*inside, status]
    if rule is not None and rule.at_rcpt and _about_the_address(stage, said):
        return rule.at_rcpt
    if rule is not None and rule.certain:
        return rule.reason
    if rule is not None:
        return _checked(rule.reason, text, said, stage)
    for candidate in said:
        reason = codes.reason_of_status(candidate)
        if reason is not None:
            return reason
    return codes.reason_of_reply(code) or "on_hold"


def _about_the_address(stage: str, said: list[str]) -> bool:
    """Whether vague words speak of the address: when nothing else was known, or by the code that was meant for it."""
    return stage == stages.RCPT or (stage not in _NOT_OF_PEOPLE and bool(_BAD_ADDRESS & {*said}))


def _rule(text: str, said: list[str]) -> Rule | Sayings | None:
    return next((rule for rule in ROWS if rule.fits(text, said)), None)


def normalised(words: str) -> str:
    """Lower case, single blanks, plain quotes, and no repeated codes of many-lined replies."""
    text = _SPACES.sub(" ", words[:LONGEST]).translate(_QUOTES).lower().strip()
    text = _RETOLD.split(text)[-1]
    seen: set[str] = set()

    def once(found: re.Match[str]) -> str:
        if not found[2] or found[0] not in seen:
            seen.add(found[0])
            return found[0]
        return ""

    return _REPEATED.sub(once, text)


def _checked(reason: str, text: str, codes_said: list[str], stage: str) -> str:
    """Hard only where nothing beside the words speaks against it.

    Who is unknown only after the whole message was seen, is not unknown: a filter says so. So it is when the words say
    "unknown" over a code of mailbox or policy, unless they came at RCPT. Before RCPT it is the sender who is spoken of.
    What is so for now may be otherwise later.
    """
    subjects = {code.split(".")[1] for code in codes_said if code}
    if reason == "host_unknown" and codes_said[:-1] and set(codes_said[:-1]) <= _ROUTING:
        return "network"
    if reason == "host_unknown" and _GAVE_UP.search(text):
        return "expired"
    if REASONS[reason].kind == "hard" and _FOR_NOW.search(text):
        return "system"
    if reason in _OF_PEOPLE and stage in _NOT_OF_PEOPLE:
        return _NOT_OF_PEOPLE[stage]
    if reason != "user_unknown" or stage == stages.RCPT or "1" in subjects:
        return reason
    return "filtered" if stage in _TOO_LATE or subjects & {"2", "7"} else reason
