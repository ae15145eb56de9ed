"""Forms check the shape of input; rules that need rows are actions, whose Invalid comes back onto the form here."""

from flask_wtf import FlaskForm
from wtforms import Field

from mailrith.core.errors import Invalid


class MailrithForm(FlaskForm):  # type: ignore[misc]
    """A form with CSRF protection and room for a sentence about the whole."""

    @property
    def general_error(self) -> str | None:
        """What is wrong with the form as a whole, if anything."""
        return self.form_errors[0] if self.form_errors else None


def text(field: Field) -> str:
    """What was typed; nothing is the empty text."""
    return str(field.data or "")


def apply_invalid(form: FlaskForm, error: Invalid) -> None:
    """Put the sentence beside the field it speaks of, or above the form."""
    if error.field and error.field in form:
        field = form[error.field]
        field.errors = [*field.errors, error.message]
    else:
        form.form_errors.append(error.message)
