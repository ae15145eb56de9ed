"""What stops one message: the recipient, the content, or the moment."""

from mailrith.smtp.causes.cause import Cause

MESSAGE_CAUSES: dict[str, Cause] = {
    # The recipient
    "mailbox_unknown": Cause(
        "No such mailbox",
        "The address does not exist.",
        "It is misspelled, or the person left.",
        ("Nothing: the person is marked Bounced and gets no more mail.",),
    ),
    "domain_unknown": Cause(
        "No such domain",
        "The part after the @ takes no mail.",
        "It is misspelled, or the domain was given up.",
        ("Nothing: the person is marked Bounced and gets no more mail.",),
    ),
    "address_malformed": Cause(
        "Not an address",
        "The server cannot read the address.",
        "It contains a typing mistake.",
        ("Correct the address on the person's page.",),
    ),
    "address_reserved": Cause(
        "Not a real address",
        "Its domain is set aside for examples and tests, so Mailrith did not hand it to the server.",
        "It belongs to a sample person, or to a list that was made to try something out.",
        ("Delete the person, or correct the address.",),
    ),
    "mailbox_disabled": Cause(
        "Mailbox closed",
        "The mailbox exists but takes no mail any more.",
        "The account was closed or has not been used for a long time.",
        ("Nothing: the person is marked Bounced and gets no more mail.",),
    ),
    "mailbox_full": Cause(
        "Mailbox full",
        "There is no room left in the mailbox.",
        "The person has not tidied up for a while.",
        ("Try again in a few days.",),
    ),
    # This message
    "message_too_large": Cause(
        "Message too large",
        "The server does not take messages of this size.",
        "Pictures inside the message, or a small limit on the other side.",
        ("Make the message smaller: link to pictures instead of including them.",),
    ),
    "content_refused": Cause(
        "Content refused",
        "The server does not like what the message says or links to.",
        "A filter took it for spam, or a linked domain is on a block list.",
        ("Read what the server said.", "Check the links in the message."),
    ),
    "policy_refused": Cause(
        "Refused by policy",
        "The other side refuses mail from this sender. It is not about the person.",
        "The sender's reputation, missing SPF, DKIM or DMARC, or a rule of that company.",
        ("Check SPF, DKIM and DMARC of your From domain.", "Read what the server said."),
    ),
    "address_unsupported": Cause(
        "Address needs a newer server",
        "The address has letters that this server cannot carry.",
        "The server does not support international addresses (SMTPUTF8).",
        ("Ask the person for another address.", "Use a connection that supports SMTPUTF8."),
    ),
    "greylisted": Cause(
        "Asked to come back later",
        "The other side wants to see the message a second time before it believes it.",
        "Greylisting, a usual test against spam.",
        ("Nothing: Mailrith tries again by itself.",),
    ),
    "slow_down": Cause(
        "Too fast for them",
        "The other side takes mail more slowly than we send it.",
        "A limit on messages or connections at the recipient's provider.",
        ("Nothing: Mailrith tries again more slowly.",),
    ),
    "temporary": Cause(
        "Not now",
        "The server cannot take this message at the moment.",
        "A fault or a limit on the other side that passes.",
        ("Nothing: Mailrith tries again by itself.",),
    ),
    "too_many_recipients": Cause(
        "Too many recipients at once",
        "The server takes fewer recipients in one go.",
        "A limit for each message.",
        ("Nothing: Mailrith tries again by itself.",),
    ),
    "protocol": Cause(
        "Misunderstanding",
        "The server did not understand a command.",
        "Its software is unusual, or a firewall changes the conversation.",
        ("Read what the server said, and tell your mail service.",),
    ),
    "refused": Cause(
        "Message refused",
        "The server refused this message and did not say why in a way that can be relied on.",
        "It may be the address, the content or the sender.",
        ("Read what the server said.", "Try again later."),
    ),
}
