"""Amazon SES.

Ports and TLS: docs.aws.amazon.com/ses/latest/dg/smtp-connect.html. Endpoints by region: docs.aws.amazon.com/general/latest/gr/ses.html;
regions that have the HTTP interface alone (Zurich, Hyderabad) are left out. Headers and the letters that a tag may hold:
docs.aws.amazon.com/ses/latest/dg/event-publishing-send-email.html. Message-ID is replaced:
docs.aws.amazon.com/ses/latest/dg/header-fields.html. The id in its answer:
docs.aws.amazon.com/ses/latest/dg/send-email-smtp-client-command-line.html. Days that roll:
docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html. It has no header against its tracking, which only a
configuration set turns on.
"""

from mailrith.connections.models import Provider
from mailrith.connections.presets.preset import (
    STARTTLS_587,
    STARTTLS_2587,
    TLS_465,
    TLS_2465,
    Access,
    Choice,
    Group,
    Known,
    Option,
    Preset,
    Trace,
)

_REGIONS = (
    Choice("us-east-1", "US East (N. Virginia)"),
    Choice("us-east-2", "US East (Ohio)"),
    Choice("us-west-1", "US West (N. California)"),
    Choice("us-west-2", "US West (Oregon)"),
    Choice("ca-central-1", "Canada (Central)"),
    Choice("sa-east-1", "South America (São Paulo)"),
    Choice("eu-central-1", "Europe (Frankfurt)"),
    Choice("eu-west-1", "Europe (Ireland)"),
    Choice("eu-west-2", "Europe (London)"),
    Choice("eu-west-3", "Europe (Paris)"),
    Choice("eu-south-1", "Europe (Milan)"),
    Choice("eu-north-1", "Europe (Stockholm)"),
    Choice("af-south-1", "Africa (Cape Town)"),
    Choice("il-central-1", "Israel (Tel Aviv)"),
    Choice("me-south-1", "Middle East (Bahrain)"),
    Choice("ap-south-1", "Asia Pacific (Mumbai)"),
    Choice("ap-southeast-1", "Asia Pacific (Singapore)"),
    Choice("ap-southeast-2", "Asia Pacific (Sydney)"),
    Choice("ap-southeast-3", "Asia Pacific (Jakarta)"),
    Choice("ap-northeast-1", "Asia Pacific (Tokyo)"),
    Choice("ap-northeast-2", "Asia Pacific (Seoul)"),
    Choice("ap-northeast-3", "Asia Pacific (Osaka)"),
)

AMAZON_SES = Preset(
    provider=Provider.AMAZON_SES,
    label="Amazon SES",
    tagline="SMTP credentials of one region",
    group=Group.SERVICE,
    endpoints=(STARTTLS_587, STARTTLS_2587, TLS_465, TLS_2465),
    hosts={region.value: f"email-smtp.{region.value}.amazonaws.com" for region in _REGIONS},
    host_option="region",
    username=Access(
        "SMTP user name",
        "In the SES console, open SMTP settings and choose Create SMTP credentials. Each region has its own.",
    ),
    password=Access(
        "SMTP password",
        "Shown once beside the SMTP user name. It is not the secret access key of AWS.",
    ),
    options=(
        Option(
            "region",
            "Region",
            hint="Where your domain is verified; the SMTP credentials belong to it.",
            choices=_REGIONS,
            default="us-east-1",
            required=True,
        ),
        Option(
            "configuration_set",
            "Configuration set",
            hint="The one whose event destination reports bounces and complaints. Leave its open and click tracking off.",
        ),
    ),
    limits=Known(
        words="New accounts are in the sandbox: 200 messages in 24 hours, 1 a second, to verified addresses only. "
        "Afterwards your own limits, which count for all users of the region, stand in the SES console under Account dashboard."
    ),
    option_headers=(("X-SES-CONFIGURATION-SET", "configuration_set"),),
    trace=Trace("X-SES-MESSAGE-TAGS", before="mailrith="),
    # 250 Ok 0000012345678e09-123a4cdc-b56c-78dd-b90b-d123be456789-000000
    reply_id=r"Ok ([0-9a-zA-Z-]{20,100})",
    keeps_message_id=False,
    notes=(
        "Bounces and complaints arrive when the configuration set has an event destination (SNS) that posts to this connection's webhook.",
        "SES opens and clicks are measured only if the configuration set says so. Leave that off: links would lead through Amazon.",
    ),
    page="https://docs.aws.amazon.com/ses/latest/dg/send-email-smtp.html",
)
