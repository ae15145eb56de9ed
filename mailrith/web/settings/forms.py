"""The shape of what people change about themselves, and about what events do."""

from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from mailrith.accounts import zones
from mailrith.core.errors import Invalid
from mailrith.suppression.policy import SoftBounces
from mailrith.web.auth.forms import NAME, NEW_PASSWORD
from mailrith.web.forms import MailrithForm, text
from mailrith.web.subscribers.forms import choice

HERE, EVERYWHERE = "here", "everywhere"


class ProfileForm(MailrithForm):
    """Name and time zone."""

    name = StringField("Name", NAME)
    time_zone = SelectField("Your time zone", validate_choice=False)

    def offer_zones(self) -> None:
        """Fill the list."""
        self.time_zone.choices = zones.choices(self.time_zone.data or "UTC")


class PasswordForm(MailrithForm):
    """Old and new."""

    current_password = PasswordField("Current password", [InputRequired("Write your password.")])
    new_password = PasswordField("New password", NEW_PASSWORD)


class PolicyForm(MailrithForm):
    """What bounces and complaints do."""

    bounces = StringField("Mails in a row that came back")
    days = StringField("Days from the first to the last")
    complaints = RadioField(
        "A complaint counts",
        choices=[
            choice(HERE, "In this workspace"),
            choice(EVERYWHERE, "In every workspace of the account"),
        ],
        validate_choice=False,
    )

    def soft_bounces(self) -> SoftBounces:
        """Raises Invalid for what is no number."""
        return SoftBounces(_number(self.bounces), _number(self.days))


def _number(field: StringField) -> int:
    typed = text(field).strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
        raise Invalid("A whole number, please, such as 14.", field=field.name)
    return int(typed)
