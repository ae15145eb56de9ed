"""Microseconds to build one copy of a compiled letter: `python -m tests.bench.compile`.

The letter is personalised in subject, greeting and footer. Two kinds of audience: one in which first names
repeat, as they do, and one in which every name is somebody's own. The first also with the longest header that a mail service
wants, which holds a mark of the delivery.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

from mailrith.connections import presets
from mailrith.connections.models import Provider
from mailrith.content.compiled import CompiledMessage, compile_message
from mailrith.content.document import parse_document
from mailrith.content.letter import Recipient, compose
from tests.support.factories_content import FOOTER, make_recipient

COPIES = 20_000
LETTER = Path(__file__).parent.parent / "content" / "golden" / "letter.json"


def main() -> None:
    letter = compose(
        parse_document(LETTER.read_bytes()),
        subject='The hungry gap, [Subscriber_Name, fallback="friend"]',
        preview_text="Three weeks with almost nothing in the ground. Almost.",
        footer=FOOTER,
        from_name="Hannah at The Allotment Post",
        from_address="hannah@allotmentpost.example",
        list_id="weekly.allotmentpost.example",
    )
    started = time.perf_counter()
    compiled = compile_message(letter)
    compiling = time.perf_counter() - started
    sendgrid = presets.carried(presets.of(Provider.SENDGRID), {})
    carrying = compile_message(
        replace(letter, carrier_headers=sendgrid.headers, trace=sendgrid.trace)
    )
    print(
        json.dumps(
            {
                "bytes": len(compiled.build(make_recipient())),
                "compile_ms": round(compiling * 1e3, 1),
                "us_per_message": _microseconds(compiled, distinct_names=300),
                "us_per_message_with_service_header": _microseconds(carrying, distinct_names=300),
                "us_per_message_all_names_distinct": _microseconds(compiled, distinct_names=COPIES),
            }
        )
    )


def _microseconds(compiled: CompiledMessage, *, distinct_names: int) -> float:
    """Processor time, the best of five rounds: other work on the machine is not what is measured."""
    recipients = [_recipient(number, number % distinct_names) for number in range(COPIES)]
    rounds = []
    for _ in range(5):
        started = time.process_time()
        for recipient in recipients:
            compiled.build(recipient)
        rounds.append(time.process_time() - started)
    return round(min(rounds) / COPIES * 1e6, 1)


def _recipient(number: int, name: int) -> Recipient:
    return make_recipient(
        f"Amara{name}",
        address=f"reader{number}@postbox.example",
        message_id=f"b148.{number:08x}9f2c6e1d@allotmentpost.example",
        unsubscribe_url=f"https://post.allotmentpost.example/u/{number:040x}",
    )


if __name__ == "__main__":
    main()
