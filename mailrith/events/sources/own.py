"""The forms for servers of one's own: Mailrith's JSON, a relay's own JSON by a mapping, and the mails that came back."""

from mailrith.events.sources.source import Address, Proof, Source

GENERIC = "generic"
MAPPING = "mapping"
RETURNED_MAIL = "returned-mail"

FORMS = (
    Source(
        GENERIC,
        "A server of your own, in Mailrith's form",
        Proof.SIGNED,
        (
            "Have your server run a script whenever it learns something about a mail: that it bounced, or that somebody complained.",
            "The script posts one JSON object, or an array of them, to the address below. What to send stands below as well.",
            "It signs each request with the signing secret. The lines to try show how, with nothing but openssl and curl.",
        ),
    ),
    Source(
        MAPPING,
        "A server of your own, in its own JSON",
        Proof.SHARED,
        (
            "In your relay, add a webhook with the address below. Its password is in it; a relay that strips it can send the header instead.",
            "Let it post one event, or copy an example from its documentation.",
            "Describe below where the parts of an event stand, and try it on that example before you save.",
        ),
        address=Address.BASIC,
        headers=True,
    ),
    Source(
        RETURNED_MAIL,
        "Bounces as they come back, as raw mail",
        Proof.SHARED,
        (
            "Send whatever arrives at your bounce address through a pipe: in Postfix an alias, in Exim a pipe transport.",
            "Have the pipe post each mail whole to the address below, with Content-Type message/rfc822.",
            "The lines to try show how with curl. Bounces and complaint reports are understood, automatic answers are not counted.",
        ),
        address=Address.BASIC,
        headers=True,
    ),
)
