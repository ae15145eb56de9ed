"""The shape of what people type about subscribers and imports."""

from datetime import date
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length

from mailrith.subscribers import planning
from mailrith.subscribers.consents import BASES
from mailrith.subscribers.models import Tag
from mailrith.web.forms import MailrithForm

NO_SOURCE = "Say where they agreed to get your mail."
NO_DATE = "Give a date, such as 2026-02-21."


def choice(value: str, label: str) -> Any:
    """One option of a choice."""
    return SelectChoice(value, label)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


class TagsForm(MailrithForm):
    """Ticks for the tags that exist, and room for a new one."""

    tags = SelectMultipleField("Tags", coerce=_uuid, validate_choice=False)
    new_tag = StringField("New tag")

    def chosen(self, existing: list[Tag]) -> list[Tag]:
        """The ticked ones among those that exist."""
        ticked = set(self.tags.data or ())
        return [tag for tag in existing if tag.public_id in ticked]


class ConsentFields(MailrithForm):
    """How somebody agreed."""

    basis = RadioField(
        "On what basis",
        choices=[choice(basis.key, basis.name) for basis in BASES],
        default=BASES[0].key,
        validators=[InputRequired("Say on what basis you may write to them.")],
    )
    source = StringField(
        "Where they said so",
        validators=[
            InputRequired(NO_SOURCE),
            Length(max=512, message="At most 512 characters fit here."),
        ],
    )
    collected_on = DateField("When", validators=[InputRequired(NO_DATE)])


class SubscriberForm(TagsForm):
    """Of one person."""

    email = StringField("Email")
    name = StringField("Name")


class AddForm(SubscriberForm, ConsentFields):
    """The same, with the proof that a new person needs."""


class EditForm(SubscriberForm):
    """The same, with what the team may do to the status."""

    status = SelectField("Status", validate_choice=False, default="")


class ColumnsForm(TagsForm):
    """What to do with people who are here already; the columns are read from the request by their number."""

    existing = RadioField(
        "If someone is here already",
        choices=[
            choice(planning.MERGE, "Merge"),
            choice(planning.SKIP, "Skip"),
            choice(planning.OVERWRITE, "Overwrite"),
        ],
        default=planning.MERGE,
    )
    columns = StringField("Columns")  # carries what is wrong with them


class ImportConsentForm(ConsentFields):
    """How everybody in the file agreed."""

    true_for_all = BooleanField(
        "This is true for everyone in the file, and I can show it if asked.",
        validators=[InputRequired("Tick this if it is so. If it is not, do not import them.")],
    )


class UploadForm(MailrithForm):
    """Pasted lines; the file itself is read as a stream."""

    file = StringField("File")  # carries what is wrong with it
    pasted = TextAreaField("Paste addresses")


def day(field: DateField) -> date:
    """The day of a field that has been validated."""
    assert field.data is not None
    return field.data
