"""Postmark.

Servers, tokens, stream and tracking headers, X-PM-KeepID (without it the Message-ID is replaced):
postmarkapp.com/developer/user-guide/send-email-with-smtp. A message cannot turn off the open tracking of a server:
postmarkapp.com/support/article/803-how-do-i-enable-open-tracking. Metadata, keys of at most 20 and values of at most 80
characters: postmarkapp.com/support/article/1125-custom-metadata-faq. No id is documented in its answer to the final dot.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2525,
    Access,
    Group,
    Option,
    Preset,
    Trace,
)

POSTMARK = Preset(
    provider=Provider.POSTMARK,
    label="Postmark",
    tagline="SMTP token of a broadcast stream",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2525),
    hosts={"": "smtp-broadcasts.postmarkapp.com"},
    username=Access(
        "Access key",
        "In Postmark, open the server, its broadcast stream, Settings, and generate an SMTP token. A server API token works too: type it into both fields.",
    ),
    password=Access(
        "Secret key",
        "Shown once beside the access key. With a server API token: the same token again.",
    ),
    options=(
        Option(
            "message_stream",
            "Message stream",
            hint="The ID of a broadcast stream. Newsletters through a transactional stream are against Postmark's rules.",
            default="broadcast",
        ),
    ),
    headers=(
        ("X-PM-TrackOpens", "false"),
        ("X-PM-TrackLinks", "None"),
        ("X-PM-KeepID", "true"),
    ),
    option_headers=(("X-PM-Message-Stream", "message_stream"),),
    trace=Trace("X-PM-Metadata-mailrith"),
    keeps_message_id=True,
    notes=(
        "Turn open tracking off in the stream's settings: a message can't turn it off where the server has it on.",
        "Set the stream's unsubscribe handling to none or custom, or Postmark adds a link of its own.",
    ),
    page="https://postmarkapp.com/developer/user-guide/send-email-with-smtp",
)
