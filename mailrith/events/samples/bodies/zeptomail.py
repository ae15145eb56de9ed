"""ZeptoMail: the JSON in its form."""

from typing import Any

from mailrith.events.samples.about import About, words_of

EVENTS = {
    "hard_bounce": "hardbounce",
    "soft_bounce": "softbounce",
    "block": "softbounce",
    "complaint": "feedbackloop",
    "delivered": "delivered",
}


def body(kind: str, about: About) -> Any:
    """One notification."""
    named = EVENTS[kind]
    detail = {"time": about.iso}
    if named.endswith("bounce"):
        detail |= {"bounced_recipient": about.recipient, "diagnostic_message": words_of(kind)}
    message = {
        "request_id": about.event_id,
        "email_info": {
            "client_reference": about.mark,
            "email_reference": about.event_id,
            "to": [{"email_address": {"address": about.recipient}}],
        },
        "event_data": [{"object": named, "details": [detail]}],
    }
    return {"event_name": [named], "event_message": [message]}
