"""Shapes of what is typed on the broadcast pages."""

from typing import Any

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    validators,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from mailrith.web.forms import MailrithForm


def choice(value: str, label: str) -> Any:
    """One option of a choice."""
    return SelectChoice(value, label)


def _version() -> Any:
    return IntegerField("Version", [validators.InputRequired()])


class LetterForm(MailrithForm):
    """Step 1. Lengths are checked by the action, which knows what a mail can carry."""

    version = _version()
    subject = TextAreaField("Subject")
    preview_text = TextAreaField("Preview text")
    markdown = TextAreaField("Body in Markdown")


class AudienceForm(MailrithForm):
    """Step 2. Ids are public ids; choices are filled by the view."""

    version = _version()
    mode = RadioField(
        "To",
        choices=[choice("tags", "People with tags"), choice("everyone", "Everyone")],
        validators=[validators.Optional()],
        default="none",
        validate_choice=False,
    )
    with_tags = SelectMultipleField("Include", choices=[])
    without_tags = SelectMultipleField("Leave out", choices=[])
    connection = RadioField(
        "Through", choices=[], validators=[validators.Optional()], validate_choice=True
    )
    reply_to_email = StringField("Replies go to", [validators.Length(max=254)])
    when = RadioField(
        "When",
        choices=[
            choice("now", "As soon as I press Send"),
            choice("later", "At a set time"),
        ],
        default="now",
    )
    day = DateField("Day", [validators.Optional()])
    at_time = TimeField("Time", [validators.Optional()], format=["%H:%M", "%H:%M:%S"])
    which = StringField("Which one")  # first | second | before | after
    moved = False  # whether the time typed was replaced by a neighbour that exists


class SendForm(MailrithForm):
    """The typed number, and what the screen said when it was typed."""

    version = _version()
    shown_count = IntegerField("Shown", [validators.Optional()])
    confirm_count = StringField("Number", [validators.Length(max=40)])


class TestForm(MailrithForm):
    """A test mail."""

    __test__ = False

    to = StringField("Send it to", [validators.Length(max=320)])
    reader = HiddenField("Reads as")  # a subscriber's public id, or empty
