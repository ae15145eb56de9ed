"""A TCP line to a host that `network` has judged: always to an address it named, never to the name.

Several addresses race as RFC 8305 has it: one that is silent holds nobody up, and all of them share one time.
"""

import asyncio
import errno
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest

from mailrith.core.network import IPAddress, Resolved

STAGGER_SECONDS = 0.25  # between two beginnings (RFC 8305, 5: Connection Attempt Delay)

# No way leads there from here. What any other address says about itself is worth more.
_NO_WAY = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
)


async def dial(where: Resolved, seconds: float) -> socket.socket:
    """A line to the judged address that answers first. Raises OSError, as TimeoutError is, within `seconds`."""
    tries: list[asyncio.Task[socket.socket]] = []
    line: socket.socket | None = None
    try:
        async with asyncio.timeout(seconds):
            found = await _first(where, tries)
        line = found
    finally:
        _give_up(tries, line)
    return line


def in_turns(addresses: Sequence[IPAddress]) -> list[IPAddress]:
    """The addresses with their families taking turns, beginning with the first one's (RFC 8305, 4)."""
    same = [one for one in addresses if one.version == addresses[0].version]
    others = [one for one in addresses if one.version != addresses[0].version]
    return [one for one in chain.from_iterable(zip_longest(same, others)) if one is not None]


async def _first(where: Resolved, tries: list[asyncio.Task[socket.socket]]) -> socket.socket:
    """Begin with the next address when one fails or is slow. `tries` is told of each. Raises what says most."""
    waiting = in_turns(where.addresses)
    running: set[asyncio.Task[socket.socket]] = set()
    failure: OSError = OSError("no address")
    while waiting or running:
        if waiting:
            running.add(asyncio.create_task(_connected(waiting.pop(0), where.port)))
            tries += running.difference(tries)
        patience = STAGGER_SECONDS if waiting else None
        done, running = await asyncio.wait(
            running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
        )
        for one in done:
            try:
                return one.result()
            except OSError as error:
                failure = failure if failure.errno and error.errno in _NO_WAY else error
    raise failure


async def _connected(address: IPAddress, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    # Named, because asyncio only then keeps small writes from waiting for each other (TCP_NODELAY).
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, (str(address), port))
    except (OSError, asyncio.CancelledError):
        line.close()
        raise
    return line


def _give_up(tries: Sequence[asyncio.Task[socket.socket]], kept: socket.socket | None) -> None:
    """End what still tries, and close what also got through. Waits for nothing: a cancel would come then, and lose the line."""

    def close(one: asyncio.Task[socket.socket]) -> None:
        if not one.cancelled() and one.exception() is None and one.result() is not kept:
            one.result().close()

    for one in tries:
        one.cancel()
        one.add_done_callback(close)
