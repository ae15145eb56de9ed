"""Events in the shapes that other well-known programs keep as their examples of a service, beside those of its documentation.

The shapes follow what django-anymail (BSD 3-Clause) tests against; the words and values are ours. They name messages that are none of
ours, as the service itself names them.
"""

import json
from urllib.parse import quote_plus

import pytest

from mailrith.events import providers
from mailrith.events.providers import mandrill
from mailrith.events.reports import Report, Unusable

TO = "reader@post.example"


def ses(named, place, **details):
    event = {
        "notificationType": named,
        place: details,
        "mail": {"messageId": "0100-ab", "destination": [TO, "b@post.example"]},
    }
    return {"Type": "Notification", "MessageId": "19ba", "Timestamp": "2024-03-26T17:58:59.675Z", "Message": json.dumps(event) + "\n"}  # fmt: skip


def sparkpost(place, **said):
    return [{"msys": {place: {"raw_rcpt_to": TO, "rcpt_to": TO, "event_id": "92", "transmission_id": "65", "timestamp": "1710000000"} | said}}]  # fmt: skip


def mailjet(**said):
    return [{"time": 1710000000, "MessageID": 19421777835146490, "email": TO, "mj_contact_id": 7, "customcampaign": "", "Payload": ""} | said]  # fmt: skip


def sendgrid(**said):
    return [{"email": TO, "timestamp": 1710000000, "smtp-id": "<x@ismtpd>", "sg_event_id": "e", "sg_message_id": "m.0"} | said]  # fmt: skip


def mailgun(**said):
    data = {
        "timestamp": 1710000000.5,
        "recipient": TO,
        "message": {"headers": {"to": TO, "message-id": "1.DF@letters.example"}},
    }
    return {"signature": {}, "event-data": data | said}  # fmt: skip


def postmark(**said):
    return {
        "MessageID": "2706ee8a",
        "ServerID": 23,
        "Tag": "news",
        "Metadata": {"shelf": "7"},
    } | said


def brevo(**said):
    return {"email": TO, "ts_epoch": 1710000000000, "message-id": "<2024@smtp-relay.example>", "X-Mailin-custom": '{"shelf": 7}'} | said  # fmt: skip


def mandrilled(**said):
    message = {"ts": 1710000000, "email": TO, "tags": ["news"], "_id": "abc"} | said.pop("msg", {})
    return [{"_id": "abc", "ts": 1710000001, "msg": message} | said]


def resend(name, **data):
    return {"type": f"email.{name}", "created_at": "2024-03-09T16:00:00.000Z", "data": {"email_id": "aaaa-bbbb", "to": [TO]} | data}  # fmt: skip


def mailersend(name, **data):
    inside = {"id": "63fd", "type": name, "created_at": "2024-03-09T16:00:00.000Z", "morph": None}
    email = {"message": {"id": "63fe"}, "recipient": {"object": "recipient", "email": TO}}
    return {"type": f"activity.{name}", "data": inside | {"email": email} | data}


def postal(event, **said):
    message = {"id": 1, "direction": "outgoing", "message_id": "7b82@rp.post.example", "to": TO}
    return {"event": event, "timestamp": 1710000000.5, "uuid": "0fcc", "payload": {"message": message} | said}  # fmt: skip


def smtp2go(**said):
    return {"time": "2024-03-09 16:00:00", "rcpt": TO, "email_id": "1u0Sw", "id": "event-1", "message-id": "<other@post.example>"} | said  # fmt: skip


def mailtrap(**said):
    return {"events": [{"timestamp": 1710000000, "message_id": "1df3", "email": TO, "event_id": "bede", "sending_stream": "bulk"} | said]}  # fmt: skip


GONE, FULL = "550 5.1.1 No mailbox of that name.", "552 5.2.2 The mailbox is over quota."
_PERSON = {"emailAddress": TO}
_CAME_BACK = {
    "direction": "incoming",
    "to": "x@psrp.post.example",
    "subject": "Mail delivery failed",
}

