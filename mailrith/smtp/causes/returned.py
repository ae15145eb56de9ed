"""What Mailrith makes of mail that came back: a server would take more of it all the same."""

from mailrith.smtp.causes.cause import Cause

RETURNED_CAUSES: dict[str, Cause] = {
    "many_bounces": Cause(
        "Too much mail came back",
        "At least 5 % of the mail of the last seven days came back, so Mailrith holds everything that leaves this way.",
        "The list is old or was not collected by yourself, or a mailbox provider blocks the sender.",
        (
            "Look at the bounces in the report of the last broadcast, and at where these people came from.",
            "Remove the people of that import or tag, and write to those who opened lately first.",
            "Then open the connection, press Use it again and type how many came back.",
        ),
    ),
    "many_complaints": Cause(
        "Too many people marked it as spam",
        "At least 0.3 % of the mail of the last seven days was marked as spam, so Mailrith holds everything that leaves this way.",
        "People did not ask for this mail, do not remember that they did, or do not find how to unsubscribe.",
        (
            "Look at which broadcast and which people the complaints came from.",
            "Leave out whoever did not sign up for this, and write to those who opened lately first.",
            "Then open the connection, press Use it again and type how many complained.",
        ),
    ),
}
