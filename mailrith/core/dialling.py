"""A TCP line to a host that `network` has judged: always to an address it named, never to the name."""

import asyncio
import socket

from mailrith.core.network import Resolved


async def dial(where: Resolved, seconds: float) -> socket.socket:
    """A line to the first judged address that answers, each within `seconds`. Raises OSError, as TimeoutError is."""
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("no address")
    for address in where.addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        # Named, because asyncio only then keeps small writes from waiting for each other (TCP_NODELAY).
        line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        line.setblocking(False)
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_connect(line, (str(address), where.port))
        except OSError as error:
            line.close()
            failure = error
        except asyncio.CancelledError:
            line.close()
            raise
        else:
            return line
    raise failure
