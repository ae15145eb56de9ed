"""The shape of what people type at the front door."""

from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from mailrith.web.forms import MailrithForm

EMAIL = [InputRequired("Write your email address."), Length(max=320, message="That is too long.")]
NAME = [
    InputRequired("What should we call you?"),
    Length(max=120, message="At most 120 characters."),
]
NEW_PASSWORD = [InputRequired("Choose a password."), Length(max=1024, message="That is too long.")]


class SignInForm(MailrithForm):
    """`next`: the page to go to; `kept`: a form that waits for the sign-in."""

    email = EmailField("Email", EMAIL)
    password = PasswordField("Password", [InputRequired("Write your password.")])
    remember = BooleanField("Keep me signed in on this device for 30 days", default=True)
    next = HiddenField()
    kept = HiddenField()


class SignUpForm(MailrithForm):
    """Also of the first owner."""

    name = StringField("Your name", NAME)
    email = EmailField("Email", EMAIL)
    password = PasswordField("Password", NEW_PASSWORD)
    time_zone = HiddenField()  # filled in by a script; without it the zone is chosen later


class ConfirmForm(MailrithForm):
    """In another browser than the one that signed up, the password says that it is the same person."""

    password = PasswordField("The password you chose")


class AskForm(MailrithForm):
    """Who forgot the password."""

    email = EmailField("Email", EMAIL)


class ResetForm(MailrithForm):
    """The new password."""

    password = PasswordField("New password", NEW_PASSWORD)


class PressForm(MailrithForm):
    """A button and nothing else."""
