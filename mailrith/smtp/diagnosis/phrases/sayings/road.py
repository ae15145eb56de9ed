"""The way there, and the servers' own trouble."""

from mailrith.smtp.diagnosis.phrases.sayings.saying import Sayings

ROAD = (
    Sayings(
        "network",
        (
            "dns records for the destination computer could not be found",
            "address family mismatch on destination",
            "all routes to destination blocked",
            "could not retrieve source address",
            "had no relevant answers",
            "network error on destination",
            "no valid route to",
            "responded with code nxdomain",  # of one resolver at one moment, as Google reports it
            "listed as a best-preference mx",
            "malformed name server reply",
            "malformed or unexpected name server reply",
            "unable to resolve route",
            "smtpsend.dns.mxloopback",
            "(00120270)",
        ),
    ),
    Sayings(
        "expired",
        (
            "could not find a gateway for",
            "failed to deliver to domain",
            "has been in the queue too long",
            "queue.expired",
            "delivery attempts will continue",
            "was frozen on arrival",
            " has been frozen",
        ),
    ),
    Sayings(
        "system",
        (
            "ambiguous recipient",
            "several matches found in domino directory",
            "automatic homedir",
            "could not load drd for domain",
            "delivery to file forbidden",
            "delivery to pipe forbidden",
            "encountered an error while being processed",
            "interrupted system call",
            "ldap attribute",
            "ldap server",
            "ldap lookup",
            "lmtp error after",
            "no proxy for recipient",
            "recipient deferred because",
            "too many results returned but needs to be unique",
            "while executing qmail-forward",
            "(000d06b5)",
            "resolver.adr.ambiguous",
            "resolver.adr.badprimary",
            "resolver.adr.invalidinsmtp",
            "duplicated message-id",
            "dns violates rfc 1035",
        ),
    ),
    Sayings(
        "mailer",
        ("bad interpreter", "bin/maildrop", "bin/procmail", "pipe to |", "x-unix; "),
    ),
    Sayings(
        "syntax",
        (
            "angle-brackets nested too deep",
            "domain missing in source-routed address",
            'expected word or "<"',
            "malformed address:",
        ),
    ),
    Sayings(
        "content",
        (
            "conversion to internet format failed",
            "improperly-formatted binary",
            "unnecessary base64",
            'too many "received" headers',
        ),
    ),
)
