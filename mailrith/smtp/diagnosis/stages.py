"""At which command of the session something was said: of the recipient nothing is known before RCPT, and too much after DATA."""

import re

CONNECT, MAIL, RCPT, DATA = "connect", "mail", "rcpt", "data"
# A reply that somebody else passes on without the command that it answered. Where the command is missing the reply may
# have come after the whole message, when "user unknown" is what filters say.
RETOLD = "retold"
RULE = (
    "rule"  # a rule of the mailbox's owner, which read the message and answers what the owner wrote
)

LONGEST = 5000  # characters that are looked at

# Looked at in this order: a transcript that reached DATA names the commands before it as well. Beside each pattern stands
# a piece of it that has to be there: most texts have none of them, and finding a piece costs next to nothing.
_SAID: dict[str, tuple[tuple[str, str], ...]] = {
    DATA: (
        ("data", r"(reply to|after) (the )?(end of )?data\b"),  # Postfix, Exim
        ("end-of-data", r"end-of-data"),
        (
            ">>> data",
            r">>> data( |\n)+<<< 5(?!.{0,400}(<<<|need) ?(503|rcpt))",
        ),  # Sendmail, Courier
        ("like our data", r"did not like our data"),  # DragonFly
        ("command data", r"smtp command data"),  # m-FILTER
        ("while sending", r"while sending (the )?(message|data)"),
        ("failed ", r"failed (after i sent the message|on data command)"),  # qmail
        ("(state 1", r"\(state 1[578]\)"),  # Gmail, before it wrote reports
    ),
    CONNECT: (
        ("initial connection", r"(reply to|after) initial connection"),
        (
            "helo",
            r"(reply to|after) ((the )?end of )?helo\b|>>> helo \S+( |\n)+<<< 5|like our helo",
        ),
        (
            "ehlo",
            r"(reply to|after) ((the )?end of )?ehlo\b|>>> ehlo \S+( |\n)+<<< 5|like our ehlo",
        ),
        ("but ", r"but (greeting failed|my name was rejected)"),
        ("refused to talk", r"refused to talk to me"),
        ("our greeting", r"did not like our greeting"),
        ("(state 13", r"\(state 13\)"),
    ),
    MAIL: (
        (" mail", r"(reply to|after) mail\b(?! \w+ failed)"),
        ("but sender", r"but sender was rejected"),
        ("like our mail", r"did not like our mail"),
        (">>> mail", r">>> mail from: ?\S+[^<\n]{0,80}( |\n)+<<< 5"),
    ),
    RCPT: (
        ("rcpt", r"(reply to|after|following|smtp:|>>>|smtp command|like our|progress was) ?rcpt"),
        ("rcpt to:<", r"rcpt to:<"),
        ("rcpt to gen", r"rcpt to generated following response"),  # IMail
        ("[rcpt_to]", r"\[rcpt_to\]"),  # Yahoo
        ("does not like", r"does not like recipient"),
        ("rejected recipient", r"rejected recipient <"),
        ("(state 14", r"\(state 14\)"),
    ),
}
_PATTERNS = [
    (stage, piece, re.compile(said, re.DOTALL))
    for stage, rows in _SAID.items()
    for piece, said in rows
]


def stage_of(text: str) -> str:
    """connect, mail, rcpt or data: the command that a transcript or an MTA's own words name; else empty."""
    told = text[:LONGEST].lower()
    for stage, piece, pattern in _PATTERNS:
        if piece in told and pattern.search(told):
            return stage
    return ""
