"""Microsoft 365 (Exchange Online).

Host, port, SMTP AUTH, 30 messages a minute, 10,000 recipients a day and 3 sessions at once:
learn.microsoft.com/en-us/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365
and learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits. XOAUTH2, scope and
token address: learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth.
The end of passwords ("550 5.7.30 Basic authentication is not supported for Client Submission"):
techcommunity.microsoft.com/blog/exchange/exchange-online-to-retire-basic-auth-for-client-submission-smtp-auth/4114750.
"""

from mailrith.connections.models import AuthMechanism, Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    Access,
    Group,
    Known,
    OAuth,
    Option,
    Preset,
)

MICROSOFT_365 = Preset(
    provider=Provider.MICROSOFT_365,
    label="Microsoft 365",
    tagline="OAuth",
    group=Group.MAILBOX,
    endpoints=(STARTTLS_587,),
    hosts={"": "smtp.office365.com"},
    username=Access(
        "Mailbox address",
        "The whole address of the mailbox. From has to be the same address, or one that it may send as.",
    ),
    password=Access(
        "Password",
        "Microsoft is ending sign-in with a password for SMTP. Use OAuth unless your organisation still allows it.",
    ),
    mechanism=AuthMechanism.XOAUTH2,
    oauth=OAuth(
        token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        scope="https://outlook.office.com/SMTP.Send offline_access",
        hint="Register an app in Entra ID with the permission SMTP.Send and let the mailbox's owner consent once: that gives the refresh token.",
    ),
    options=(
        Option(
            "tenant",
            "Tenant",
            hint="The directory (tenant) ID of the app registration, or its domain.",
            default="organizations",
            pattern=r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?",
            refusal="Use the tenant's ID or its domain.",
            required=True,
        ),
    ),
    limits=Known(
        per_minute=30,
        per_day=10_000,
        max_sessions=3,
        words="30 messages a minute, 10,000 people in 24 hours and 3 sessions at once for each mailbox.",
    ),
    notes=(
        "An administrator has to allow Authenticated SMTP for the mailbox: Microsoft 365 admin center, Users, the mailbox, Mail, Manage email apps.",
        "Made for letters between people: bounces come to the mailbox, and nothing is reported back.",
    ),
    page="https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/"
    "how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365",
)
