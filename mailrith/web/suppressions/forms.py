"""The shape of what people type about the suppression list."""

from wtforms import RadioField, StringField, TextAreaField

from mailrith.suppression.models import SuppressionReason as Reason
from mailrith.web.forms import MailrithForm
from mailrith.web.subscribers.forms import choice

REASONS = {
    Reason.UNSUBSCRIBED: "They asked to stop",
    Reason.BOUNCED: "The address does not exist",
    Reason.COMPLAINED: "They reported a mail as spam",
    Reason.MANUAL: "Something else",
}


class AddForm(MailrithForm):
    """Addresses and why they are not to be mailed."""

    pasted = TextAreaField("Addresses")
    file = StringField("File")  # carries what is wrong with it
    reason = RadioField(
        "Why",
        choices=[choice(str(reason), words) for reason, words in REASONS.items()],
        default=str(Reason.UNSUBSCRIBED),
        validate_choice=False,
    )
    note = StringField("Note")


class RemoveForm(MailrithForm):
    """Why an address comes off the list."""

    why = TextAreaField("Why does it come off?")
