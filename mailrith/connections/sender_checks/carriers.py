"""What the mail services need in the From domain's DNS, as their own pages say.

A service that puts its own address on the envelope passes SPF for itself: then the From domain needs no SPF record for it, and
alignment comes from DKIM, or from a return-path name under the From domain where the service offers one.
"""

from dataclasses import dataclass

from mailrith.connections.models import Provider


@dataclass(frozen=True)
class Carrier:
    """`includes` are SPF includes, the current one first; `selectors` the DKIM selectors it always uses; `where` its own page."""

    label: str
    includes: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    keeps_envelope: bool = True  # whether bounces go to the From domain, so that its SPF is asked
    return_path: tuple[str, str] | None = None  # a host under the From domain, and its CNAME
    where: str = ""


SELF = Carrier("Your server")  # nothing is known of it
COMMON_SELECTORS = ("default", "mail", "dkim", "s1", "k1")  # what people call the key of their own

CARRIERS: dict[Provider, Carrier] = {
    # docs.aws.amazon.com/ses, "Using a custom MAIL FROM domain", "Easy DKIM": selectors are random
    Provider.AMAZON_SES: Carrier(
        "Amazon SES",
        ("amazonses.com",),
        keeps_envelope=False,
        where="SES console, Identities, your domain, Authentication",
    ),
    # postmarkapp.com/support: SPF is not needed; selectors are made of a date
    Provider.POSTMARK: Carrier(
        "Postmark",
        ("spf.mtasv.net",),
        keeps_envelope=False,
        return_path=("pm-bounces", "pm.mtasv.net"),
        where="Sender Signatures, your domain, DNS Settings",
    ),
    # sendgrid.com/docs, "Automated security": two CNAMEs for DKIM, one for the return path
    Provider.SENDGRID: Carrier(
        "SendGrid",
        ("sendgrid.net",),
        ("s1", "s2"),
        keeps_envelope=False,
        where="Settings, Sender Authentication, your domain",
    ),
    # documentation.mailgun.com, "Domain verification", "Automatic sender security"
    Provider.MAILGUN: Carrier(
        "Mailgun",
        ("mailgun.org",),
        ("pdk1", "pdk2", "mx", "pic", "smtp", "krs", "k1", "mta"),
        where="Sending, Domains, your domain, DNS records",
    ),
    # resend.com/docs, "Managing domains": bounces go to send.<domain>, which SES serves
    Provider.RESEND: Carrier(
        "Resend",
        ("amazonses.com",),
        ("resend",),
        keeps_envelope=False,
        where="Domains, your domain, DNS records",
    ),
    # help.brevo.com, "Authenticate your domain": DKIM and DMARC, no SPF; the envelope is its own
    Provider.BREVO: Carrier(
        "Brevo",
        ("spf.brevo.com", "spf.sendinblue.com"),
        ("brevo1", "brevo2", "mail"),
        keeps_envelope=False,
        where="Senders, Domains & Dedicated IPs, Domains, your domain",
    ),
    Provider.GMAIL: Carrier(
        "Google",
        ("_spf.google.com",),
        ("google",),
        where="Google Admin console, Apps, Gmail, Authenticate email",
    ),
    Provider.MICROSOFT_365: Carrier(
        "Microsoft 365",
        ("spf.protection.outlook.com",),
        ("selector1", "selector2"),
        where="Defender portal, Email authentication settings, DKIM",
    ),
    # the include depends on the data centre
    Provider.ZOHO: Carrier(
        "Zoho",
        ("zohomail.com", "zoho.com", "zohomail.eu", "zoho.eu", "zohomail.in", "zoho.in"),
        ("zmail", "zoho"),
        where="Mail Admin Console, Domains, your domain, Email Configuration",
    ),
    Provider.FASTMAIL: Carrier(
        "Fastmail",
        ("spf.messagingengine.com",),
        ("fm1", "fm2", "fm3", "fm4"),
        where="Settings, Domains, your domain, DNS",
    ),
    # support.sparkpost.com, "Custom bounce domains": the default envelope is sparkpostmail.com
    Provider.SPARKPOST: Carrier(
        "SparkPost",
        ("_spf.sparkpostmail.com",),
        keeps_envelope=False,
        where="Configuration, Domains, your domain",
    ),
    # documentation.mailjet.com, "Authenticating Domains with SPF & DKIM"
    Provider.MAILJET: Carrier(
        "Mailjet",
        ("spf.mailjet.com",),
        ("mailjet",),
        keeps_envelope=False,
        where="Account, Senders & Domains, your domain, SPF and DKIM",
    ),
    # support.smtp2go.com, "SPF, DKIM and DMARC": no change to the domain's SPF record
    Provider.SMTP2GO: Carrier(
        "SMTP2GO",
        keeps_envelope=False,
        where="Sending, Verified Senders, your domain",
    ),
    # scaleway.com/docs, "Authenticate your sending domain": the selector is the project's id
    Provider.SCALEWAY: Carrier(
        "Scaleway",
        ("_spf.tem.scaleway.com", "_spf.tem.scw.cloud"),
        where="Transactional Email, your domain, DNS records",
    ),
    Provider.MAILERSEND: Carrier(
        "MailerSend",
        ("_spf.mailersend.net",),
        ("mlsend", "mlsend2"),
        keeps_envelope=False,
        where="Domains, your domain, Domain verification",
    ),
    # help.elasticemail.com, "Verify your domain"
    Provider.ELASTIC_EMAIL: Carrier(
        "Elastic Email",
        ("_spf.elasticemail.com",),
        ("api",),
        keeps_envelope=False,
        where="Settings, Domains, your domain",
    ),
    # docs.postalserver.io: SPF includes and selectors carry the installation's own names
    Provider.POSTAL: Carrier(
        "Postal", keeps_envelope=False, where="your Postal server, Domains, DNS setup"
    ),
    # docs.mailtrap.io, "Sending domain setup": two CNAMEs for DKIM
    Provider.MAILTRAP: Carrier(
        "Mailtrap",
        selectors=("rwmt1", "rwmt2"),
        keeps_envelope=False,
        where="Sending Domains, your domain",
    ),
}


def carrier_of(provider: Provider) -> Carrier:
    """What is known of whoever carries the mail."""
    return CARRIERS.get(provider, SELF)


def selectors_of(provider: Provider) -> tuple[str, ...]:
    """The selectors that are looked at without being typed."""
    found = CARRIERS.get(provider)
    return found.selectors if found else COMMON_SELECTORS
