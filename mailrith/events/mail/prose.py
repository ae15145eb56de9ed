"""Bounces without a report: who is named, and the words that follow the name."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice

from mailrith.events.mail.fields import ADDRESS, address
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.original import recipients_of
from mailrith.events.mail.parts import Mail
from mailrith.events.mail.transcript import verdicts
from mailrith.smtp.diagnosis import codes
from mailrith.smtp.diagnosis.stages import RETOLD, stage_of

# Below such a line stands the returned mail, or nothing that matters.
_RETURNED = re.compile(
    r"^[^\w\n]{0,40}(?:-+ ?(?:below this line is a copy|this is a copy of|original (?:message|mail)|returned (?:message|mail)|unsent message|message header|transcript of session ended|undelivered message|the (?:header|body) of)"
    r"|(?:original|returned) (?:message|mail)(?: (?:follows|headers?|is))?\b\W*$|message header ?s?:?|(?:the )?(?:header|body|text|first \d+ lines) of (?:the|your) (?:original )?(?:message|mail)|copy of your message|your (?:original )?message (?:follows|headers)"
    r"|received: from .{5,}|return-path: <|message-id: <|content of your message|unsent message below|diagnostic information for administrators end)",
    re.IGNORECASE | re.MULTILINE,
)
# Some repeat the headers of the mail first; what they have to say stands below.
_SUMMARY = re.compile(r"following header fields:\s+(?:[ \t]{1,20}\S.*\n)+", re.IGNORECASE)
_DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail ?(?:delivery|deliverer|administrator|system|router)|mdaemon|mailsweeper|majordomo|mmdf|non-?delivery|auto.?notify|noreply.*bounce|dmail|bounce",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|deliver\w* (?:status|fail|problem|report|error|notif|has failed|incomplete)|fail(?:ure|ed)? (?:notice|to deliver|delivery|mail)|return(?:ed|ing)? (?:mail|message|to sender)|mail (?:delivery|could not|failure|status|system error|returned|error)|non-?deliver|(?:could not|cannot|unable to|not) (?:be )?deliver|not delivered|bounced?|unzustellbar|rejected|nondeliverable|message (?:status|you sent blocked|delay)|warning: |user unknown|no se (?:pudo|ha)|non remis|배달|送信(?:できま|エラー)|配信|недостав|退信|mail delivery failed|dsn:",
    re.IGNORECASE,
)
_NAMED_LINE = re.compile(
    r"^[ \t>]{0,40}(?:\d+[.)] |[45]\d\d )?(?:(?:could not be delivered to|to|recipients?|final-recipient|address(?:ee)?|user|failed recipient|your message to|message to|rcpt to|mail to|for|delivery to|unknown user|the following (?:addresses|recipients?)\S*|recipient (?:address|name))[ \t:;*'\"-]{1,6})?[*'\"-]{0,2}(?:rfc822;)?[ \t]{0,20}[<(\[]?\"?'?"
    f"({ADDRESS.pattern})",
    re.IGNORECASE | re.MULTILINE,
)
_OWN_END = re.compile(
    r"postmaster@|mailer-daemon@|abuse@|support@|helpdesk@|admin@|postmaster@", re.IGNORECASE
)
_SAYS_SO = re.compile(
    r"(?:could|can) ?not be delivered|couldn'?t be delivered|was not delivered|undeliverable|delivery (?:has )?failed|mail has been returned"
    r"|mailbox is full|user unknown|no such user|invalid user address|送信できません",
    re.IGNORECASE,
)
_STILL_TRIED = re.compile(
    r"this is a warning message only|(?:do|does) not need to resend|recipients? has been delayed|notification \(delay\)"
    r"|will keep trying|will be retried|^warning: (?:message|could not send)|only a temporary failure report",
    re.IGNORECASE | re.MULTILINE,
)
_EARLY_CHARS = 4000  # of a warning, which says at once that it is one
_MENTIONED = re.compile(
    r"(?:rcpt to: ?|\baddress: ?|mailing list |generated from |addressed to:? |error-for: {1,9}|smtp=|mailbox "
    r"|(?:deliver\w*|sent?) {1,2}(?:the |your )?(?:mail |message |e-?mail )?to:? |^[^@\n:]{3,60}: )"
    rf"<?({ADDRESS.pattern})",
    re.IGNORECASE | re.MULTILINE,
)
# Headers of the mail, repeated among the words: whom it was addressed to is not yet who failed.
_HEADERS = re.compile(
    r"(?:^[ \t]{0,20}(?:to|cc|subject|sent|from|date):.*\n){2,}", re.IGNORECASE | re.MULTILINE
)
_ENVELOPE = re.compile(r"^[ \t]{0,20}rcpt to: ?[^\s@]{1,254}@", re.IGNORECASE | re.MULTILINE)
WORDS_CHARS = 1500
MOST_NAMED = 100  # lines that begin with an address


def read(mail: Mail) -> list[Finding]:
    """A finding for each person named; empty when the mail does not look like a bounce."""
    if not _is_bounce(mail):
        return []
    text = above_the_original(mail.prose)
    late = bool(_STILL_TRIED.search(f"{mail.header('Subject')} {text[:_EARLY_CHARS]}"))
    return [replace(finding, deferred=late) for finding in _findings(mail, text)]


def _findings(mail: Mail, text: str) -> list[Finding]:
    named = list(_named(text))
    whole = _squeezed(text)
    by_header = [address(part) for part in mail.header("X-Failed-Recipients").split(",")]
    by_header = [who for who in by_header if who]
    if by_header:
        spoken = {person.recipient: person.words for person in named}
        return [_finding(who, spoken.get(who.lower(), whole), whole) for who in by_header]
    known = {who.lower() for who in recipients_of(mail)}
    told = _HEADERS.sub("\n", text)
    spoken_of = [person for person in named if person.recipient in told.lower()]
    people = [person for person in named if person.recipient in known] or spoken_of
    judged = verdicts(text)
    if len(judged) > 1:  # Sendmail's: whoever it names was written to, Bcc too
        others = [person for person in people if person.recipient not in judged]
        return [_finding(who, _squeezed(said)) for who, said in judged.items()] + others
    if people:
        more = whole if len(people) == 1 else ""
        return [replace(person, more=more, stage=person.stage or _stage(more)) for person in people]
    if not text.strip():
        return []
    mentioned = (found[1] for found in _MENTIONED.finditer(told))
    return [
        _finding(
            next(chain(recipients_of(mail), mentioned, (p.recipient for p in named)), ""), whole
        )
    ]


def _finding(who: str, words: str, more: str = "") -> Finding:
    return Finding(who, words, stage=_stage(words), more=more)


def _stage(words: str) -> str:
    """Where it was said; a server's own words need no stage, another server's do."""
    return stage_of(words) or (RETOLD if codes.reply_code(words) else "")


@lru_cache(maxsize=4)
def above_the_original(text: str) -> str:
    """The part that the server wrote."""
    summary = _SUMMARY.search(text)
    found = _RETURNED.search(text, summary.end() if summary else 40)
    return text[: found.start()] if found else text


def _is_bounce(mail: Mail) -> bool:
    if mail.head.get_content_type() == "multipart/report":
        return True
    sender = mail.header("From") + " " + mail.header("Return-Path")
    of_list = mail.header("X-MLServer") and "-admin@" in sender  # fml's refusals
    if mail.header("X-Failed-Recipients") or of_list:
        return True
    empty = mail.header("Return-Path") in {"<>", ""}
    subject = mail.header("Subject")
    by_daemon, by_subject = _DAEMON.search(sender), _SUBJECT.search(subject)
    if by_subject and (by_daemon or empty):
        return True
    if by_daemon and (empty or mail.original):
        return True
    text = above_the_original(mail.prose)
    shown = by_daemon or by_subject or mail.original or _ENVELOPE.search(text)
    return bool(shown and _SAYS_SO.search(text))


def _named(text: str) -> Iterator[Finding]:
    """Addresses at the start of lines with the words up to the next one. The first mention with words stays."""
    seen: dict[str, str] = {}
    found = (m for m in _NAMED_LINE.finditer(text) if not _OWN_END.match(m[1]))
    matches = list(islice(found, MOST_NAMED))
    for index, match in enumerate(matches):
        # A reply that was folded before the same address goes on.
        others = (m.start() for m in matches[index + 1 :] if m[1].lower() != match[1].lower())
        end = next(others, len(text))
        words = _squeezed(text[match.start() : min(end, match.start() + 10 * WORDS_CHARS)])
        who = match[1].strip("'\"`.").lower()
        if len(words) > len(seen.get(who, "")):
            seen[who] = words
    first = _squeezed(text[: matches[0].start()][: 10 * WORDS_CHARS]) if matches else ""
    for who, words in seen.items():
        if len(words) > len(who) + 25:
            yield Finding(who, words, before=first, stage=stage_of(words))
        else:  # some say why before they say who
            yield Finding(who, f"{first} {words}", stage=stage_of(f"{first} {words}"))


def _squeezed(text: str) -> str:
    return " ".join(text.split())[:WORDS_CHARS]
