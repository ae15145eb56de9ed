import asyncio
import socket
from ipaddress import ip_address

import pytest

from mailrith.core.dialling import dial
from mailrith.core.network import Resolved


def where(port, *addresses):
    return Resolved("mail.example", port, tuple(map(ip_address, addresses)))


@pytest.fixture
def port():
    """One that answers at 127.0.0.1 alone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def dialled(target):
    async def main():
        with await dial(target, 2) as line:
            return line.getpeername(), line.proto

    return asyncio.run(main())


def test_the_line_goes_to_the_address_and_not_to_the_name(port):
    assert dialled(where(port, "127.0.0.1"))[0] == ("127.0.0.1", port)


def test_the_next_address_is_tried_when_one_does_not_answer(port):
    assert dialled(where(port, "::1", "127.0.0.1"))[0] == ("127.0.0.1", port)


def test_small_writes_do_not_wait_for_each_other(port):
    assert dialled(where(port, "127.0.0.1"))[1] == socket.IPPROTO_TCP


def test_the_last_failure_is_told_when_nobody_answers(port):
    with pytest.raises(OSError, match=r"Connect call failed|assign requested"):
        dialled(where(port, "::1"))


def test_nowhere_to_go_is_a_failure():
    with pytest.raises(OSError, match="no address"):
        dialled(where(1))
