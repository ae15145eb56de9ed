"""What a reply means: one table of rules, read from the top, the first that fits wins.

Only a refusal of the recipient itself, with a status that says so, at RCPT, is about the person. Everything else fails
this message, waits, or stops the connection. Enhanced status codes: RFC 3463 and the IANA registry; reply codes: RFC 5321, 4.2.
"""

import re
from dataclasses import dataclass
from typing import Literal

from mailrith.smtp.causes import cause

VerdictKind = Literal["hard", "soft", "block", "message", "deferred", "sender", "connection"]
Scope = Literal["recipient", "message", "connection"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means for whom.

    kind hard: the address is dead. soft, block, message: this message failed (the mailbox, the sender's reputation, the
    content). deferred: try again. sender, connection: the connection cannot send now; pause it, nobody failed.
    scope says who is concerned; retry whether the same may work later; `cause` is a key of `causes`.
    """

    kind: VerdictKind
    cause: str
    retry: bool
    scope: Scope

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        return cause(self.cause).what


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. Empty conditions always hold; `codes` are prefixes ("5", "552"), `statuses` are patterns of 5.7.1."""

    verdict: Verdict
    stages: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    statuses: re.Pattern[str] | None = None
    words: re.Pattern[str] | None = None

    def fits(self, stage: str, code: str, status: str, text: str) -> bool:
        """Whether every condition holds."""
        return (
            (not self.stages or stage in self.stages)
            and (not self.codes or code.startswith(self.codes))
            and (self.statuses is None or self.statuses.fullmatch(status) is not None)
            and (self.words is None or self.words.search(text) is not None)
        )


def classify(stage: str, reply_code: int, enhanced_status: str, text: str) -> Verdict:
    """The verdict on a 4xx or 5xx reply.

    `stage` is greeting, ehlo, starttls, auth, mail, rcpt, data, dot, or local for refusals of our own.
    """
    code, words = str(reply_code), text[:1024].lower()
    for rule in RULES:
        if rule.fits(stage, code, enhanced_status, words):
            return rule.verdict
    return _DEFERRED if code.startswith("4") else _REFUSED


def _connection(name: str, *, retry: bool = True) -> Verdict:
    return Verdict("connection", name, retry, "connection")


def _sender(name: str) -> Verdict:
    return Verdict("sender", name, retry=False, scope="connection")


def _hard(name: str) -> Verdict:
    return Verdict("hard", name, retry=False, scope="recipient")


def _soft(name: str) -> Verdict:
    return Verdict("soft", name, retry=False, scope="recipient")


def _block(name: str) -> Verdict:
    return Verdict("block", name, retry=False, scope="message")


def _message(name: str) -> Verdict:
    return Verdict("message", name, retry=False, scope="message")


def _deferred(name: str) -> Verdict:
    return Verdict("deferred", name, retry=True, scope="recipient")


def _at(*stages: str) -> frozenset[str]:
    return frozenset(stages)


def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_DEFERRED = _deferred("temporary")
_REFUSED = _message("refused")

_QUOTA_WORDS = _like(
    r"(daily|hourly|monthly|weekly|sending|send|messag\w+|e?mails?|recipients?|submission|rate|credits?|account)"
    r"[\w\s'-]{0,40}(limit|quota|credits?|rate)[\w\s'-]{0,20}(exceed|reached|used up|exhausted|over)"
    r"|exceeded[\w\s'-]{0,30}(limit|quota|rate|credits)|maximum credits|throttling failure"
    r"|(over|out of)[\w\s]{0,12}(sending )?(quota|credits)|sender thread limit"
)
_MAILBOX_WORDS = _like(
    r"mailbox|inbox|over ?quota|user.{0,20}quota|storage|insufficient system storage|disk"
)
_RELAY_WORDS = _like(
    r"relay(ing)? (access )?(is )?(denied|not (allowed|permitted))|not permitted to relay|unable to relay"
)
_AUTH_WORDS = _like(
    r"authenticat\w+ (is )?(required|needed)|must (first )?(authenticate|log ?in)|not authenticated"
)
_APP_PASSWORD_WORDS = _like(r"application-specific password|app(lication)? password")
_SWITCHED_OFF_WORDS = _like(
    r"smtpclientauthentication is disabled|basic authentication is disabled|smtp auth(entication)? (is )?disabled"
)
_TLS_WORDS = _like(r"starttls|encryption (is )?(required|needed)")
_SENDER_WORDS = _like(
    r"sender (address|domain|identity).{0,40}(reject|refus|not |denied|verif)|not (owned|allowed|authori[sz]ed|permitted).{0,30}send"
    r"|(sender|from)( address)? (is )?not (verified|allowed|owned|authori[sz]ed)|not verified|send.?as|sender denied"
)
_BLOCKED_ACCOUNT_WORDS = _like(
    r"(account|user|sender|sending)( \S+)? (is |has been |was )?(suspended|disabled|blocked|paused|on hold|under review)"
)
_GREY_WORDS = _like(r"gr[ea]yl?ist|try (again )?(in|after) \d+ (s|min)|come back later")
_SLOW_WORDS = _like(r"rate|too (many|much|fast)|throttl|slow|unusual|deferred due")
_SPAM_WORDS = _like(r"\bspam(my)?\b|virus|malware|phish|content|\burls?\b|\blinks?\b")

_TALK = _at("mail", "rcpt", "data", "dot")

RULES: tuple[Rule, ...] = (
    # Refusals of our own, before anything went over the wire
    Rule(_message("address_malformed"), _at("local"), statuses=_like(r"5\.1\.3")),
    Rule(_message("address_reserved"), _at("local"), statuses=_like(r"5\.1\.2")),
    Rule(_sender("sender_refused"), _at("local"), statuses=_like(r"5\.1\.7")),
    Rule(_message("address_unsupported"), _at("local"), statuses=_like(r"5\.6\.7")),
    Rule(_message("message_too_large"), _at("local"), statuses=_like(r"5\.3\.4")),
    Rule(_message("content_refused"), _at("local")),
    # Before the first message: always about the connection
    Rule(_connection("quota"), _at("greeting", "ehlo", "auth"), words=_QUOTA_WORDS),
    Rule(_connection("too_many_connections"), _at("greeting", "ehlo"), ("4",)),
    Rule(_connection("greeting_refused", retry=False), _at("greeting"), ("5",)),
    Rule(_connection("ehlo_refused", retry=False), _at("ehlo"), ("5",)),
    Rule(_connection("starttls_refused"), _at("starttls")),
    Rule(_connection("too_many_connections"), _at("auth"), ("421",)),
    Rule(_connection("auth_temporary"), _at("auth"), ("4",)),
    Rule(_connection("auth_app_password", retry=False), _at("auth"), words=_APP_PASSWORD_WORDS),
    Rule(_connection("auth_switched_off", retry=False), _at("auth"), words=_SWITCHED_OFF_WORDS),
    Rule(_connection("starttls_required", retry=False), _at("auth"), ("538",)),
    Rule(_connection("starttls_required", retry=False), _at("auth"), ("530",), words=_TLS_WORDS),
    Rule(_connection("auth_mechanism", retry=False), _at("auth"), ("502", "503", "504", "534")),
    Rule(_connection("auth_refused", retry=False), _at("auth")),
    # The sign-in, told late
    Rule(_connection("starttls_required", retry=False), _TALK, ("530", "538"), words=_TLS_WORDS),
    Rule(_connection("auth_required", retry=False), _TALK, ("530", "538")),
    Rule(_connection("auth_refused", retry=False), _TALK, ("534", "535")),
    Rule(_connection("auth_required", retry=False), _TALK, ("5",), words=_AUTH_WORDS),
    Rule(_connection("relay_denied", retry=False), _TALK, ("5",), words=_RELAY_WORDS),
    # The person's mailbox, before quota words are looked for: "over quota" is said of both
    Rule(_deferred("mailbox_full"), _TALK, ("4",), _like(r"[45]\.2\.2")),
    Rule(_soft("mailbox_full"), _TALK, ("5",), _like(r"[45]\.2\.2")),
    Rule(_hard("mailbox_unknown"), _at("rcpt"), ("5",), _like(r"5\.1\.(1|6)")),
    Rule(_hard("domain_unknown"), _at("rcpt"), ("5",), _like(r"5\.1\.(2|10)")),
    Rule(_hard("address_malformed"), _at("rcpt"), ("5",), _like(r"5\.1\.3")),
    Rule(_hard("mailbox_disabled"), _at("rcpt"), ("5",), _like(r"5\.2\.1")),
    # The account at the service
    Rule(_connection("quota"), _TALK, statuses=_like(r"5\.1\.90|[45]\.4\.5")),
    Rule(_deferred("temporary"), _TALK, ("4",), words=_MAILBOX_WORDS),
    Rule(_soft("mailbox_full"), _TALK, ("552",), words=_MAILBOX_WORDS),
    Rule(_connection("quota"), _TALK, ("4", "5"), words=_QUOTA_WORDS),
    Rule(_connection("account_blocked", retry=False), _TALK, ("5",), words=_BLOCKED_ACCOUNT_WORDS),
    # Size and protocol
    Rule(_deferred("too_many_recipients"), _TALK, ("4",), _like(r"4\.5\.3")),
    Rule(_message("message_too_large"), _TALK, ("5",), _like(r"5\.2\.3|5\.3\.4")),
    Rule(_message("message_too_large"), _TALK, ("552",), _like(r"")),
    Rule(_message("protocol"), _TALK, ("500", "501", "502", "503", "504"), _like(r"|5\.5\.\d+")),
    Rule(_message("address_unsupported"), _TALK, ("5",), _like(r"5\.6\.7")),
    # The sender: the same for every recipient
    Rule(_sender("send_as_refused"), _TALK, ("5",), _like(r"5\.7\.60")),
    Rule(_sender("sender_refused"), _at("mail"), ("5",)),
    Rule(_sender("sender_refused"), _TALK, ("5",), _like(r"5\.1\.[78]")),
    Rule(_sender("sender_refused"), _TALK, ("5",), _like(r"|5\.7\.\d+|5\.0\.0"), _SENDER_WORDS),
    # Reputation and content: never about the person
    Rule(_block("content_refused"), _TALK, ("5",), _like(r"5\.7\.\d+|"), _SPAM_WORDS),
    Rule(_block("policy_refused"), _TALK, ("5",), _like(r"5\.7\.\d+")),
    Rule(_message("content_refused"), _TALK, ("5",), _like(r"5\.6\.\d+")),
    # Later
    Rule(_deferred("greylisted"), _TALK, ("4",), words=_GREY_WORDS),
    Rule(_deferred("slow_down"), _TALK, ("4",), _like(r"4\.7\.\d+|4\.4\.5"), _SLOW_WORDS),
    Rule(_deferred("slow_down"), _TALK, ("421",), words=_SLOW_WORDS),
    # A recipient's status at another stage fails this message only
    Rule(_message("mailbox_unknown"), _TALK, ("5",), _like(r"5\.1\.(1|2|3|6|10)")),
    Rule(_message("mailbox_disabled"), _TALK, ("5",), _like(r"5\.2\.1")),
)
