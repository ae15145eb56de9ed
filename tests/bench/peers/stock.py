"""aiosmtplib as its documentation shows it: `stock.py PORT SESSIONS COUNT MESSAGE`. Starts at the first line of its input."""

import asyncio
import sys
from itertools import count as counting
from pathlib import Path

import aiosmtplib
import uvloop


async def carry(port, message, numbers, count):
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
    sent = 0
    async with client:
        while (number := next(numbers)) < count:
            await client.sendmail(
                "news@allotmentpost.example", [f"reader{number}@readers.example"], message
            )
            sent += 1
    return sent


async def main(port, sessions, count, message):
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    numbers = counting()
    each = (carry(port, message, numbers, count) for _ in range(sessions))
    print(sum(await asyncio.gather(*each)), flush=True)


if __name__ == "__main__":
    numbers, path = (int(value) for value in sys.argv[1:4]), Path(sys.argv[4])
    uvloop.run(main(*numbers, path.read_bytes()))
