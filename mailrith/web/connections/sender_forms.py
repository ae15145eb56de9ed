"""Forms of the sender page."""

from wtforms import FileField, StringField, TextAreaField

from mailrith.connections.sender_checks.proof import MAX_SOURCE_CHARS
from mailrith.web.forms import MailrithForm, text


class SelectorForm(MailrithForm):
    """A DKIM selector."""

    selector = StringField("Selector")


class ProofForm(MailrithForm):
    """The source of a received mail, pasted or as a file; the file wins."""

    source = TextAreaField("Source of the mail")
    file = FileField("Or the mail as a file (.eml)")

    def whole_source(self) -> str:
        """What was given, as text. Headers are ASCII; whatever is not does not matter."""
        uploaded = self.file.data
        if uploaded and uploaded.filename:
            return str(uploaded.read(MAX_SOURCE_CHARS).decode("utf-8", "replace"))
        return text(self.source)
