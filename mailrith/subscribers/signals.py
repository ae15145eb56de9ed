"""News for packages above. Each carries ids, and is sent inside the transaction that makes it true."""

from blinker import Signal

# send(workspace_id=, subscriber_id=, delivery_id=); delivery_id is 0 when it did not come from a mail
subscriber_unsubscribed = Signal()
# send(workspace_id=, subscriber_id=, status=) for every change of status, also the one above
subscriber_status_changed = Signal()
