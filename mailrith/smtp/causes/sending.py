"""What stops a line after sign-in: the line itself, and who may send."""

from mailrith.smtp.causes.cause import Cause

SENDING_CAUSES: dict[str, Cause] = {
    # The line
    "timeout": Cause(
        "The server fell silent",
        "The server stopped answering in the middle of the conversation.",
        "It is overloaded, or the network between is.",
        ("Mailrith tries again.", "If it stays so, ask your mail service."),
    ),
    "connection_lost": Cause(
        "The line broke",
        "The server closed the connection in the middle of the conversation.",
        "It restarted, or it limits how many messages one connection carries.",
        ("Mailrith connects again.",),
    ),
    "connection_closed": Cause(
        "The line was closed",
        "Mailrith closed the connection.",
        "The broadcast was paused or canceled, or the worker stopped.",
        ("Nothing: the message goes out when sending goes on.",),
    ),
    "stopped_before_dot": Cause(
        "Stopped in time",
        "Mailrith stopped before the message was complete, so it was not delivered.",
        "The broadcast was paused or canceled, or the worker was asleep for too long.",
        ("Nothing: the message goes out when sending goes on.",),
    ),
    # The sender
    "quota": Cause(
        "Sending limit reached",
        "The service does not take more mail from this account for now.",
        "The plan's limit for an hour, a day or a month is used up.",
        (
            "Wait until the limit starts over, or raise it at your service.",
            "Lower the limits here.",
        ),
    ),
    "sender_refused": Cause(
        "Sender address refused",
        "The server does not let this account send from this address.",
        "From email is not verified at your service, or belongs to another account.",
        (
            "Use an address that this login may use.",
            "Verify the address or its domain at your service.",
        ),
    ),
    "send_as_refused": Cause(
        "You may not send as this address",
        "The server knows this login, and it has no permission to send from this address.",
        "From email is another mailbox or an alias that this login has no right to use.",
        (
            "Use the login's own address as From email.",
            "Or ask your administrator for the permission Send as.",
        ),
    ),
    "relay_denied": Cause(
        "It does not pass mail on",
        "The server only takes mail for its own people.",
        "It wants a sign-in first, or it is not a server for sending.",
        ("Fill in Username and Password.", "Check SMTP Host with your mail service."),
    ),
    "account_blocked": Cause(
        "Account blocked",
        "The service has stopped this account from sending.",
        "Too many complaints or bounces, an unpaid bill, or a review that is not finished.",
        ("Sign in at your service and read what it says.",),
    ),
}
