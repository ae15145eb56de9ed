import asyncio
import errno
import socket
from ipaddress import ip_address

import pytest
import uvloop

from mailrith.core import dialling
from mailrith.core.dialling import dial, in_turns
from mailrith.core.network import Resolved

SILENT = "127.0.0.3"
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1", SILENT])


def where(port, *addresses):
    return Resolved("mail.example", port, tuple(map(ip_address, addresses)))


@pytest.fixture
def port():
    """One that answers at 127.0.0.1 alone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def silent(port):
    """At SILENT the same port is full: the system drops what knocks, as a firewall does."""
    with socket.socket() as listener:
        listener.bind((SILENT, port))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(listener.getsockname())
        yield port
        for line in waiting:
            line.close()


def dialled(target, seconds=2, run=asyncio.run):
    async def main():
        with await dial(target, seconds) as line:
            return line.getpeername(), line.proto

    return run(main())


def test_the_line_goes_to_the_address_and_not_to_the_name(port):
    assert dialled(where(port, "127.0.0.1"))[0] == ("127.0.0.1", port)


def test_the_next_address_is_tried_when_one_does_not_answer(port):
    assert dialled(where(port, "::1", "127.0.0.1"))[0] == ("127.0.0.1", port)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_silent_address_holds_nobody_up(silent, monkeypatch, run):
    monkeypatch.setattr(dialling, "STAGGER_SECONDS", 0.01)
    silent_ones = (SILENT,) * 7

    # A minute is there, so whoever waited for the silent ones would not pass unseen.
    assert dialled(where(silent, *silent_ones, "127.0.0.1"), 60, run)[0] == ("127.0.0.1", silent)


def test_all_silent_addresses_share_one_time(silent):
    with pytest.raises(TimeoutError):
        dialled(where(silent, *(SILENT,) * 8), 0.05)


def test_whoever_gets_through_as_well_is_hung_up_on(monkeypatch):
    """Two that answer in the same moment: one line is kept, and the other does not stay open."""
    made = []
    second = asyncio.Event()

    async def together(address, port):
        made.append(socket.socket())
        if len(made) == 2:
            second.set()
        await second.wait()
        return made[-1] if address == ip_address("127.0.0.2") else made[0]

    monkeypatch.setattr(dialling, "_connected", together)
    monkeypatch.setattr(dialling, "STAGGER_SECONDS", 0)
    asyncio.run(dial(where(1, "127.0.0.1", "127.0.0.2"), 2)).close()

    assert [line.fileno() for line in made] == [-1, -1]


def test_families_take_turns():
    mixed = where(1, "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1").addresses

    assert [str(one) for one in in_turns(mixed)] == [
        "2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3",
    ]  # fmt: skip


def test_small_writes_do_not_wait_for_each_other(port):
    assert dialled(where(port, "127.0.0.1"))[1] == socket.IPPROTO_TCP


@pytest.mark.parametrize("first", ["refused", "no way"])
def test_a_refusal_says_more_than_that_no_way_leads_there(monkeypatch, first):
    refused = OSError(errno.ECONNREFUSED, "refused")
    no_way = OSError(errno.ENETUNREACH, "no way")
    failures = {"127.0.0.1": refused, "2001:db8::1": no_way}

    async def failing(address, port):
        raise failures[str(address)]

    monkeypatch.setattr(dialling, "_connected", failing)
    order = ["127.0.0.1", "2001:db8::1"] if first == "refused" else ["2001:db8::1", "127.0.0.1"]
    with pytest.raises(OSError, match="refused"):
        dialled(where(1, *order))


def test_nowhere_to_go_is_a_failure():
    with pytest.raises(OSError, match="no address"):
        dialled(where(1))


def test_a_cancel_at_the_last_moment_loses_no_line(port, monkeypatch):
    """Whoever dials either gets the line and can close it, or it is closed."""
    first = dialling._first
    lines = []

    async def found_too_late(target, tries):
        lines.append(await first(target, tries))
        asyncio.current_task().cancel()
        return lines[0]

    monkeypatch.setattr(dialling, "_first", found_too_late)

    async def main():
        line = None
        try:
            line = await dial(where(port, "127.0.0.1"), 2)
            await asyncio.sleep(0)
        finally:
            if line is not None:
                line.close()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert lines[0].fileno() == -1
