"""At which command of the session something was said: of the recipient nothing is known before RCPT, and too much after DATA."""

import re

CONNECT, MAIL, RCPT, DATA = "connect", "mail", "rcpt", "data"
# A reply that somebody else passes on without the command that it answered. Where the command is missing the reply may
# have come after the whole message, when "user unknown" is what filters say.
RETOLD = "retold"
RULE = (
    "rule"  # a rule of the mailbox's owner, which read the message and answers what the owner wrote
)

# Looked at in this order: a transcript that reached DATA names the commands before it as well.
_SAID: dict[str, tuple[str, ...]] = {
    DATA: (
        r"(reply to|after) (the )?(end of )?data\b",  # Postfix, Exim
        r"end-of-data",
        r">>> data( |\n)+<<< 5(?!.{0,400}(<<<|need) ?(503|rcpt))",  # transcripts of Sendmail and Courier
        r"did not like our data",  # DragonFly
        r"smtp command data",  # m-FILTER
        r"while sending (the )?(message|data)",
        r"failed (after i sent the message|on data command)",  # qmail
        r"\(state 1[578]\)",  # Gmail, before it wrote reports
    ),
    CONNECT: (
        r"(reply to|after) ((the )?end of )?(initial connection|helo|ehlo)\b",
        r"but (greeting failed|my name was rejected)",
        r"refused to talk to me",
        r">>> (helo|ehlo) \S+( |\n)+<<< 5",
        r"did not like our (greeting|helo|ehlo)",
        r"\(state 13\)",
    ),
    MAIL: (
        r"(reply to|after) mail\b(?! \w+ failed)",
        r"but sender was rejected",
        r"did not like our mail",
        r">>> mail from: ?\S+[^<\n]{0,80}( |\n)+<<< 5",
    ),
    RCPT: (
        r"(reply to|after|following) rcpt",
        r">>> rcpt",
        r"rcpt to:<",
        r"smtp(:| command )rcpt",
        r"\[rcpt_to\]",  # Yahoo
        r"did not like our rcpt",
        r"does not like recipient",
        r"progress was rcpt",
        r"rejected recipient <",
        r"\(state 14\)",
    ),
}
_PATTERNS = {
    stage: re.compile("|".join(said), re.IGNORECASE | re.DOTALL) for stage, said in _SAID.items()
}
_SIGNS = re.compile(
    r"after|reply to|following|>>>|our |command|\(state|rcpt|progress|but |sent|talk|end-of|data|like",
    re.IGNORECASE,
)


def stage_of(text: str) -> str:
    """connect, mail, rcpt or data: the command that a transcript or an MTA's own words name; else empty."""
    if _SIGNS.search(text) is None:
        return ""
    return next((stage for stage, pattern in _PATTERNS.items() if pattern.search(text)), "")
