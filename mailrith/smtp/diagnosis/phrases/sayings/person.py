"""The address: its domain, and who is there."""

from mailrith.smtp.diagnosis.phrases.sayings.saying import Sayings

# The domain of the address.
DOMAIN = (
    Sayings(
        "host_unknown",
        (
            "because the domain is not reachable",
            "all host address lookups failed permanently",
            "dns server returned answer with no data",
            "name or service not known",
            "recipient domain must exist",
            "smtpsend.dns.nonexistentdomain",
            "the remote domain doesnt exist",
        ),
    ),
    Sayings(
        "not_accepting",
        (
            "an mx or srv record indicated no smtp service",
            "mail receiving disabled",
            "name server: .: host not found",
            "no host found for existing smtp connection",
            "no route for current request",
        ),
    ),
)

# The person. Said so by one who knows, whatever the code and the command.
PERSON = (
    Sayings(
        "user_unknown",
        (
            " rcp-p1",
            " int-p1",
            " int-p3",
            " int-p4",
            "(000c05a6)",
            "address not present in directory",
            "ディレクトリのリストにありません",
            "not listed in public name & address book",
        ),
        certain=True,
    ),
    Sayings(
        "user_unknown",
        (
            "no existe dicha persona",
            "no existe ese usuario",
            "there is no one at this address",
            "this address no longer accepts mail",
            "this spectator does not exist",
            "the following recipients was undeliverable",
            "is not an active address at this host",
        ),
    ),
    # Vague words, of which only RCPT makes a statement about the address.
    Sayings(
        "filtered",
        (
            "5.0.0. mail rejected",
            "account unavailable:",
            "archived recipient",
            "bad-recipient",
            "bad_recipient",
            "badrcptto",
            "can't accept user",
            "destination server rejected recipients",
            "missing home directory",
            "not email addresses",
            "recipient not ok",
        ),
        at_rcpt="user_unknown",
    ),
)
