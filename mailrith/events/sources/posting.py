"""What to do at each service that can post events, in its own words. The pages where they say so stand in `events.providers`."""

from mailrith.connections.models import Provider
from mailrith.events.sources.source import Address, Proof, Source

_IN_ADDRESS = "The password is part of the address: the service cannot sign."

SERVICES = (
    Source(
        Provider.AMAZON_SES,
        "Amazon SES",
        Proof.THEIR_KEY,
        (
            "In Amazon SNS, create a topic of type Standard in the region you send from. In SES, add it as an event destination of your configuration set, with bounces, complaints, deliveries, delivery delays and rejects.",
            "Copy the topic's ARN to this page first: only topics that stand here are believed.",
            "In the topic, create a subscription with protocol HTTPS and the address below, raw message delivery off. Mailrith confirms it by itself.",
        ),
        key="Topic ARN",
        key_hint="It looks like arn:aws:sns:eu-west-2:123456789012:newsletters.",
        key_start="arn:aws",
        key_shown=True,
        note="Amazon tries again for about a minute only. Give the subscription a delivery policy of an hour, or a dead-letter queue.",
    ),
    Source(
        "azure",
        "Azure Communication Services",
        Proof.SHARED,
        (
            "In the Azure portal, open your Communication Services resource, Events, and add an event subscription.",
            "Choose the event type Email Delivery Report Received, and the endpoint type Web Hook with the address below.",
            "Create it. Azure asks whether the address wants its events, and Mailrith answers.",
        ),
        address=Address.PARAMETER,
        headers=True,
        note="To keep the secret out of the address, add the header below as a delivery property, marked as secret.",
    ),
    Source(
        Provider.BREVO,
        "Brevo",
        Proof.SHARED,
        (
            "In Brevo, open Transactional, Settings, Webhook, and add a webhook.",
            "Paste the address below. Its password is in it.",
            "Choose delivered, deferred, soft bounce, hard bounce, invalid email, blocked, complaint, error and unsubscribed.",
        ),
        address=Address.BASIC,
        note=_IN_ADDRESS,
    ),
    Source(
        Provider.ELASTIC_EMAIL,
        "Elastic Email",
        Proof.SHARED,
        (
            "In Elastic Email, open Settings, Notifications, and add a webhook.",
            "Paste the address below. Its password is in it.",
            "Choose delivered, error, abuse report and unsubscribed.",
        ),
        address=Address.BASIC,
        note=_IN_ADDRESS,
    ),
    Source(
        Provider.MAILERSEND,
        "MailerSend",
        Proof.THEIR_KEY,
        (
            "In MailerSend, open the domain, Webhooks, and add a webhook with the address below.",
            "Choose delivered, soft bounced, hard bounced, deferred, spam complaint and unsubscribed.",
            "Copy the signing secret of the webhook to this page.",
        ),
        key="Signing secret",
    ),
    Source(
        Provider.MAILGUN,
        "Mailgun",
        Proof.THEIR_KEY,
        (
            "In Mailgun, open Sending, Webhooks, and choose the domain.",
            "Add the address below for delivered, temporary failure, permanent failure, spam complaints and unsubscribes.",
            "Open Account settings, API security, and copy the HTTP webhook signing key to this page.",
        ),
        key="HTTP webhook signing key",
    ),
    Source(
        Provider.MAILJET,
        "Mailjet",
        Proof.SHARED,
        (
            "In Mailjet, open Account settings, Event notifications (webhooks).",
            "Paste the address below for sent, bounce, spam, blocked and unsub. Its password is in it.",
            "Tick Group events where it is offered, so that many come in one request.",
        ),
        address=Address.BASIC,
        note=_IN_ADDRESS,
    ),
    Source(
        Provider.MAILTRAP,
        "Mailtrap",
        Proof.KEY_OR_SHARED,
        (
            "In Mailtrap, open Settings, Webhooks, and create one with the address below.",
            "Choose delivery, soft bounce, bounce, suspension, spam complaint, unsubscribe and reject.",
            "Copy the signing secret of the webhook to this page. From then on only signed events are taken.",
        ),
        key="Signing secret",
        address=Address.BASIC,
    ),
    Source(
        "mandrill",
        "Mandrill (Mailchimp Transactional)",
        Proof.THEIR_KEY,
        (
            "In Mandrill, open Settings, Webhooks, and add a webhook for delivered, delayed, soft-bounced, bounced, marked as spam, unsubscribed and rejected.",
            "Paste the address below exactly as it stands: Mandrill signs it too.",
            "Copy the key of the new webhook to this page.",
        ),
        key="Webhook key",
    ),
    Source(
        Provider.POSTAL,
        "Postal",
        Proof.THEIR_KEY,
        (
            "In Postal, open the mail server, Webhooks, and add one with the address below.",
            "Send all events, or MessageSent, MessageDelayed, MessageDeliveryFailed, MessageHeld and MessageBounced.",
            "On your Postal server, run postal default-dkim-record, and copy what it prints to this page.",
        ),
        key="Public key",
        key_hint="The DKIM record, or the key in PEM.",
        key_shown=True,
    ),
    Source(
        Provider.POSTMARK,
        "Postmark",
        Proof.SHARED,
        (
            "In Postmark, open the server, the message stream you send through, Webhooks, and add a webhook.",
            "Paste the address below. Its password is in it.",
            "Choose Delivery, Bounce, Spam complaint and Subscription change.",
        ),
        address=Address.BASIC,
        note="One webhook is enough for all kinds of events.",
    ),
    Source(
        Provider.RESEND,
        "Resend",
        Proof.THEIR_KEY,
        (
            "In Resend, open Webhooks, and add one with the address below.",
            "Choose email.delivered, email.delivery_delayed, email.bounced, email.complained and email.failed.",
            "Copy the signing secret of the webhook to this page.",
        ),
        key="Signing secret",
        key_hint="It begins with whsec_.",
        key_start="whsec_",
    ),
    Source(
        Provider.SCALEWAY,
        "Scaleway",
        Proof.THEIR_KEY,
        (
            "In Scaleway, open Transactional Email, the domain, Webhooks, and create one with a topic of Topics and Events.",
            "Copy the topic's ARN to this page first: only topics that stand here are believed.",
            "Add a subscription of the topic with protocol HTTPS and the address below. Mailrith confirms it by itself.",
        ),
        key="Topic ARN",
        key_hint="It looks like arn:scw:sns:fr-par:project-...:newsletters.",
        key_start="arn:scw:sns:",
        key_shown=True,
    ),
    Source(
        Provider.SENDGRID,
        "SendGrid",
        Proof.THEIR_KEY,
        (
            "In SendGrid, open Settings, Mail Settings, Event Webhooks, and create a webhook with the address below.",
            "Choose processed off, and dropped, deferred, delivered, bounced, spam reports and unsubscribes on.",
            "Turn on Signature Verification, and copy the verification key to this page.",
        ),
        key="Verification key",
        key_shown=True,
    ),
    Source(
        Provider.SMTP2GO,
        "SMTP2GO",
        Proof.SHARED,
        (
            "In SMTP2GO, open Settings, Webhooks, and add a webhook with the address below. Its password is in it.",
            "Choose delivered, bounced, spam, unsubscribed and rejected.",
            "Add X-Mailrith-Delivery under Email headers: that is how an event finds its mail.",
        ),
        address=Address.BASIC,
        note=_IN_ADDRESS,
    ),
    Source(
        Provider.SPARKPOST,
        "SparkPost",
        Proof.SHARED,
        (
            "In SparkPost, open Configuration, Webhooks, and create one. The address is the one below, without the password.",
            "Under Authentication choose Basic, with the user mailrith and the signing secret as the password.",
            "Choose delivery, bounce, delay, spam complaint, out of band, policy rejection, generation failure, list and link unsubscribe.",
        ),
    ),
    Source(
        "zeptomail",
        "ZeptoMail",
        Proof.KEY_OR_SHARED,
        (
            "In ZeptoMail, open the mail agent, Webhooks, and add one with the address below.",
            "Choose hard bounce, soft bounce, feedback loop and delivered.",
            "Copy the authentication key to this page. A webhook without one can send the header below instead.",
        ),
        key="Authentication key",
        headers=True,
    ),
)
