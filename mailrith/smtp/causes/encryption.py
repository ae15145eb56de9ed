"""What stops TLS: whether there is any, its version, and whose certificate it is."""

from mailrith.smtp.causes.cause import Cause

ENCRYPTION_CAUSES: dict[str, Cause] = {
    "starttls_missing": Cause(
        "No encryption offered",
        "The server does not offer STARTTLS, so Mailrith stopped before sending anything.",
        "This port speaks TLS from the start, or somebody between here and there removed the offer.",
        ("Try port 465 with TLS.", "If STARTTLS worked before, ask whose network this is."),
    ),
    "starttls_refused": Cause(
        "Encryption refused",
        "The server offers STARTTLS and then would not begin it.",
        "Its TLS is set up wrongly, or it is overloaded.",
        ("Try again in a few minutes.", "Tell your mail service what the server said."),
    ),
    "starttls_injected": Cause(
        "Words put in before encryption",
        "Something spoke between the server's agreement to encrypt and the encryption, so Mailrith hung up. No password was sent.",
        "Somebody between here and there puts words into the conversation, or the server does not keep to the protocol.",
        (
            "Try port 465 with TLS, where nothing can be put in.",
            "Ask whose network this is, and tell your mail service.",
        ),
    ),
    "starttls_required": Cause(
        "The server wants encryption",
        "The server takes nothing over an unencrypted line.",
        "Security is set to none.",
        ("Set Security to STARTTLS, required.",),
    ),
    "tls_mismatch": Cause(
        "Encryption does not fit the port",
        "Mailrith began with TLS, and the server answered without.",
        "Security and port do not belong together.",
        ("Use TLS with port 465, and STARTTLS with port 587.",),
    ),
    "tls_too_old": Cause(
        "Encryption is too old",
        "The server only speaks versions of TLS that are not safe any more.",
        "Its software is many years old.",
        ("Ask your mail service for a server with TLS 1.2 or newer.",),
    ),
    "tls_minimum": Cause(
        "No TLS 1.3",
        "This connection asks for TLS 1.3, and the server only speaks older versions.",
        "Its software is a few years old. TLS 1.2 is still safe.",
        ("Set Oldest TLS to TLS 1.2.", "Or ask your mail service when it will offer TLS 1.3."),
    ),
    "tls_failed": Cause(
        "Encryption failed",
        "The line could not be encrypted.",
        "The TLS set-up of the server has a fault.",
        ("Try again in a few minutes.", "Tell your mail service what the server said."),
    ),
    "certificate_expired": Cause(
        "Certificate has run out",
        "The server's certificate is not valid at this time, so nobody can be sure who it is.",
        "Nobody renewed it, or a clock is wrong.",
        ("Ask the people who run the server to renew its certificate.",),
    ),
    "certificate_not_yet": Cause(
        "Certificate is not valid yet",
        "The server's certificate begins to be valid later than now.",
        "It was made a moment ago, or the clock of one of the two machines is wrong.",
        (
            "Wait until the day it begins, shown beside this.",
            "If that day has come, ask the person who runs Mailrith to check the clock.",
        ),
    ),
    "certificate_name": Cause(
        "Certificate is for another name",
        "The server's certificate does not carry the host name you typed.",
        "The server is known under another name.",
        (
            "Use the host name from the instructions of your mail service, not an address or an alias.",
        ),
    ),
    "certificate_self_signed": Cause(
        "Certificate vouches for itself",
        "The server signed its certificate itself, so nobody else confirms who it is.",
        "A server that was set up at home or for testing, or somebody in between who pretends to be it.",
        (
            "Ask the people who run the server for a certificate of a public authority.",
            "If this is your own server, paste its certificate under Security as your own authority.",
        ),
    ),
    "certificate_untrusted": Cause(
        "Certificate is not trusted",
        "Nobody known vouches for the server's certificate.",
        "An authority of your own signed it, or the server does not send the whole chain.",
        (
            "If your organisation has its own authority, paste its certificate under Security.",
            "Otherwise ask the people who run the server to send the whole chain of certificates.",
        ),
    ),
    "ca_unreadable": Cause(
        "Your own authority cannot be read",
        "The certificate stored under Security is not one that Mailrith can read.",
        "It was cut off while copying, or it is in another form than PEM.",
        ("Paste it again, from BEGIN CERTIFICATE to END CERTIFICATE.",),
    ),
}
