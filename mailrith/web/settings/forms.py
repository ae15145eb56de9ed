"""The shape of what people change about themselves."""

from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import InputRequired

from mailrith.accounts import zones
from mailrith.web.auth.forms import NAME, NEW_PASSWORD
from mailrith.web.forms import MailrithForm


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