EXAMPLES = [
    ("ses", ses("Bounce", "bounce", bounceType="Permanent", bounceSubType="General", bouncedRecipients=[_PERSON]), "hard_bounce"),
    ("ses", ses("Bounce", "bounce", bounceType="Transient", bounceSubType="General", bouncedRecipients=[_PERSON]), "soft_bounce"),
    ("ses", ses("Complaint", "complaint", complaintFeedbackType="abuse", complainedRecipients=[_PERSON]), "complaint"),
    ("ses", ses("Delivery", "delivery", recipients=[TO], smtpResponse="250 ok"), "delivered"),
    ("sparkpost", sparkpost("message_event", type="delivery", rcpt_meta={}), "delivered"),
    ("sparkpost", sparkpost("message_event", type="bounce", bounce_class="10", raw_reason=GONE), "hard_bounce"),
    ("sparkpost", sparkpost("message_event", type="delay", bounce_class="21", raw_reason="454 4.4.4 no MX"), "deferred"),
    ("sparkpost", sparkpost("unsubscribe_event", type="list_unsubscribe"), "unsubscribed"),
    ("sparkpost", sparkpost("gen_event", type="generation_rejection", raw_reason="554 5.7.1 suppressed"), "rejected"),
    ("sparkpost", sparkpost("message_event", type="bounce", bounce_class="60"), None),
    ("sparkpost", sparkpost("message_event", type="injection"), None),
    ("sparkpost", [{"msys": {}}], None),
    ("mailjet", mailjet(event="sent", smtp_reply="sent (250 2.0.0 OK)"), "delivered"),
    ("mailjet", mailjet(event="bounce", blocked=True, hard_bounce=True, error_related_to="domain", error="invalid domain"), "hard_bounce"),
    ("mailjet", mailjet(event="bounce", blocked=True, hard_bounce=False, error_related_to="domain", error="greylisted"), "deferred"),
    ("mailjet", mailjet(event="blocked", mj_campaign_id=0, error_related_to="domain", error="typofix"), "rejected"),
    ("mailjet", mailjet(event="spam", source="greylisted"), "complaint"),
    ("mailjet", mailjet(event="unsub", mj_list_id=0), "unsubscribed"),
    ("mailjet", mailjet(event="sent", smtp_reply="sent (250 ok)")[0], "delivered"),
    ("sendgrid", sendgrid(event="delivered", response="250 2.0.0 OK"), "delivered"),
    ("sendgrid", sendgrid(event="bounce", type="bounce", status="5.1.1", reason=GONE), "hard_bounce"),
    ("sendgrid", sendgrid(event="dropped", reason="Unsubscribed Address"), "rejected"),
    ("sendgrid", sendgrid(event="deferred", response="Deferred: [IPs were throttled by recipient server]", attempt="1"), "deferred"),
    ("sendgrid", sendgrid(event="processed", category=["a", "b"]), None),
    ("mailgun", mailgun(event="delivered", **{"delivery-status": {"code": 250, "message": "OK"}}), "delivered"),
    ("mailgun", mailgun(event="failed", severity="permanent", reason="bounce", **{"delivery-status": {"code": 550, "message": "5.1.1 No mailbox of that name.\n5.1.1 Look again"}}), "hard_bounce"),
    ("mailgun", mailgun(event="failed", severity="temporary", reason="greylisted", **{"delivery-status": {"code": 450, "message": "Greylisted"}}), "deferred"),
    ("postmark", postmark(RecordType="Bounce", ID=901, Type="HardBounce", Details=f"smtp;{GONE}", Email=TO, BouncedAt="2024-03-09T16:28:50.3963933-04:00"), "hard_bounce"),
    ("postmark", postmark(RecordType="Delivery", Recipient=TO, DeliveredAt="2024-03-09T13:28:10.2735393-04:00"), "delivered"),
    ("postmark", postmark(RecordType="SpamComplaint", ID=902, Type="SpamComplaint", Email=TO, BouncedAt="2024-03-09T16:28:50-04:00"), "complaint"),
    ("postmark", postmark(RecordType="SubscriptionChange", Recipient=TO, SuppressSending=True, SuppressionReason="ManualSuppression", ChangedAt="2024-03-09T16:28:50Z"), "unsubscribed"),
    ("postmark", postmark(RecordType="SubscriptionChange", Recipient=TO, SuppressSending=False, SuppressionReason=None), None),
    ("brevo", brevo(event="delivered"), "delivered"),
    ("brevo", brevo(event="soft_bounce", reason="undefined Unable to find MX of domain post.example"), "soft_bounce"),
    ("brevo", brevo(event="blocked", reason="blocked : due to blacklist user"), "rejected"),
    ("brevo", brevo(event="deferred", reason=f"550 RecipientError: {GONE}"), "deferred"),
    ("brevo", brevo(event="complaint", ts=1604933619, tags=["news"]), "complaint"),
    ("brevo", brevo(event="request", tag='["a","b"]', template_id=12), None),
    ("mandrill", mandrilled(event="hard_bounce", msg={"bounce_description": "bad_mailbox", "bgtools_code": 10, "diag": f"smtp;{GONE}"}), "hard_bounce"),
    ("mandrill", mandrilled(event="send"), None),
    ("mandrill", [{"type": "blacklist", "action": "add", "reject": {"email": TO, "reason": "manual edit"}}], None),
    ("resend", resend("delivered"), "delivered"),
    ("resend", resend("bounced", bounce={"message": "The provider sent a hard bounce. It can hurt your reputation."}), "soft_bounce"),
    ("resend", resend("bounced", bounce={"message": "We have suppressed sending to this address."}), "rejected"),
    ("resend", resend("delivery_delayed"), "deferred"),
    ("resend", resend("complained"), "complaint"),
    ("mailersend", mailersend("hard_bounced", morph={"object": "recipient_bounce", "reason": "Host or domain name not found"}), "hard_bounce"),
    ("mailersend", mailersend("soft_bounced", morph={"object": "recipient_bounce", "reason": "Unknown reason"}), "soft_bounce"),
    ("mailersend", mailersend("spam_complaint", morph={"object": "spam_complaint", "reason": None}), "complaint"),
    ("mailersend", mailersend("unsubscribed", morph={"reason": "option_3", "readable_reason": "Too many"}), "unsubscribed"),
    ("mailersend", mailersend("sent"), None),
    ("postal", postal("MessageSent", status="Sent", output="250 2.0.0 OK\n"), "delivered"),
    ("postal", postal("MessageDelayed", status="SoftFail", details="details", output="server output"), "deferred"),
    ("postal", postal("MessageDeliveryFailed", status="HardFail", output=GONE), "hard_bounce"),
    ("postal", postal("MessageHeld", status="Held", details=f"Recipient ({TO}) is on the suppression list"), "rejected"),
    ("postal", postal("MessageDelayed", original_message={"direction": "outgoing", "message_id": "7b@post.example", "to": TO}, bounce=_CAME_BACK), "soft_bounce"),
    ("smtp2go", smtp2go(event="delivered", sendtime="2024-03-09 15:59:58", message="250 2.0.0 OK", context="more"), "delivered"),
    ("smtp2go", smtp2go(event="bounce", bounce="hard", message="550 Rejected"), "hard_bounce"),
    ("smtp2go", smtp2go(event="resubscribe"), None),
    ("mailtrap", mailtrap(event="delivery", custom_variables={"shelf": "7"}), "delivered"),
    ("mailtrap", mailtrap(event="bounce", response=f"bounced ({GONE})", response_code=550, bounce_category="hard"), "hard_bounce"),
    ("mailtrap", mailtrap(event="soft bounce", response=f"soft bounce ({FULL})", response_code=450), "deferred"),
    ("mailtrap", mailtrap(event="suspension", reason="other"), "deferred"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "kind"), EXAMPLES)
def test_an_example_of_another_program_is_read_as_what_it_says(name, value, kind):
    written = json.dumps(value)
    body = f"{mandrill.FIELD}={quote_plus(written)}" if name == "mandrill" else written
    (found,) = providers.named(name).parse(body.encode())

    if kind is None:
        assert isinstance(found, Unusable)
        assert not found.refused
    else:
        assert isinstance(found, Report), found
        assert (str(found.kind), found.recipient) == (kind, TO)
        assert found.message_id
