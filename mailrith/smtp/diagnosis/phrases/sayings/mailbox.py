"""The mailbox as it is now, and what its owner or a filter on that side wants."""

from mailrith.smtp.diagnosis.phrases.sayings.saying import Sayings

# The mailbox, now.
MAILBOX = (
    Sayings(
        "mailbox_full",
        (
            "account disabled temporarly for exceeding receiving limits",
            "boite du destinataire pleine",
            "does not have enough space",
            "mailbox exceeded the local limit",
            "the user's space has been used up",
            "user has too many messages on the server",
            "user mailbox exceeds allowed size",
            "mailbox unavailable (not enough free space)",
        ),
    ),
    Sayings(
        "mailbox_disabled",
        (
            "boite du destinataire archivee",
            "invalid/inactive user",
            "is a deactivated mailbox",
            "is currently suspended",
            "has been suspended",
            "is unavailable: user is terminated",
            "mailaddress is administrativ",
            "mailbox temporary locked",
            "mailbox unavailable or access denied",
            "recipient suspend the service",
            "the user(s) account is disabled",
            "the user(s) account is temporarily",
            " rcp-t4",
        ),
    ),
    Sayings(
        "too_large",
        (
            "exeeded the maximum size the user accepts",
            "line limit exceeded",
            "taille limite du message atteinte",
            "resolver.rst.recipsizelimit",
            "resolver.rst.sendsizelimit",
            " msg-p1",
            " int-p2",
        ),
    ),
)

# What the recipient asked for, or a filter on the recipient's side.
FILTERED = (
    Sayings(
        "filtered",
        (
            "account is protected by",
            "cannot route mail to user",
            "has restricted sms e-mail",
            "is not accepting any mail",
            "mail delivery failed... user unknown",
            "message rejected due to user rules",
            "not found recipient account",
            "only accepting mail from specific email addresses",
            "recipient not found msexch:",  # Exchange's connector, which passes on and names no code
            "recipient id refuse to receive mail",
            "refused due to recipient preferences",
            "you have been blocked by the recipient",
            "rejected by the recipient's settings",
            " [user unknown]",
            "(000c0595)",
            " rcp-p2",
            " rcp-p3",
        ),
        certain=True,
    ),
)
