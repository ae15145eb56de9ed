"""The form that describes a relay's own JSON."""

import re
from collections.abc import Mapping
from typing import Any

from wtforms import StringField, TextAreaField

from mailrith.events.mapping import MEANINGS
from mailrith.web.forms import MailrithForm, text

PLACES = (
    "events",
    "message_id",
    "recipient",
    "occurred_at",
    "event_id",
    "enhanced_status",
    "diagnostic",
)
HINTS = {
    "kind": "For example event, or data.type. Up to three places with commas between them make one name.",
    "kinds": f"A line for each, such as: bounced = hard_bounce. The meanings: {', '.join(MEANINGS)}.",
    "message_id": "The Message-ID of the mail that Mailrith sent.",
    "events": "Where the list of events stands. Empty if the body is one event, or a list of them.",
    "event_id": "The relay's own id of the event, the same when it repeats itself.",
    "sample": "What your relay posted, or an example from its documentation. It is not kept.",
}


class MappingForm(MailrithForm):
    """Places are paths such as data.message.id; an empty one is nowhere."""

    kind = StringField("Name of the event")
    kinds = TextAreaField("What the names mean")
    message_id = StringField("Message-ID")
    recipient = StringField("Recipient")
    occurred_at = StringField("Time")
    event_id = StringField("Id of the event")
    enhanced_status = StringField("Status code")
    diagnostic = StringField("The other server's words")
    events = StringField("List of events")
    sample = TextAreaField("A sample to try it on")

    def settings(self) -> dict[str, Any]:
        """As `events.mapping.check` wants it."""
        found: dict[str, Any] = {name: text(self[name]).strip() for name in PLACES}
        found["kind"] = re.split(r"[\s,]+", text(self.kind).strip())
        lines = [line.partition("=") for line in text(self.kinds).splitlines() if line.strip()]
        found["kinds"] = {word.strip(): meaning.strip() for word, _, meaning in lines}
        return found

    def fill_in(self, settings: Mapping[str, Any]) -> None:
        """Show a mapping that is kept."""
        for name in PLACES:
            self[name].data = settings.get(name, "")
        self.kind.data = ", ".join(settings.get("kind", ()))
        kinds = settings.get("kinds", {}).items()
        self.kinds.data = "\n".join(f"{word} = {meaning}" for word, meaning in kinds)
