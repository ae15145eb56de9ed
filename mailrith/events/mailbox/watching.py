"""Hearing of new mail at once: in the process of the leading scheduler one line stays open to each IMAP mailbox whose server
speaks by itself (IDLE, RFC 2177).

It only says that there is something; a worker then reads it as always, on a line of its own. Nothing depends on it: every
mailbox is read every minute all the same. A watch that nobody asks for any more ends by itself, so that a scheduler that has
lost the lead holds no lines.
"""

import threading
import time
from collections.abc import Sequence

from mailrith.events.mailbox.box import Box
from mailrith.events.mailbox.imap import ImapBox
from mailrith.events.mailbox.line import Access
from mailrith.events.mailbox.visiting import visit

MOST = 20  # mailboxes that are watched; of all others the mail is seen within a minute
LIFE_SECONDS = 20 * 60.0  # of a line; servers may close it after thirty minutes (RFC 2177)
SLICE_SECONDS = 15.0  # between two looks at whether it is still wanted
WANTED_SECONDS = 60.0  # after it was asked for
REST_SECONDS = 10 * 60.0  # before a server that refused, or cannot, is asked again


class Watch:
    """One mailbox that is listened to, in a thread of its own."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._news = threading.Event()
        self._wanted_until = 0.0
        self._listened = False  # the server can be listened to
        self._again_at: float | None = None
        self.want()
        self._thread = threading.Thread(target=self._run, name="mailbox-watch", daemon=True)
        self._thread.start()

    def want(self) -> None:
        """Go on listening for a while."""
        self._wanted_until = time.monotonic() + WANTED_SECONDS

    def leave(self) -> None:
        """Stop soon."""
        self._wanted_until = 0.0

    def heard(self) -> bool:
        """Whether something arrived since this was asked last."""
        found = self._news.is_set()
        self._news.clear()
        return found

    def is_over(self) -> bool:
        """Whether it may be begun anew: it has ended, and the server had its rest."""
        again = self._again_at
        return again is not None and time.monotonic() >= again

    def is_same(self, access: Access) -> bool:
        """Whether it listens to this mailbox as it is set up now."""
        return self._access == access

    def _run(self) -> None:
        rest = REST_SECONDS
        try:
            trouble = visit(self._access, self._listen, seconds=LIFE_SECONDS + 2 * SLICE_SECONDS)
            if trouble is None and self._listened:
                rest = 0
        finally:
            self._again_at = time.monotonic() + rest

    def _listen(self, box: Box) -> None:
        until = time.monotonic() + LIFE_SECONDS
        if not isinstance(box, ImapBox) or not box.can_wait():
            return
        self._listened = True
        while True:
            if box.wait(SLICE_SECONDS):
                self._news.set()
            if time.monotonic() >= min(until, self._wanted_until):
                return


_watches: dict[int, Watch] = {}


def listen(mailboxes: Sequence[tuple[int, Access]]) -> list[int]:
    """Listen to these, of which the first MOST count, and to no others. Returns the ids of those where something arrived."""
    wanted = dict(mailboxes[:MOST])
    for mailbox_id in [known for known in _watches if known not in wanted]:
        _watches.pop(mailbox_id).leave()
    for mailbox_id, access in wanted.items():
        watch = _watches.get(mailbox_id)
        if watch is not None and watch.is_same(access) and not watch.is_over():
            watch.want()
            continue
        if watch is not None:
            watch.leave()
        _watches[mailbox_id] = Watch(access)
    return [mailbox_id for mailbox_id, watch in _watches.items() if watch.heard()]
