"""What enhanced status codes (RFC 3463, IANA registry) and reply codes say when the words say nothing."""

import re

# The detail of X.Y.Z -> reason. Only codes that are used as they are defined; 5.0.0, 5.5.x and most of 5.7.x say nothing.
ENHANCED: dict[str, str] = {
    "1.1": "user_unknown",
    "1.2": "host_unknown",
    "1.3": "user_unknown",
    "1.6": "moved",
    "1.7": "rejected",
    "1.8": "rejected",
    "1.10": "not_accepting",  # RFC 7505
    "2.1": "mailbox_disabled",  # written over anything; the words decide where there are any
    "2.2": "mailbox_full",
    "2.3": "too_large",
    "3.1": "mailbox_full",  # the system's disk
    "3.2": "system",
    "3.4": "too_large",
    "3.5": "system",
    "4.1": "network",
    "4.2": "network",
    "4.3": "network",
    "4.4": "network",
    "4.5": "system",
    "4.6": "network",
    "4.7": "expired",
    "6.1": "content",
    "6.2": "content",
    "6.3": "content",
    "6.5": "content",
    "6.6": "content",
    "7.0": "policy",
    "7.1": "policy",
    "7.9": "security",
    "7.13": "mailbox_disabled",  # RFC 7372's neighbour: user account disabled
    "7.17": "mailbox_disabled",  # RRVS
    "7.18": "mailbox_disabled",
    "7.20": "auth_failure",  # RFC 7372
    "7.21": "auth_failure",
    "7.22": "auth_failure",
    "7.23": "auth_failure",
    "7.24": "auth_failure",
    "7.25": "require_ptr",
    "7.26": "auth_failure",
    "7.27": "rejected",
    "7.28": "rate",
    "7.29": "auth_failure",
}

# The subject of a code whose detail is unknown; services number their own. The other subjects are written over anything.
SUBJECTS = {"6": "content", "7": "policy"}

# A reply code alone says nothing about the person: 550 stands before everything.
REPLIES: dict[str, str] = {
    "421": "system",
    "452": "mailbox_full",
    "500": "syntax",
    "501": "syntax",
    "502": "syntax",
    "503": "syntax",
    "504": "syntax",
    "521": "not_accepting",  # RFC 7504
    "525": "mailbox_disabled",
    "530": "security",
    "534": "security",
    "535": "security",
    "538": "security",
    "552": "mailbox_full",
    "556": "not_accepting",  # RFC 7504
}

CERTAIN = (521, 556)  # RFC 7504: no mail service at all, whatever the enhanced code says

ENHANCED_PATTERN = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d|\d)")
REPLY_PATTERN = re.compile(r"(?<![\d.:/-])([45]\d\d)(?=[ \-]|$|:)(?!-\d{2}-)")


def enhanced_codes(text: str) -> list[str]:
    """Enhanced status codes in a text, in order, without those that say nothing (X.0.0)."""
    found = [".".join(m) for m in ENHANCED_PATTERN.findall(text)]
    return [code for code in found if not code.endswith(".0.0") and code.count(".") == 2]


def reply_code(text: str) -> int | None:
    """The first SMTP reply code in a text."""
    found = REPLY_PATTERN.search(text)
    return int(found.group(1)) if found else None


def reason_of_status(status: str) -> str | None:
    """The reason that an enhanced status names, or at least its subject; None where it is vague."""
    detail = status.partition(".")[2]
    return ENHANCED.get(detail) or SUBJECTS.get(detail.partition(".")[0])


def reason_of_reply(code: int | None) -> str | None:
    """The reason that a reply code names, or None where it is vague."""
    return REPLIES.get(str(code)) if code else None
