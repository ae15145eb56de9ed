"""Amazon SES, through a topic of Amazon SNS.

Messages and signature of SNS: docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Events of SES:
docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and .../notification-contents.html. The signature
proves only that SNS wrote it, for any of its customers: so the topic has to be one of `keys.theirs`, and the certificate has to
come from SNS in the region of that topic. SNS signs once for all its tries, so its age says nothing.
"""

import re
from collections.abc import Callable

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, ses_events, sns
from mailrith.events.payload import at, text
from mailrith.events.reports import BadSignature, Confirmation, Keys, Post, Report, Unusable

Load = Callable[[str], bytes | None]

_NO_TOPIC = BadSignature(
    "The topic is missing. In Amazon SNS, open the topic, and copy its ARN to the connection's page."
)
_UNSIGNED = BadSignature(
    "This is no signed message of Amazon SNS. Leave raw message delivery off for this subscription."
)
_OTHER_TOPIC = BadSignature("This topic is not the one on the connection's page.")
_OTHER_PLACE = BadSignature("The signing certificate is not from Amazon SNS in the topic's region.")
_WRONG = BadSignature("The signature does not fit. It is not from Amazon SNS.")

_ARN = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+){1,3}-[0-9]):[0-9]{12}:[\w.-]{1,256}",
    re.ASCII,
)
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem", re.ASCII)
_ASKS = "Amazon asks whether this address wants the topic's messages. Mailrith says yes."
_LEFT = (
    "The topic does not post to this address any more. To undo that, subscribe the address again."
)
_ODD = "Amazon asks for a confirmation at an address that is not its own. Nothing was confirmed."


class AmazonSes:
    """`load` gives a certificate (PEM) by its address, or None when there is none. It is asked only for addresses of SNS."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def verify(self, post: Post, keys: Keys) -> BadSignature | None:
        """Check the message with the certificate that it names; `keys.theirs` are the ARNs of the topics that may post here."""
        topics = {topic.strip() for topic in keys.theirs if topic.strip()}
        if not topics:
            return _NO_TOPIC
        message = strict_json.read(post.body)
        if not sns.is_signed(message):
            return _UNSIGNED
        topic, address = at(message, "TopicArn"), text(message, "SigningCertURL")
        if topic not in topics:
            return _OTHER_TOPIC
        if not _is_certificate_of(address, topic):
            return _OTHER_PLACE
        signer = sns.certificate(self._load(address))
        return None if sns.fits(message, signer) else _WRONG

    def parse(self, body: bytes) -> list[Report | Unusable] | Unreadable:
        """What SES says inside a message of SNS, or a Confirmation."""
        message = strict_json.read(body)
        if isinstance(message, Unreadable):
            return message
        named = text(message, "Type")
        if named == "SubscriptionConfirmation":
            address = text(message, "SubscribeURL")
            if not _is_of_region(address, text(message, "TopicArn")):
                return [Unusable(named, _ODD)]
            return [Confirmation(named, _ASKS, refused=False, url=address)]
        if named == "UnsubscribeConfirmation":
            return [payload.unused(named, _LEFT)]
        if named != "Notification":
            return [payload.unused(named)]
        return ses_events.read(text(message, "Message"), text(message, "MessageId"))


def _host(topic: str) -> str | None:
    found = _ARN.fullmatch(topic)
    if found is None:
        return None
    return f"sns.{found[2]}.amazonaws.com" + (".cn" if found[1] == "aws-cn" else "")


def _is_of_region(address: str, topic: str) -> bool:
    host = _host(topic)
    return host is not None and address.startswith(f"https://{host}/") and address.isprintable()


def _is_certificate_of(address: str, topic: str) -> bool:
    path = address.removeprefix(f"https://{_host(topic)}")
    return _is_of_region(address, topic) and _CERTIFICATE.fullmatch(path) is not None
