"""Azure Communication Services, in Event Grid's own schema."""

from mailrith.events.providers import azure
from tests.events.providers.cases import MESSAGE_ID, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "id": "93b9a9f3-5f6f-4f2a-9d4c-2f2a3b4c5d6e",
    "topic": "/subscriptions/0/resourceGroups/mail/providers/microsoft.communication/communicationservices/letters",
    "subject": "sender/news@letters.example/message/950850f5-bcdf-4315-b77a-6447cf56fac9",
    "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
    "dataVersion": "1.0",
    "metadataVersion": "1",
    "eventTime": "2026-05-06T07:08:10.2465212Z",
    "data": {
        "sender": "news@letters.example",
        "recipient": RECIPIENT,
        "internetMessageId": f"<{MESSAGE_ID}>",
        "messageId": "950850f5-bcdf-4315-b77a-6447cf56fac9",
        "status": "Bounced",
        "deliveryAttemptTimestamp": "2026-05-06T07:08:09.2465212+00:00",
        "deliveryStatusDetails": {
            "statusMessage": "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
            "recipientMailServerHostName": "mx.post.example",
        },
    },
}

CASE = Case(
    "azure",
    azure,
    SAMPLE,
    as_json,
    basic,
    ours,
    kind=("eventType",),
    covers_body=False,
    registered=False,
)
