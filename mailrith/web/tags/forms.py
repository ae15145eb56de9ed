"""The shape of what people type about a tag; whether the name is free is a rule of subscribers.tagging."""

from wtforms import StringField, TextAreaField

from mailrith.web.forms import MailrithForm


class TagForm(MailrithForm):
    """Of one tag."""

    name = StringField("Name")
    description = TextAreaField("Description")
