"""A name server on 127.0.0.1, over UDP and TCP, that answers from a table. Nothing leaves the machine.

server.zone["example.org", "TXT"] = ["v=spf1 -all"]
server.zone["alias.example.org", "CNAME"] = ["example.org"]
server.broken["example.org"] = "servfail" | "silence" | "garbage" | "refused"
"""

import socketserver
import struct
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from mailrith.core import config

UDP_LIMIT = 1232
CHAIN = 20


class NameServer:
    """`zone` is (name, type) -> values; `asked` are the questions in order."""

    def __init__(self):
        self.zone = {}
        self.broken = {}
        self.asked = []
        self.tcp_questions = 0
        self._udp, self._tcp = _pair()
        self.address = self._udp.server_address
        for server in (self._udp, self._tcp):
            server.names = self
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def text(self, name, *values):
        self.zone[name, "TXT"] = list(values)

    def stop(self):
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, packet, *, udp):
        """The answer as bytes; None is silence."""
        query = dns.message.from_wire(packet)
        question = query.question[0]
        name, kind = question.name.to_text().rstrip(".").lower(), question.rdtype
        self.asked.append((name, dns.rdatatype.to_text(kind)))
        self.tcp_questions += not udp
        trouble = self.broken.get(name)
        if trouble == "silence":
            return None
        if trouble == "garbage":
            return packet[:2] + b"\xff" * 9
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if trouble:
            reply.set_rcode(dns.rcode.from_text(trouble))
        else:
            self._fill(reply, name, kind)
        wire = reply.to_wire(max_size=65535)
        if udp and len(wire) > UDP_LIMIT:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        return wire

    def _fill(self, reply, name, kind):
        for _ in range(CHAIN):
            alias = self.zone.get((name, "CNAME"))
            if not alias or kind == dns.rdatatype.CNAME:
                break
            reply.answer.append(_records(name, "CNAME", alias))
            name = alias[0]
        found = self.zone.get((name, dns.rdatatype.to_text(kind)))
        if found:
            reply.answer.append(_records(name, dns.rdatatype.to_text(kind), found))
        elif not any(known == name for known, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)


def _records(name, kind, values):
    if kind == "TXT":
        values = [_quoted(value) for value in values]
    if kind in {"CNAME", "MX"}:
        values = [value if value.endswith(".") else value + "." for value in values]
    return dns.rrset.from_text(name + ".", 60, "IN", kind, *values)


def _quoted(value):
    """A text as several strings of at most 255 bytes; bytes that are no text are escaped."""
    blob = value if isinstance(value, bytes) else value.encode()
    parts = [blob[at : at + 255] for at in range(0, len(blob), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{byte:03d}" for byte in part) + '"' for part in parts)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


class _UdpQuestion(socketserver.BaseRequestHandler):
    def handle(self):
        packet, line = self.request
        answer = self.server.names.answer(packet, udp=True)
        if answer is not None:
            line.sendto(answer, self.client_address)


class _TcpQuestion(socketserver.StreamRequestHandler):
    def handle(self):
        self.request.settimeout(2)
        try:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            answer = self.server.names.answer(self.rfile.read(length), udp=False)
        except (TimeoutError, struct.error):
            return
        if answer is not None:
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _pair():
    """Both on one port: UDP takes any that is free, and now and then somebody else has it for TCP."""
    while True:
        udp = _Udp(("127.0.0.1", 0), _UdpQuestion)
        try:
            return udp, _Tcp(udp.server_address, _TcpQuestion)
        except OSError:
            udp.server_close()


@pytest.fixture
def names(app, monkeypatch):
    """A name server that the app asks in place of the machine's."""
    import dataclasses

    server = NameServer()
    settings = config.current()
    monkeypatch.setattr(
        config, "_current", dataclasses.replace(settings, dns_servers=(server.address,))
    )
    yield server
    server.stop()


@pytest.fixture
def lookup():
    """A name server, and a Lookup that asks it: (server, lookup maker)."""
    from mailrith.connections.sender_checks.lookup import Lookup

    server = NameServer()
    yield server, lambda **options: Lookup((server.address,), **options)
    server.stop()
