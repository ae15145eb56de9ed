"""The shape of what a workspace says about itself."""

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from mailrith.accounts import zones
from mailrith.accounts.workspaces import Particulars
from mailrith.web.forms import MailrithForm


def _length(most: int) -> Length:
    return Length(max=most, message=f"At most {most} characters, please.")


class WorkspaceForm(MailrithForm):
    """Name, postal address, time zone. Only the first and the last have to be there before the first send."""

    name = StringField("Workspace name", [InputRequired("What is it called?"), _length(120)])
    address = StringField("Street or box", [_length(200)])
    city = StringField("Town", [_length(120)])
    postal_code = StringField("Postcode", [_length(20)])
    state = StringField("County or state", [_length(120)])
    country = StringField("Country", [_length(120)])
    time_zone = SelectField("Zone", validate_choice=False)  # the action knows every old name too

    def offer_zones(self) -> None:
        """Fill the list; the chosen zone is in it even when it has an old name."""
        self.time_zone.choices = zones.choices(self.time_zone.data or "UTC")

    @property
    def particulars(self) -> Particulars:
        """What was typed."""
        return Particulars(
            name=self.name.data or "",
            time_zone=self.time_zone.data or "UTC",
            address=self.address.data or "",
            city=self.city.data or "",
            state=self.state.data or "",
            postal_code=self.postal_code.data or "",
            country=self.country.data or "",
        )
